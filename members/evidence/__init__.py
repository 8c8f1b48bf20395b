"""Files that prove something: what an upload really is, told from its bytes, and keeping it.

Which record a file proves is said in `points.evidence.links`.
"""
