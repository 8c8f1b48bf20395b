"""The list of members and a member's page: what the roster says, the score with its reasons, the archive.

The page of one member is put together from parts that others have too: record, archive, form.
"""
