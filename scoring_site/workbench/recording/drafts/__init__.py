"""Drafts of assistants, and what becomes of them.

The recorder confirms or returns one; the assistant may withdraw it.
"""
