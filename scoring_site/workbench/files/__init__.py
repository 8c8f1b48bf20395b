"""Files in and out: imports with preview and confirmation, exports.

What a file may hold and what it changes is said in `members.roster_files`, `points.imports` and `points.papers`.
"""
