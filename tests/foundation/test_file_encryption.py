"""Files encrypted in chunks: any size comes back, and none of the ways to change one goes unnoticed."""

from __future__ import annotations

from io import BytesIO

import pytest

from foundation.file_encryption import CHUNK, SALT, TAG, Altered, decrypt_file, encrypt_file


def encrypted(plain: bytes, name: str = "a") -> bytes:
    target = BytesIO()
    encrypt_file(BytesIO(plain), target, name=name)
    return target.getvalue()


def decrypted(stored: bytes, name: str = "a") -> bytes:
    target = BytesIO()
    decrypt_file(BytesIO(stored), target, name=name)
    return target.getvalue()


def chunks(stored: bytes) -> list[bytes]:
    body = stored[SALT:]
    return [body[start : start + CHUNK + TAG] for start in range(0, len(body), CHUNK + TAG)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
def test_any_size_comes_back(size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    stored = encrypted(plain)
    assert decrypted(stored) == plain
    assert len(stored) == SALT + size + TAG * max(1, -(-size // CHUNK))


def test_the_same_file_is_never_encrypted_alike() -> None:
    assert encrypted(b"x" * 100) != encrypted(b"x" * 100)


THREE = b"1" * CHUNK + b"2" * CHUNK + b"3"
CHANGES = {
    "nothing left": lambda salt, parts: b"",
    "the salt alone": lambda salt, parts: salt,
    "cut within a chunk": lambda salt, parts: salt + parts[0] + parts[1][:-1],
    "the last chunk cut off": lambda salt, parts: salt + parts[0] + parts[1],
    "the first chunk cut off": lambda salt, parts: salt + parts[1] + parts[2],
    "two chunks changed over": lambda salt, parts: salt + parts[1] + parts[0] + parts[2],
    "a chunk twice": lambda salt, parts: salt + parts[0] + parts[0] + parts[2],
    "the end once more": lambda salt, parts: salt + b"".join(parts) + parts[2],
    "a byte added": lambda salt, parts: salt + b"".join(parts) + b"x",
    "a byte changed": lambda salt, parts: salt + b"".join(parts)[:-1] + bytes([parts[2][-1] ^ 1]),
    "another salt": lambda salt, parts: bytes(SALT) + b"".join(parts),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_is_done_to_it_is_noticed(change: object) -> None:
    stored = encrypted(THREE)
    assert callable(change)
    with pytest.raises(Altered):
        decrypted(change(stored[:SALT], chunks(stored)))


def test_another_name_or_key_does_not_fit(settings: object) -> None:
    stored = encrypted(b"x")
    with pytest.raises(Altered):
        decrypted(stored, name="b")
    settings.PERSONAL_DATA_HASH_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(Altered):
        decrypted(stored)
