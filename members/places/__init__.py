"""Towns and branches, and the days that a town works.

Which of them somebody may see or change is asked of `members.access`.
"""
