"""What the town's staff keep: towns and branches, accounts, rulebooks, requests about data, the log.

Branches see of it what concerns them; only the town changes it.
"""
