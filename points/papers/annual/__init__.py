"""The annual report (年度积分汇总): its rows, its workbook, and what of a year is settled.

Figures come from `points.scoring`, or frozen from a final half; nothing is scored here.
"""
