"""Members' claims: filed, revised, withdrawn; accepted, returned, rejected."""
