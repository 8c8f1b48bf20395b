"""The one JSON text of some data, and the hash that names a text: rulebooks, frozen lines and chains rest on both."""

import hashlib
import json
from typing import Any


def to_canonical(data: Any) -> str:
    """The one JSON text of the data: sorted keys, no spaces, characters as they are."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_text(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
