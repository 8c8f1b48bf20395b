"""Correcting an approved line (D10): the verb, its figures before it is saved, and the correction notice."""
