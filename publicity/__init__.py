"""Notices with their counted days, objections, and corrections of approved lines (3.3), on top of reviews."""
