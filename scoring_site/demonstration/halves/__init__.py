"""How the halves of the demonstration town go: reviews, notices, objections, confirmations, ratings.

Each branch has a course of its own, so that every state of a half can be seen.
"""
