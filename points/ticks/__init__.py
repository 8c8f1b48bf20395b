"""The tick sheet: what each square is and why, and saving many, each answered for itself."""
