"""Files that prove what was recorded: kept, opened, added, voided."""
