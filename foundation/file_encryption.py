"""Encrypting files of any size in chunks: nobody can read them, change, swap, cut off or add one unnoticed.

After a salt, from which the file's own key comes, stand the chunks, each encrypted and authenticated (AES-256-GCM)
under its number; the last one says that it is the last (the STREAM construction). What the file is called is
authenticated with each, so that one file cannot stand for another.
"""

from __future__ import annotations

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.encryption import derive_key

CHUNK = 1024 * 1024
TAG = 16
SALT = 32


class Altered(Exception):
    """The file is not what was encrypted, is not all of it, or was encrypted under another key or name."""


class Source(Protocol):
    """What is read from: all that `size` asks for, less only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Target(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> object: ...


def encrypt_file(source: Source, target: Target, *, name: str) -> None:
    """Write the encrypted form of a file that is called `name`."""
    salt = os.urandom(SALT)
    cipher = AESGCM(derive_key("files", salt=salt))
    target.write(salt)
    number, chunk = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        target.write(cipher.encrypt(_nonce(number, is_last=not following), chunk, name.encode()))
        if not following:
            return
        number, chunk = number + 1, following


def decrypt_file(source: Source, target: Target, *, name: str) -> None:
    """Write the plain form of an encrypted file; what was written is worth nothing where this raises.

    Raises:
        Altered.
    """
    salt = source.read(SALT)
    cipher = AESGCM(derive_key("files", salt=salt))
    number, chunk = 0, source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            target.write(cipher.decrypt(_nonce(number, is_last=not following), chunk, name.encode()))
        except (InvalidTag, ValueError) as error:
            raise Altered(name) from error
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
