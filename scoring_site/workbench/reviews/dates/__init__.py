"""The days a town sets for each half.

They remind branches and bind nobody.
"""
