"""更正的复核 (D10): a correction is entered by one officer and carried out, or refused, by another.

The plan is stored as it was entered; carrying it out, with its figures, is `publicity.corrections`.
"""
