"""The roster as a workbook: read, matched, imported, taken back, and written out again."""
