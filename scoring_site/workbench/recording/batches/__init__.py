"""Batches: what was recorded in one go, seen and voided as one.

Voiding one shows its lines first.
"""
