"""Signing in by phone: opening it, its code to scan, closing it."""
