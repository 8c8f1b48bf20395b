"""Notices, the publicity clock and objections (regulation 3.3), on top of the reviews in `points`."""
