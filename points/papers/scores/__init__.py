"""积分一览: a year's scores of some branches as they stand, and the workbook of what the screen shows of them.

Whose they are and in which order, the screen says (`scoring_site/workbench/results/scores.py`).
"""
