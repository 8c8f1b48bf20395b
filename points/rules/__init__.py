"""The regulation as a pure package: standard library only, no clock, no database.

Points are integer tenths, money is integer fen (D23).
"""
