"""Personal numbers, grounds and statements at rest: encrypted columns with rotatable keys, and a keyed hash to find and
compare numbers.

`PERSONAL_DATA_KEYS` lists Fernet keys: the first encrypts, all decrypt (rotation: put the new key first, `manage.py
rotate_keys`, drop the old one).
`PERSONAL_DATA_HASH_KEY` is separate, because a hash cannot be rotated without the plain values.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.lookups import Exact, IsNull


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt_text(plain: str) -> str:
    """Encrypt a personal number for storage; the empty string stays empty."""
    return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).encrypt(plain.encode()).decode() if plain else ""


def decrypt_text(stored: str) -> str:
    """The plain value of a stored one; raises `cryptography.fernet.InvalidToken` when no key fits."""
    return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).decrypt(stored.encode()).decode() if stored else ""


def renew_text(stored: str) -> str:
    """A stored value under the first key: itself where it is so already. Raises `InvalidToken` when no key fits."""
    keys = tuple(settings.PERSONAL_DATA_KEYS)
    try:
        Fernet(keys[0]).decrypt(stored.encode())
    except InvalidToken:
        return _cipher(keys).rotate(stored.encode()).decode()
    return stored


def encrypt_bytes(plain: bytes) -> bytes:
    """Encrypt a file's content for storage."""
    return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).encrypt(plain)


def decrypt_bytes(stored: bytes) -> bytes:
    """The plain content of a stored one; raises `cryptography.fernet.InvalidToken` when no key fits."""
    return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).decrypt(stored)


def keyed_hash(plain: str) -> str:
    """64 hex digits that let equal values be matched without being readable; empty for the empty string."""
    if not plain:
        return ""
    return hmac.new(settings.PERSONAL_DATA_HASH_KEY.encode(), plain.encode(), hashlib.sha256).hexdigest()


def derive_key(purpose: str, *, salt: bytes = b"") -> bytes:
    """32 bytes for one purpose, from the key that never changes (HKDF); they tell nothing of it or of each other."""
    key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"points {purpose}".encode())
    return key.derive(settings.PERSONAL_DATA_HASH_KEY.encode())


def sign_bytes(data: bytes, *, purpose: str) -> str:
    """The HMAC-SHA256 of something this site made, in hex: who has not its keys cannot make it."""
    return hmac.new(derive_key(purpose), data, hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text stored encrypted and read in the clear; not searchable: keep a `keyed_hash` column beside it.

    The database can only say whether there is one: whoever asks it for more gets a `FieldError`, not an empty answer.
    """

    def get_prep_value(self, value: Any) -> Any:
        return encrypt_text(value) if value is not None else None

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return decrypt_text(value) if value is not None else None

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        """Whether it is NULL, or empty; Django says of every other lookup that it is not supported."""
        return {"isnull": IsNull, "exact": IsEmpty}.get(lookup_name)


class IsEmpty(Exact):  # type: ignore[type-arg]
    """`column = ''`: the one comparison of an encrypted column that can be true."""

    def get_prep_lookup(self) -> str:
        """The empty string. Raises `FieldError` for another value, which the column never equals."""
        if self.rhs != "":
            raise FieldError("An encrypted column cannot be searched.")
        return ""


@lru_cache(maxsize=64)
def encrypted_columns(model: type[models.Model]) -> frozenset[str]:
    """The names of a model's encrypted columns."""
    return frozenset(column.name for column in model._meta.concrete_fields if isinstance(column, EncryptedTextField))


def hash_columns(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, str]:
    """The hashes that stand beside those of `values` that are encrypted: `phone_hash` for `phone`."""
    return {f"{name}_hash": keyed_hash(values[name]) for name in values if name in encrypted_columns(model)}
