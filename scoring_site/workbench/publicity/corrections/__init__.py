"""Correcting an approved line: whom, what, old and new figures before it is saved.

The verb and the figures are in `publicity.corrections`.
"""
