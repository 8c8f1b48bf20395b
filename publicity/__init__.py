"""Notices, the publicity clock and objections (regulation 3.3); the review and its publication come on top of `points`."""
