"""The demonstration town (`manage.py demo`): invented people, and two years of records entered as people enter them."""
