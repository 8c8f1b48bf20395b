"""The export of a year's records, importable again: its rows and its workbook.

Its columns are those that `points.imports` reads.
"""
