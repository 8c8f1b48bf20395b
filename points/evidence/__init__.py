"""Which file proves which record, and the one rule who may see it; sending a file to who may.

The files themselves are kept by `members.evidence`.
"""
