"""Towns and branches, and the days that a town works."""
