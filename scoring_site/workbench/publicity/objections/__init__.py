"""Objections: the list, registering one from paper or telephone, answering it.

Objections that members raise themselves come in by the portal.
"""
