"""Changes of the roster that reach a score: moves, leaving, exemptions, and what closed halves forbid."""
