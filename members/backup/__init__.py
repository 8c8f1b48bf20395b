"""Backing up the running site into a directory, and putting such a directory back.

A backup holds one snapshot of the database, the evidence files, a manifest with the hash of each, and a seal over the
manifest. It never holds the keys: `.env` with `SECRET_KEY`, `PERSONAL_DATA_KEYS` and `PERSONAL_DATA_HASH_KEY` is kept
somewhere else. Without it nothing in a backup can be read that is encrypted, none can be made that would be taken for
one of this site, and none is restored.
"""
