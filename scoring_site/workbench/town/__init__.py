"""What the town's staff keep: towns and branches, accounts, rulebooks, requests about data, the log."""
