"""`verify_ledger`: everything stored against itself, and what was frozen against its records.

It reads and compares alone: what differs is named for people to judge, nothing is mended.
"""
