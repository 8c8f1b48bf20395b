"""From the ledger to a score and its words: the rulebook in force, facts, score sheets, frozen lines, reasons, outlook.

The engine itself is `points.rules`; here it is fed from tables and its answers are written for people.
"""
