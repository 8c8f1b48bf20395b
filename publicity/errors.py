"""What publication refuses, one class per reason; the messages are translated and say what to do."""

from __future__ import annotations

from foundation.errors import DomainError


class NoticeRefused(DomainError):
    """The notice cannot be prepared, posted or closed now; the message lists what is missing."""


class ObjectionRefused(DomainError):
    """The objection lacks something, or was answered before."""
