"""全镇总览: how all branches of a town stand on one page, its A4 paper, its workbook; one click reminds a late one.

The same page, narrowed, is a general branch's, and a supervisor's to read.
"""
