"""Characters that no font of a machine under test has: the last of a late block, and one of an office's own."""

RARE = "\U000323af"
OFFICE_OWN = "\ue863"
