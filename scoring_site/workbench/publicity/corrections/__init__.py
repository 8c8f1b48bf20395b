"""Correcting an approved line: whom, what, old and new figures before it is saved."""
