"""Which file proves which record, and the one rule who may see it; sending a file to who may."""
