"""Records from files: the records workbook and the tick workbook, matched against the ledger, written as one batch."""
