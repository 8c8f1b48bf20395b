"""The chain of seals: every transaction ends with one that holds the hash of every row it wrote or changed.

Triggers note the rows, the commit hashes them (`foundation.databases`); no verb can forget it. A row changed, added or
removed past the program is then not what its last seal says, and is named (`members.seals.verification`).
"""
