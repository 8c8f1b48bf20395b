"""Notices: preparing, posting, closing, their papers, and the way to them from a review."""
