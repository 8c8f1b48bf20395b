"""Correcting an approved line (D10): the verb, its figures before it is saved, and the correction notice.

`correct_line` is the one way to change an approved line, whoever found the fault.
"""
