"""The export of a year's records, importable again: its rows and its workbook."""
