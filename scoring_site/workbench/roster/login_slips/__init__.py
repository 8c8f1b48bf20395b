"""Codes for first logins: whom they are for, and the slips on paper."""
