"""What follows from a final year (4): ratings."""
