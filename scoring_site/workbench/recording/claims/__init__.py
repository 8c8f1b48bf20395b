"""Members' claims and the answers to them.

Likely duplicates stand beside the claim before it is answered.
"""
