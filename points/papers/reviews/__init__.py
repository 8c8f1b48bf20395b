"""Papers of a half: the table to sign, and the result slips."""
