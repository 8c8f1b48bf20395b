"""The days a town sets for each half."""
