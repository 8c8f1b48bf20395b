"""The tick sheet: what each square is and why, and saving many, each answered for itself.

What a square earns is written by `points.records`, under the same locks as any other record.
"""
