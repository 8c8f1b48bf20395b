"""Codes for first logins: whom they are for, and the slips on paper.

A slip shows its code once; what is stored is its hash.
"""
