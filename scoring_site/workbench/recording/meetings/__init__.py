"""Meetings: the list, a meeting's page, recording and changing one, and its attendance.

The monthly meeting is entered quicker on the month.
"""
