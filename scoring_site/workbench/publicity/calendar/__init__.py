"""Channels a town requires, and its days off."""
