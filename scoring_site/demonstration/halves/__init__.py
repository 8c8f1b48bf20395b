"""How the halves of the demonstration town go: reviews, notices, objections, confirmations, ratings."""
