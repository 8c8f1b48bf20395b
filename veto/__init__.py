"""Findings (2.3.3, 2.3.4): deductions and vetoes proposed, told, answered and decided (D18); candidates; letters.

Only a confirmed finding counts; `points` reads the tables (`veto.models`) and never the verbs.
"""
