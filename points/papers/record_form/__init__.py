"""The record form of a member (记录表, 6): what stands in it, and its PDF.

One form serves a member and, one after the other, a whole branch.
"""
