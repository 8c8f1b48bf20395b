"""Notices: preparing, posting, closing, their papers, and the way to them from a review.

Posting on paper, in the group and on the web are entered here; members read it in the portal.
"""
