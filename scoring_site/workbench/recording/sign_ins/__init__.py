"""Signing in by phone: opening it, its code to scan, closing it.

Who signed in is offered to the meeting's form; it is no record yet.
"""
