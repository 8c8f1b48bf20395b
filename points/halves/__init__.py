"""What a submitted, approved or final half forbids, for every verb that writes to it."""
