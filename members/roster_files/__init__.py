"""The roster as a workbook: read, matched, imported, taken back, and written out again.

What a column is called and how its cell is read is declared once, in `members.people.fields`.
"""
