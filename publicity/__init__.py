"""Notices with their counted days, objections, and corrections of approved lines (3.3), on top of reviews.

Approving is `points.reviews`; from here on a line changes by a correction alone.
"""
