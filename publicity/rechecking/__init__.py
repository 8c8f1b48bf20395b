"""更正的复核 (D10): a correction is entered by one officer and carried out, or refused, by another."""
