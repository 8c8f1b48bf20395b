"""How passwords are stored: Argon2id with OWASP's smallest parameters, and never many at once."""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2
"""How many passwords one process hashes at the same moment; the others wait, so that memory stays bounded."""

_SEATS = BoundedSemaphore(AT_ONCE)


class SmallArgon2Hasher(Argon2PasswordHasher):
    """19 MiB, two passes, one lane, two passwords at once: Django's own takes 100 MiB for each that is tried."""

    memory_cost = 19 * 1024
    """KiB."""
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The stored form of a password."""
        with _SEATS:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is the stored one."""
        with _SEATS:
            return super().verify(password, encoded)
