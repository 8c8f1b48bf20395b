"""Meetings with their attendance: holding and changing one, sign-in by phone, a branch's month, what is still owed."""
