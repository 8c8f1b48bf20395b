"""Batches: what was recorded in one go, seen and voided as one."""
