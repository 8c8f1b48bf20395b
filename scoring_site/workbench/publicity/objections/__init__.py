"""Objections: the list, taking one down from paper or telephone, answering it."""
