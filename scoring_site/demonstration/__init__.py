"""The demonstration town (`manage.py demo`): invented people, and two years of records entered as people enter them.

Everything is entered through the verbs that people use, so that it obeys every rule.
"""
