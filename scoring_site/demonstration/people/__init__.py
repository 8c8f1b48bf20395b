"""Who lives in the demonstration town: the roster, names, habits, moves, and who plays which part."""
