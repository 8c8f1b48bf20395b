"""`verify_ledger`: everything stored against itself, and what was frozen against its records."""
