"""What recording and scoring refuse, one class per reason; the messages are translated and say what to do."""

from __future__ import annotations

from foundation.errors import DomainError


class NoRulebook(DomainError):
    """The town adopted no rulebook for the year (D1)."""


class RulebookFrozen(DomainError):
    """A half of the year was submitted: its rulebook can no longer be replaced."""


class UnknownItem(DomainError):
    """The rulebook of the year has no such item, deduction or veto ground."""


class WrongPeriod(DomainError):
    """A base item without a period of its own kind, or an incentive item with one (D2, D3)."""


class WrongPoints(DomainError):
    """Points outside 0.1 to the item's cap, or points where the rulebook alone decides (D5)."""


class LeadNotPossible(DomainError):
    """A leading role on a base item; only incentive items double (2.3.2.D)."""


class PaymentNotPossible(DomainError):
    """An amount, or somebody who paid, for an item that is not dues (D25)."""


class AmountMissing(DomainError):
    """Of dues the amount due without the amount paid, or the other way round (D25)."""


class PaidTooLittle(DomainError):
    """Less was paid than was due: the month does not count (D25)."""


class FutureDate(DomainError):
    """The date lies after today."""


class DuplicateBaseRecord(DomainError):
    """The member already has a live record for this base item and period (D2)."""


class NotOnRoster(DomainError):
    """The member belongs to no branch of the town, or not to this one, on the day."""


class OutOfScope(DomainError):
    """The member was not in the scheme then: before they came, after they left, or exempt (D15, D16)."""


class UnknownStatus(DomainError):
    """An attendance that is none of the ways of taking part (D24)."""


class MissedMeeting(DomainError):
    """The member is on a meeting's list as absent or excused: the attendance is what must be changed (D24)."""


class AttendanceChanged(DomainError):
    """Somebody else changed the attendance after the form was opened."""


class MadeUpTooLate(DomainError):
    """A make-up session for a half that was submitted (D24)."""


class MeetingVoided(DomainError):
    """The meeting's batch was voided: nothing of it can be changed any more."""


class OtherHalf(DomainError):
    """A meeting's day is put right within its half only (D30)."""


class NothingToChange(DomainError):
    """Everything stands as given already."""


class AnnouncementRefused(DomainError):
    """A meeting cannot be announced so: a day that is over, announced already, withdrawn or recorded by now."""


class LeaveRefused(DomainError):
    """Leave cannot be asked for, answered or taken back: the meeting is recorded, withdrawn, or not the member's."""


class GuidanceRefused(DomainError):
    """A remark from above is on a half that has not begun, or was read and answered before."""


class ReminderRefused(DomainError):
    """A branch is reminded of nothing: it is late with nothing, has no officer, or was reminded today already."""


class SignInRefused(DomainError):
    """The sign-in's hours do not fit, another one is open, or its meeting was recorded (D24)."""


class NotSignedIn(DomainError):
    """A scan outside the sign-in's hours, or by somebody who is no member of the branch."""


class MeetingHeld(DomainError):
    """The branch's month already has a meeting of this kind: it is changed there, not entered a second time."""


class NothingToRecord(DomainError):
    """The form was saved without anything ticked."""


class BelongsToMeeting(DomainError):
    """The record came from a meeting's attendance: change the attendance instead."""


class FindingNotReady(DomainError):
    """The finding lacks a step before the one asked for (D18), or its decision was already made."""


class PapersMissing(DomainError):
    """The ground asks for papers the proposal does not name (D18)."""


class HeldBack(DomainError):
    """The proposal goes to the town's staff first; nothing else happens before they let it through (D18)."""


class DaysNotOver(DomainError):
    """The member did not answer, and the five working days to do so are not over (D18)."""


class ExemptionRefused(DomainError):
    """The exemption does not meet 2.1 or D15."""


class MembershipRefused(DomainError):
    """The move contradicts what stands on the roster."""


class HalfLocked(DomainError):
    """The half is submitted, or its year is final: nothing can be recorded or voided for it now (D20)."""


class RecordFrozen(DomainError):
    """A frozen line counted the record: only a correction can void it (D10, D20)."""


class TransitionRefused(DomainError):
    """The review is not in the state for this step, or the step lacks something; the message lists what."""


class NothingToDeclare(DomainError):
    """Nothing of a year's end is open to be declared as not held (D3)."""


class ReviewDatesRefused(DomainError):
    """The dates of a half lie before its end, or are out of order."""


class CorrectionRefused(DomainError):
    """The correction lacks its meeting, reason, consent or any change (D10)."""


class ConfirmationRefused(DomainError):
    """The line is not one that can be confirmed, or was confirmed before (D26)."""


class RatingRefused(DomainError):
    """The year is not final, or the score, the category or the date does not allow the rating (D14)."""


class NothingToPrint(DomainError):
    """The paper asked for would be empty: nobody is scored there that year."""


class PaperNotMade(DomainError):
    """Laying a paper out took longer or more memory than one may, or others are laid out just now."""


class ClaimRefused(DomainError):
    """The claim is not in the state for this step, says too little, or too many are open."""


class DraftRefused(DomainError):
    """The draft is empty, or was confirmed, returned or withdrawn before."""


class PaperMissing(DomainError):
    """The step counts only with a photo or scan of what was signed on paper (D18)."""


class AppealRefused(DomainError):
    """The finding does not stand, its days to appeal are over, or the appeal was answered before (D18)."""
