"""What a recorder does by the month: month, tick sheet, meetings, activities, sign-ins, claims, drafts, files.

A folder or module per screen; `drafting` is what recorders and assistants share.
"""
