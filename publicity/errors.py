"""What publication refuses, one class per reason; the messages are translated and say what to do."""

from __future__ import annotations

from members.errors import DomainError


class UnknownWorkYear(DomainError):
    """Neither the built-in calendar nor the town's table knows the days off of a year."""


class NoticeRefused(DomainError):
    """The notice cannot be prepared, posted or closed now; the message lists what is missing."""


class ObjectionRefused(DomainError):
    """The objection lacks something, or was answered before."""


class WorkYearRefused(DomainError):
    """The days off and make-up workdays entered for a year contradict each other or are not the whole year's."""
