"""Objections (3.3): raised, looked into, answered; who sees and who handles them; the days for an answer; papers.

An answer may be a correction, which is a verb of its own.
"""
