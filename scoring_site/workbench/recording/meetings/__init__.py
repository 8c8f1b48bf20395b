"""Meetings: the list, a meeting's page, recording and changing one, and its attendance."""
