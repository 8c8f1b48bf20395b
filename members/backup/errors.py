"""Why a backup is not made or not restored."""

from __future__ import annotations

from foundation.errors import DomainError


class BackupRefused(DomainError):
    """A backup cannot be written here, or what is here is not a whole backup of this site as it was made."""


class RestoreRefused(DomainError):
    """The backup does not fit this installation, or there is something here that it would overwrite."""
