"""The half-year review (3.2): steps and guards, who is in it, the half as one table, late records, confirmations."""
