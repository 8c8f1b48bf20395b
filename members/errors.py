"""What members and the apps above refuse, one class per reason; each message is translated and says what to do."""

from __future__ import annotations

from foundation.errors import DomainError


class DuplicateBatch(DomainError):
    """The form with this token was already saved: a double click or a resent page (nothing is written twice)."""


class MissingReason(DomainError):
    """A void, revocation or look at grounds was asked for without saying why."""


class TextTooLong(DomainError):
    """What somebody wrote is longer than what can be kept; it is never cut."""


class AlreadyVoided(DomainError):
    """The row was voided before; a void cannot be repeated or undone."""


class NotAllowed(DomainError):
    """The actor may see the object but not do this to it."""


class AccountLimited(NotAllowed):
    """The account shows scores and notices only, until the town has confirmed that its password was reset (D29)."""


class RosterRefused(DomainError):
    """The branch or member contradicts what stands on the roster, or lacks what it needs."""


class DemonstrationApart(DomainError):
    """A real town and the demonstration, whose passwords everybody knows, would stand in one database."""


class AccountRefused(DomainError):
    """The account or appointment contradicts what stands: a taken user name, another town, a misplaced role."""


class UnknownWorkYear(DomainError):
    """Neither the built-in calendar nor the town's table knows the days off of a year."""


class WorkYearRefused(DomainError):
    """The days off and make-up workdays entered for a year contradict each other or are not the whole year's."""


class LoginCodeRefused(DomainError):
    """The code of a login slip is unknown, used, replaced or over."""


class DataRequestRefused(DomainError):
    """A request about personal data was answered before, or too many wait."""


class InformingRefused(DomainError):
    """An entry of the register of who was informed contradicts itself, or lacks what it needs."""


class ResolutionRefused(DomainError):
    """A meeting without quorum or minutes, or numbers of votes that do not add up (D19)."""


class JobRefused(DomainError):
    """What was asked of the worker cannot be: too much waits already, it is over, or its file is gone."""
