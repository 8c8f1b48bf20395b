"""One event and many: what an entry must meet, writing, likely duplicates, what it would add, voiding.

Every way in ends here: screens, ticks, meetings, claims, drafts, imports, corrections.
"""
