"""Deductions and vetoes: their lists, the steps from proposal to decision, and who may need a visit.

The steps call the verbs of `veto`; who may see a ground is asked there for each look.
"""
