"""The ledger and its reading (2.2–2.3.2, 3.1–3.2, 4): a folder per idea, from `rules` and `models` up to `papers`.

Folders import downwards only, as `pyproject.toml` spells it out; neighbours do not know each other.
"""
