"""What is recorded in the demonstration town: two years of meetings, activities, claims, findings and voids.

A day is entered by who would enter it, in the order in which it happened.
"""
