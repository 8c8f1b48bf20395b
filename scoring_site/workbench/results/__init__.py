"""What follows from a year's scores: ratings."""
