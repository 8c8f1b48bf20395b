"""Evidence: which stored file proves what, who may see it, and how a link is taken back (3.1, D21).

One rule decides who may see a file, `evidence_for`: whoever may see what it proves. A deduction's or a veto's files
follow its ground; a claim's files are for the member and for those who may record for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from foundation.ledger import VoidableQuerySet
from members.access import Action, known_to_member, may, members_for, reach_of, readable_grounds_for, rows_for
from members.errors import AlreadyVoided, NotAllowed
from members.evidence.documents import InspectedFile
from members.evidence.store import store_files
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import RecordBatch, Town, User
from points.models import Attendance, Claim, EvidenceLink, Meeting, PointEvent
from points.models.evidence import SUBJECTS
from veto.models import Deduction, VetoRecord

Subject = RecordBatch | Meeting | PointEvent | Deduction | VetoRecord | Claim
"""What a file can prove."""

NAMES: dict[type[Model], str] = {
    RecordBatch: "batch",
    Meeting: "meeting",
    PointEvent: "event",
    Deduction: "deduction",
    VetoRecord: "veto",
    Claim: "claim",
}
FINDINGS = ("deduction", "veto")
MOST_LINKS = 60


class TooMuchEvidence(DomainError):
    """A subject has as many files as it can have."""


# Who may see, add and void


def evidence_for(user: User, *, on: date) -> QuerySet[EvidenceLink]:
    """The links, void ones too, whose files the user may open. One query, whatever it is filtered by."""
    events = rows_for(user, PointEvent.objects.all(), on=on).values("pk")
    recordable = members_for(user, on=on, action=Action.RECORD).values("pk")
    seen = Q(batch__in=rows_for(user, RecordBatch.objects.all(), on=on).values("pk"))
    seen |= Q(meeting__in=rows_for(user, Meeting.objects.all(), on=on).values("pk"))
    seen |= Q(event__in=events)
    seen |= Q(claim__in=Claim.objects.filter(Q(member__in=recordable) | Q(event__in=events)).values("pk"))
    seen |= Q(deduction__in=readable_grounds_for(user, Deduction.objects.all(), on=on).values("pk"))
    seen |= Q(veto__in=readable_grounds_for(user, VetoRecord.objects.all(), on=on).values("pk"))
    return EvidenceLink.objects.filter(seen | _own(user, on=on))


def evidence_to_take_out(user: User, *, on: date) -> QuerySet[EvidenceLink]:
    """The links about what is the user's to export; which of them they see, `evidence_for` says."""

    def taken(model: type[Model]) -> QuerySet[Model, Any]:
        return rows_for(user, model._default_manager.all(), on=on, action=Action.TAKE_OUT).values("pk")

    proved = Q(pk__in=())
    for model, name in NAMES.items():
        proved |= Q(**{f"{name}__in": taken(model)})
    return EvidenceLink.objects.filter(proved)


def own_evidence(user: User, *, on: date) -> VoidableQuerySet[EvidenceLink]:
    """The links that prove what concerns the user as a member: their claims, records and findings."""
    return EvidenceLink.objects.filter(_own(user, on=on))


def evidence_of_own_records(user: User, *, year: int, on: date) -> dict[int, list[EvidenceLink]]:
    """What proves the user's own records of a year, by event; one query.

    A record's own files and those of the claim it answers, not its batch's or meeting's: these show others too (D21).
    """
    links = own_evidence(user, on=on).live()
    of_year = links.filter(Q(event__year=year) | Q(claim__event__year=year))
    found: dict[int, list[EvidenceLink]] = defaultdict(list)
    for link in of_year.select_related("file", "claim").order_by("added_at", "pk"):
        event_id = link.claim.event_id if link.claim else link.event_id
        if event_id is not None:
            found[event_id].append(link)
    return found


def _own(user: User, *, on: date) -> Q:
    member_id = reach_of(user, on=on).member_id
    if member_id is None:
        return Q(pk__in=())
    return (
        Q(claim__member=member_id)
        | Q(event__member=member_id)
        # Of a finding they learn when they are told of it (D18); an imported one may be confirmed before that.
        | Q(deduction__member=member_id) & known_to_member("deduction")
        | Q(veto__member=member_id) & known_to_member("veto")
    )


def may_add_evidence(user: User, subject: Subject, *, on: date) -> bool:
    """Whether the user may attach files: who may record, propose the finding, or has filed the open claim."""
    if isinstance(subject, Claim):
        return subject.state in Claim.OPEN and reach_of(user, on=on).member_id == subject.member_id
    if getattr(subject, "is_void", False):
        return False
    return _may_keep(user, subject, on=on)


def may_void_evidence(user: User, link: EvidenceLink, *, on: date) -> bool:
    """Whether the user may void a link: who may attach, and for a claim's also who may record for the member."""
    if link.is_void:
        return False
    subject = subject_of(link)
    return _may_keep(user, subject, on=on) or may_add_evidence(user, subject, on=on)


def _may_keep(user: User, subject: Subject, *, on: date) -> bool:
    if isinstance(subject, RecordBatch):
        return may(user, Action.RECORD, subject.branch, on=on, town=subject.town)
    if isinstance(subject, Meeting):
        return may(user, Action.RECORD, subject.branch, on=on)
    if isinstance(subject, Deduction | VetoRecord):
        found = readable_grounds_for(user, type(subject).objects.filter(pk=subject.pk), on=on)
        proposes = members_for(user, on=on, action=Action.PROPOSE_FINDING).filter(pk=subject.member_id)
        return found.exists() and proposes.exists()
    return members_for(user, on=on, action=Action.RECORD).filter(pk=subject.member_id).exists()


def subject_of(link: EvidenceLink) -> Subject:
    """What a link's file proves."""
    for name in SUBJECTS:
        if getattr(link, f"{name}_id") is not None:
            subject: Subject = getattr(link, name)
            return subject
    raise AssertionError("the database holds no link without a subject")


def town_of(subject: Subject) -> Town:
    """The town a subject belongs to."""
    if isinstance(subject, RecordBatch):
        return subject.town
    return subject.branch.town if isinstance(subject, Meeting) else subject.member.town


# Verbs


def attach_evidence(
    *, actor: User, now: datetime, files: Sequence[InspectedFile | UploadedFile], subject: Subject
) -> list[EvidenceLink]:
    """Keep files and say that they prove `subject`; one already attached is not attached twice. No files: nothing.

    Raises:
        NotAllowed: the subject is not the actor's to add to, or is void.
        EvidenceRefused, StoreFailed: a file cannot be kept; none is attached.
        TooMuchEvidence.
    """
    if not files:
        return []
    today = timezone.localdate(now)
    if not may_add_evidence(actor, subject, on=today):
        raise NotAllowed(_("You may not add evidence here, or what it proves no longer stands."))
    name, town = NAMES[type(subject)], town_of(subject)
    with transaction.atomic():
        stored = store_files(actor=actor, now=now, town=town, uploads=files, keep_names=name not in FINDINGS)
        # Whoever attaches to the same subject at the same time waits here, so that the limit and "once" hold.
        fresh_subject = type(subject)._default_manager.select_for_update().get(pk=subject.pk)
        if not may_add_evidence(actor, fresh_subject, on=today):
            raise NotAllowed(_("You may not add evidence here, or what it proves no longer stands."))
        live = set(EvidenceLink.objects.live().filter(**{name: subject.pk}).values_list("file_id", flat=True))
        fresh = [file for file in dict.fromkeys(stored) if file.pk not in live]
        if len(live) + len(fresh) > MOST_LINKS:
            raise TooMuchEvidence(
                _("There are already %(count)d files here; at most %(most)d can be kept. Void some first.")
                % {"count": len(live), "most": MOST_LINKS}
            )
        links = [
            EvidenceLink.objects.create(file=file, added_by=actor, added_at=now, **{name: subject}) for file in fresh
        ]
        if links:
            log_change(
                actor=actor,
                now=now,
                town=town,
                verb="attach_evidence",
                subject=subject,
                new={"evidence": [str(link.uuid) for link in links]},
            )
    return links


def void_evidence_link(*, actor: User, now: datetime, link: EvidenceLink, reason: str) -> None:
    """Say that a file does not prove this after all; the line stays readable, the file goes after a while.

    Raises:
        MissingReason, TextTooLong, NotAllowed, AlreadyVoided.
    """
    reason = require_reason(reason)
    if link.is_void:
        raise _voided_before()
    if not may_void_evidence(actor, link, on=timezone.localdate(now)):
        raise NotAllowed(_("You may see this evidence but not void it. Ask the branch's recorder or secretary."))
    with transaction.atomic():
        if not EvidenceLink.objects.filter(pk=link.pk).stamp_void(actor=actor, now=now, reason=reason):
            raise _voided_before()
        subject = subject_of(link)
        # A reason about a finding may repeat its ground (D21).
        said = {} if isinstance(subject, Deduction | VetoRecord) else {"reason": reason}
        log_change(actor=actor, now=now, town=town_of(subject), verb="void_evidence", subject=link, new=said)
    link.refresh_from_db()


def _voided_before() -> AlreadyVoided:
    return AlreadyVoided(_("This evidence was voided before; reload the page to see by whom and why."))


# Selectors


def evidence_of(user: User, subjects: Iterable[Subject], *, on: date) -> dict[int, list[EvidenceLink]]:
    """What proves each of the subjects (all of one model), by their pk, as far as the user may open it.

    A point event is proved by its own files, those of the claim it answers, of its meeting and of its batch. Two
    queries, whatever the number of subjects; a subject without evidence has an empty list.
    """
    rows = list(subjects)
    found: dict[int, list[EvidenceLink]] = {row.pk: [] for row in rows}
    if not rows:
        return found
    name = NAMES[type(rows[0])]
    links = evidence_for(user, on=on).select_related("file", "added_by", "voided_by").order_by("added_at", "pk")
    events = [row for row in rows if isinstance(row, PointEvent)]
    if not events:
        for link in links.filter(**{f"{name}__in": list(found)}):
            found[getattr(link, f"{name}_id")].append(link)
        _number_alike(found.values())
        return found
    meetings = dict(
        Attendance.objects.filter(pk__in={event.attendance_id for event in events}).values_list("pk", "meeting_id")
    )
    related = links.filter(
        Q(event__in=list(found))
        | Q(claim__event__in=list(found))
        | Q(batch__in={event.batch_id for event in events})
        | Q(meeting__in=set(meetings.values()))
    ).select_related("file", "added_by", "voided_by", "claim")
    by_subject: dict[tuple[str, int | None], list[EvidenceLink]] = defaultdict(list)
    for link in related:
        key = ("event", link.claim.event_id) if link.claim else _key_of(link)
        by_subject[key].append(link)
    for event in events:
        meeting_id = meetings.get(event.attendance_id) if event.attendance_id else None
        for each in (("event", event.pk), ("meeting", meeting_id), ("batch", event.batch_id)):
            if each[1] is not None:
                found[event.pk] += by_subject.get(each, [])
    _number_alike(found.values())
    return found


def evidence_of_finding(finding: Deduction | VetoRecord) -> list[EvidenceLink]:
    """A finding's links, for who reads its ground by permission and has said why; the caller has logged it (D21)."""
    links = list(finding.evidence.select_related("file", "added_by", "voided_by").order_by("added_at", "pk"))
    _number_alike([links])
    return links


def _number_alike(lists: Iterable[Sequence[EvidenceLink]]) -> None:
    """Tell apart in each list those whose files are called alike."""
    for links in lists:
        by_name: dict[str, list[EvidenceLink]] = defaultdict(list)
        for link in links:
            by_name[link.file.name].append(link)
        for alike in by_name.values():
            for number, link in enumerate(alike, start=1):
                link.number = number if len(alike) > 1 else 0


def _key_of(link: EvidenceLink) -> tuple[str, int | None]:
    return next((name, pk) for name in ("event", "meeting", "batch") if (pk := getattr(link, f"{name}_id")) is not None)
