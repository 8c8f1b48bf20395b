"""Claims (积分申报, 3.1): a member says what they did and shows it; who records answers, and only then it counts.

Accepting writes one point event through `points.records.recording`, under its guards. Nobody answers their own claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.access import Action, is_own_case, reach_of, require_member_action, rows_for
from members.errors import DuplicateBatch, NotAllowed
from members.evidence.documents import InspectedFile
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Appointment, Branch, Member, Notification, RecordBatch, User
from members.notifications import notify_users
from members.selectors import branch_on, holders_of, members_in
from points.errors import ClaimRefused, NotOnRoster, UnknownItem
from points.evidence.links import attach_evidence, void_evidence_link
from points.models import Claim, EvidenceLink
from points.records.entries import EventEntry, check_entry
from points.records.recording import record_events
from points.records.scope import refuse_out_of_scope
from points.rules.periods import half_of
from points.scoring.adoption import rulebooks_of

MOST_OPEN = 30
"""Open claims of one member."""
DEED_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Deed:
    """What a member says they did; `points` are tenths before doubling, None where the recorder is to say."""

    item: str
    date: date
    deed: str
    points: int | None = None
    led: bool = False


# The member's verbs


def file_claim(
    *, actor: User, now: datetime, deed: Deed, files: Sequence[InspectedFile] = (), token: UUID | None = None
) -> Claim:
    """File a claim for oneself; the branch's recorder is told.

    Raises:
        NotAllowed: the account belongs to no member.
        NotOnRoster: the member is in no branch today.
        ClaimRefused: nothing is said of what was done, or too many claims are open.
        NoRulebook, UnknownItem, WrongPoints, FutureDate, OutOfScope: as for a record.
        DuplicateBatch: the form was sent before.
        EvidenceRefused, StoreFailed: a file cannot be kept.
    """
    member = _own_member(actor)
    branch = _branch_of(member, now=now)
    _check_deed(member, deed, now=now)
    with transaction.atomic():
        lock_for_score(branch_ids=[], member_ids=[member.pk])
        if token is not None and Claim.objects.filter(uuid=token).exists():
            raise _sent_before()
        if Claim.objects.filter(member=member, state__in=Claim.OPEN).count() >= MOST_OPEN:
            raise ClaimRefused(
                _("%(count)d of your claims are still open. Wait until they are answered, or withdraw one.")
                % {"count": MOST_OPEN}
            )
        try:
            with transaction.atomic():
                claim = Claim.objects.create(uuid=token or uuid4(), member=member, filed_at=now, **asdict(deed))
        except IntegrityError as error:
            raise _sent_before() from error
        attach_evidence(actor=actor, now=now, files=files, subject=claim)
        log_change(actor=actor, now=now, town=member.town, verb="file_claim", subject=claim, new=_say(claim))
        _tell_recorders(claim, branch, now=now)
    return claim


def revise_claim(
    *,
    actor: User,
    now: datetime,
    claim: Claim,
    deed: Deed,
    files: Sequence[InspectedFile] = (),
    take_away: Collection[EvidenceLink] = (),
) -> None:
    """Change a claim that was returned, and file it again; the remark stays until the new answer.

    Raises:
        ClaimRefused: it was not returned; else as `file_claim`.
    """
    member = _own_claims_member(actor, claim)
    branch = _branch_of(member, now=now)
    _check_deed(member, deed, now=now)
    with _locked([claim], Claim.State.RETURNED):
        old = _say(claim)
        for name, value in asdict(deed).items():
            setattr(claim, name, value)
        claim.state, claim.filed_at = Claim.State.WAITING, now
        claim.save()
        for link in take_away:
            if link.claim_id == claim.pk and not link.is_void:
                void_evidence_link(actor=actor, now=now, link=link, reason=_("taken back by the member"))
        attach_evidence(actor=actor, now=now, files=files, subject=claim)
        log_change(actor=actor, now=now, town=member.town, verb="revise_claim", subject=claim, old=old, new=_say(claim))
        _tell_recorders(claim, branch, now=now)


def withdraw_claim(*, actor: User, now: datetime, claim: Claim) -> None:
    """Take an open claim back; it stays readable.

    Raises:
        ClaimRefused: it was decided or withdrawn before.
    """
    member = _own_claims_member(actor, claim)
    with _locked([claim], *Claim.OPEN):
        claim.state = Claim.State.WITHDRAWN
        claim.save(update_fields=["state"])
        log_change(actor=actor, now=now, town=member.town, verb="withdraw_claim", subject=claim)


# The answers


def accept_claim(
    *,
    actor: User,
    now: datetime,
    claim: Claim,
    points: int,
    led: bool,
    remark: str = "",
    filed: str = "",
    others: Sequence[tuple[Claim, str]] = (),
    token: UUID | None = None,
) -> RecordBatch:
    """Accept a claim and, with its points and remark, others of the same deed: one batch, all of them or none.

    `points` are tenths before doubling; `filed`, and the text beside each of `others`, the `filing_of` the answer was
    given to. The others earn no leading role: who claims one is answered alone.

    Raises:
        PermissionDenied: the member is not the actor's to record for.
        NotAllowed: it is the actor's own claim.
        ClaimRefused: it does not wait for an answer, or was revised since it was read; one of the others is of another
            deed, day or branch, claims a leading role, or is refused for one of these reasons, with the member's name.
        TextTooLong.
        MissingReason: points or leading role differ from the claimed and nobody says why.
        HalfLocked: the half is submitted, or its year final (D20).
        WrongPoints and the other errors of `check_entry`; DuplicateBatch.
    """
    remark = fit_text(remark)
    branch = _require_answer(actor, claim, now=now)
    claims = [claim, *(other for other, _filed in others)]
    with _locked(claims):
        _check_answer(claim, filed=filed, points=points, led=led, remark=remark)
        for other, read in others:
            try:
                _refuse_own(actor, other)
                _check_same_deed(other, claim)
                _check_answer(other, filed=read, points=points, led=False, remark=remark)
            except DomainError as error:
                raise ClaimRefused(f"{other.member.listed_name}：{error}") from error
        _refuse_other_branch(claims[1:], branch, on=timezone.localdate(now))
        batch = record_events(
            actor=actor,
            now=now,
            town=claim.member.town,
            entries=[
                EventEntry(
                    each.member_id, each.item, each.date, points=points, led=led and each is claim, note=each.deed
                )
                for each in claims
            ],
            branch=branch,
            token=token,
            source=RecordBatch.Source.CLAIM,
        )
        events = {event.member_id: event for event in batch.events.all()}
        for each in claims:
            each.event = events[each.member_id]
            each.state, each.remark = Claim.State.ACCEPTED, remark
            _answer(each, actor=actor, now=now, branch=branch, verb="accept_claim")
    return batch


def return_claim(*, actor: User, now: datetime, claim: Claim, remark: str) -> None:
    """Give a claim back to be completed; the remark says what is missing.

    Raises:
        PermissionDenied, NotAllowed, MissingReason, TextTooLong, ClaimRefused.
    """
    _refuse_or_return(Claim.State.RETURNED, actor=actor, now=now, claim=claim, remark=remark, verb="return_claim")


def reject_claim(*, actor: User, now: datetime, claim: Claim, reason: str) -> None:
    """Reject a claim; the member reads the reason.

    Raises:
        PermissionDenied, NotAllowed, MissingReason, TextTooLong, ClaimRefused.
    """
    _refuse_or_return(Claim.State.REJECTED, actor=actor, now=now, claim=claim, remark=reason, verb="reject_claim")


# Selectors


def own_claims(user: User) -> QuerySet[Claim]:
    """The user's own claims; nobody's where the account belongs to no member."""
    return Claim.objects.filter(member=user.member_id) if user.member_id else Claim.objects.none()


def claims_to_answer(user: User, *, on: date) -> QuerySet[Claim]:
    """Claims that wait for this user: of members they record for, never their own."""
    waiting = rows_for(user, Claim.objects.filter(state=Claim.State.WAITING), on=on, action=Action.RECORD)
    member_id = reach_of(user, on=on).member_id
    return waiting if member_id is None else waiting.exclude(member=member_id)


def next_to_answer(user: User, claim: Claim | None = None, *, on: date) -> Claim | None:
    """Of the other claims that wait for this user the one filed next after a claim, else the oldest one, if any."""
    waiting = claims_to_answer(user, on=on).order_by("filed_at", "pk")
    if claim is None:
        return waiting.first()
    others = waiting.exclude(pk=claim.pk)
    later = Q(filed_at__gt=claim.filed_at) | Q(filed_at=claim.filed_at, pk__gt=claim.pk)
    return others.filter(later).first() or others.first()


def may_answer(user: User, claim: Claim, *, on: date) -> bool:
    """Whether the user may accept, return or reject the claim now."""
    return claim.state == Claim.State.WAITING and claims_to_answer(user, on=on).filter(pk=claim.pk).exists()


def filing_of(claim: Claim) -> str:
    """Tells whether a claim is still as it was read: it is filed anew with every change."""
    return claim.filed_at.astimezone(UTC).isoformat()


def claim_link(claim: Claim) -> str:
    """The claim's address in the portal."""
    return reverse("claim", args=[claim.uuid])


def work_claim_link(claim: Claim) -> str:
    """The claim's address in the workbench."""
    return reverse("workbench:points_claim_change", args=[claim.pk])


# Inside


def _own_member(actor: User) -> Member:
    if actor.member is None:
        raise NotAllowed(_("This account belongs to no member; only members file claims."))
    return actor.member


def _own_claims_member(actor: User, claim: Claim) -> Member:
    if actor.member_id is None or actor.member_id != claim.member_id:
        raise NotAllowed(_("Only the member who filed a claim can change it."))
    return claim.member


def _branch_of(member: Member, *, now: datetime) -> Branch:
    branch = branch_on(member, timezone.localdate(now))
    if branch is None:
        raise NotOnRoster(_("You belong to no branch today. Ask the town's party office."))
    return branch


def _check_deed(member: Member, deed: Deed, *, now: datetime) -> None:
    if not deed.deed.strip() or len(deed.deed) > DEED_LENGTH:
        raise ClaimRefused(_("Say what you did, in at most %(most)d characters.") % {"most": DEED_LENGTH})
    rulebooks = rulebooks_of(member.town)
    rulebook = rulebooks.get(deed.date.year)
    base = {item.code for item in rulebook.base} if rulebook else ()
    if deed.item in base:
        raise UnknownItem(_("The branch records base points from its meetings; claim incentive items only."))
    # Where the member leaves the points to the recorder, everything else is checked with the smallest ones.
    entry = EventEntry(
        member.pk, deed.item, deed.date, points=1 if deed.points is None else deed.points, led=deed.led, note=deed.deed
    )
    check_entry(entry, rulebooks=rulebooks, today=timezone.localdate(now))
    refuse_out_of_scope([entry], rulebooks)


def _require_answer(actor: User, claim: Claim, *, now: datetime) -> Branch | None:
    branch = require_member_action(actor, Action.RECORD, claim.member, on=timezone.localdate(now))
    _refuse_own(actor, claim)
    return branch


def _refuse_own(actor: User, claim: Claim) -> None:
    if is_own_case(actor, claim.member):
        raise NotAllowed(_("Nobody answers their own claim. Ask the secretary, another recorder or the town's staff."))


def _check_answer(claim: Claim, *, filed: str, points: int, led: bool, remark: str) -> None:
    if filed and filed != filing_of(claim):
        raise ClaimRefused(_("The member changed this claim while the page was open. Read it anew, then answer it."))
    if led != claim.led or (claim.points is not None and points != claim.points):
        require_reason(remark, _("The points or the leading role differ from what was claimed. Say why."))


def _check_same_deed(other: Claim, claim: Claim) -> None:
    if (other.item, other.date) != (claim.item, claim.date) or other.led or other.member_id == claim.member_id:
        raise ClaimRefused(_("Claims of another deed or a leading role are answered one by one."))


def _refuse_other_branch(others: Collection[Claim], branch: Branch | None, *, on: date) -> None:
    if not others:
        return
    member_ids = {other.member_id for other in others}
    at_home = members_in([branch.pk] if branch else [], on).filter(pk__in=member_ids)
    if len(member_ids) < len(others) or at_home.count() < len(others):
        raise ClaimRefused(_("Several claims at once are answered for members of one branch, one claim each."))


@contextmanager
def _locked(claims: Sequence[Claim], *states: str) -> Iterator[None]:
    """In one transaction, with the members and then the claims locked and the claims read anew.

    Raises:
        ClaimRefused: the state of one is none of `states`; without any, it does not wait for an answer.
    """
    with transaction.atomic():
        lock_for_score(branch_ids=[], member_ids=[claim.member_id for claim in claims])
        locked = Claim.objects.select_for_update().filter(pk__in=[claim.pk for claim in claims]).order_by("pk")
        fresh = {row.pk: row for row in locked}
        for claim in claims:
            state = fresh[claim.pk]
            if state.state not in (states or (Claim.State.WAITING,)):
                said = _("This claim is “%(state)s” by now, so nothing was changed. Reload the page.")
                said %= {"state": state.get_state_display()}
                raise ClaimRefused(said if claim is claims[0] else f"{claim.member.listed_name}：{said}")
        for claim in claims:
            for field in Claim._meta.concrete_fields:
                setattr(claim, field.attname, getattr(fresh[claim.pk], field.attname))
        yield


def _refuse_or_return(state: Claim.State, *, actor: User, now: datetime, claim: Claim, remark: str, verb: str) -> None:
    remark = require_reason(remark, _("Say to the member why, and what is missing."))
    branch = _require_answer(actor, claim, now=now)
    with _locked([claim]):
        claim.state, claim.remark = state, remark
        _answer(claim, actor=actor, now=now, branch=branch, verb=verb)


def _answer(claim: Claim, *, actor: User, now: datetime, branch: Branch | None, verb: str) -> None:
    claim.answered_at, claim.answered_by = now, actor
    claim.save(update_fields=["state", "remark", "answered_at", "answered_by", "event"])
    new = {"remark": claim.remark} | ({"event": str(claim.event.uuid)} if claim.event else {})
    log_change(actor=actor, now=now, town=claim.member.town, verb=verb, subject=claim, new=new)
    if branch is not None:
        notify_users(
            users=User.objects.filter(member=claim.member_id, is_active=True),
            now=now,
            kind=Notification.Kind.CLAIM_ANSWERED,
            branch=branch,
            period=_period_of(claim),
            link=claim_link(claim),
            about=_name(claim),
        )


def _tell_recorders(claim: Claim, branch: Branch, *, now: datetime) -> None:
    notify_users(
        users=_recorders_of(claim, branch, on=timezone.localdate(now)),
        now=now,
        kind=Notification.Kind.CLAIM_FILED,
        branch=branch,
        period=_period_of(claim),
        link=work_claim_link(claim),
        about=_name(claim),
    )


def _name(claim: Claim) -> str:
    """Which claim it is: its item and the day of the deed."""
    rulebook = rulebooks_of(claim.member.town).get(claim.date.year)
    item = rulebook.item_names().get(claim.item, claim.item) if rulebook else claim.item
    return f"{item} {claim.date:%Y-%m-%d}"


def _recorders_of(claim: Claim, branch: Branch, *, on: date) -> list[User]:
    """The branch's recorders, else its secretaries, else the town's staff; never the claimant."""
    Role = Appointment.Role  # noqa: N806 (a class)
    for users in (
        holders_of(Role.RECORDER, on=on, branch=branch),
        holders_of(Role.SECRETARY, on=on, branch=branch),
        holders_of(Role.TOWN_STAFF, on=on, town=branch.town),
    ):
        told = list(users.exclude(member=claim.member_id).order_by("pk"))
        if told:
            return told
    return []


def _period_of(claim: Claim) -> str:
    return f"{claim.date.year}{half_of(claim.date)}"


def _say(claim: Claim) -> dict[str, object]:
    return {"item": claim.item, "date": claim.date.isoformat(), "points": claim.points, "led": claim.led}


def _sent_before() -> DuplicateBatch:
    return DuplicateBatch(_("This claim was already filed; nothing was filed a second time."))
