"""Drafts of assistants, and what becomes of them."""
