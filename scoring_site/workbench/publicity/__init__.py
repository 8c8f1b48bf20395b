"""Notices, objections and corrections, and the calendar by which days are counted.

The verbs are in the app `publicity`.
"""
