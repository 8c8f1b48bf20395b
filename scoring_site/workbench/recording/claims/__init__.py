"""Members' claims and the answers to them."""
