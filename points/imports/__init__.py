"""Records from files: the records workbook and the tick workbook, matched against the ledger, written as one batch.

Opening and inspecting a file is `foundation.workbooks`; what a record must meet is asked of `points.records`.
"""
