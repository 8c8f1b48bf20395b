"""Who may log in and holds which role: making and ending accounts and appointments, passwords, codes of login slips.

What a role may do is asked of `members.access`.
"""
