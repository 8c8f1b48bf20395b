"""Verifying the ledger: everything stored is checked against itself, row by row, and what differs is named.

The triggers refuse changes; this finds those made past them (triggers dropped, a row changed underneath, a copy that
lost rows). Each check is a function that yields differences over one kind of row, streamed in batches; frozen lines
and their chains have theirs in `points.integrity.chain`. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count, F, Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.chunks import split_into_chunks
from foundation.differences import Difference, Progress, say_failure
from foundation.encryption import decrypt_text, encrypted_columns
from foundation.errors import DomainError
from foundation.key_rotation import STORED, with_stored
from foundation.ledger import VoidableModel, live, missing_triggers
from members.models import AuditEntry, RecordBatch, RosterChange, Town
from points.integrity.chain import CHAIN_CHECKS
from points.integrity.differences import Check, Scope
from points.models import AssessmentYear, Attendance, MeetingKind, PointEvent, Rulebook
from points.records.entries import EventEntry, check_entry
from points.rules import rulebook as rules
from points.rules.canonical import hash_text
from points.rules.payments import PAYMENT_COLUMNS, Payment
from veto.models import Answer, Deduction, Finding, VetoRecord


def verify_ledger(*, town: Town | None = None, progress: Progress | None = None) -> Iterator[Difference]:
    """Every difference in a town's ledger (or in all of it), check by check; `progress` hears of long ones."""
    scope = Scope(town, progress)
    for name, check in CHECKS:
        if progress:
            progress(str(name), 0)
        try:
            yield from check(scope)
        except Exception as error:  # noqa: BLE001 (whatever somebody has put into a row; the other checks go on)
            yield Difference(
                _("check"),
                str(name),
                _("it could not be finished: %(reason)s") % {"reason": say_failure(error)},
            )


def check_triggers(scope: Scope) -> Iterator[Difference]:
    """The append-only triggers stand and say what the models declare."""
    for table, name in missing_triggers(connection):
        yield Difference(
            _("table"), table, _("lacks its trigger %(name)s; “migrate” installs it again.") % {"name": name}
        )


def check_rulebooks(scope: Scope) -> Iterator[Difference]:
    """Every rulebook's text is the one its hash names, and can be read."""
    rows = Rulebook.objects.all()
    if scope.town is not None:
        rows = rows.filter(pk__in=AssessmentYear.objects.filter(town=scope.town).values("rulebook"))
    for digest, text in scope.stream(_("rulebooks"), rows, "hash", "text"):
        if hash_text(text) != digest:
            yield Difference(_("rulebook"), digest, _("the text is not the one its hash was made of."))
        try:
            rules.parse_rulebook(text)
        except rules.RulebookError as error:
            yield Difference(_("rulebook"), digest, _("cannot be read: %(error)s") % {"error": error})


def check_batches(scope: Scope) -> Iterator[Difference]:
    """A batch's branch is of its town, and its void is complete."""
    rows = scope.of_town(RecordBatch.objects.all(), "town")
    columns = ("uuid", "town_id", "branch__town_id", *VoidableModel.stamps)
    for uuid, town_id, branch_town_id, *stamps in scope.stream(_("batches"), rows, *columns):
        if branch_town_id not in (None, town_id):
            yield Difference(_("batch"), str(uuid), _("its branch belongs to another town."))
        yield from _check_void(_("batch"), uuid, stamps, None)


def check_events(scope: Scope) -> Iterator[Difference]:
    """Every event is one its year's rulebook allows, in a batch of its member's town, live only where it may be."""
    rows = scope.of_town(PointEvent.objects.all(), "member__town")
    columns = (
        "uuid",
        "member__town_id",
        "batch__town_id",
        "batch__at",
        "batch__voided_at",
        "member_id",
        "item",
        "year",
        "period",
        "date",
        "points",
        "led",
        "attendance_id",
        *PAYMENT_COLUMNS,
        *VoidableModel.stamps,
    )
    kind = _("point event")
    for uuid, town_id, batch_town_id, at, batch_voided_at, member_id, item, year, *rest in scope.stream(
        _("point events"), rows, *columns
    ):
        period, day, points, led, attendance_id, due_fen, paid_fen, paid_by, *stamps = rest
        if batch_town_id != town_id:
            yield Difference(kind, str(uuid), _("its batch belongs to another town."))
        payment = Payment(due_fen, paid_fen, paid_by)
        entry = EventEntry(member_id, item, day, period, points, led, attendance_id=attendance_id, payment=payment)
        for message in _check_against_rulebook(scope, entry, town_id, year, timezone.localdate(at)):
            yield Difference(kind, str(uuid), message)
        yield from _check_void(kind, uuid, stamps, batch_voided_at)


def _check_against_rulebook(
    scope: Scope, entry: EventEntry, town_id: int, year: int, recorded_on: date
) -> Iterator[str]:
    rulebooks = scope.rulebooks.get(town_id, {})
    if (town_id, year) in scope.unreadable:
        return
    try:
        check_entry(entry, rulebooks=rulebooks, today=recorded_on)
    except DomainError as refusal:
        yield str(refusal)
    else:
        if entry.year != year:
            yield _("it stands under %(stored)s and belongs to %(right)s.") % {"stored": year, "right": entry.year}


def check_event_sources(scope: Scope) -> Iterator[Difference]:
    """An event from a meeting rests on its member's attendance there; a live one on a live, earning one."""
    rows = scope.of_town(PointEvent.objects.filter(attendance__isnull=False), "member__town")
    kind = _("point event")
    for (uuid,) in scope.stream(_("attendance of events"), rows.exclude(member=F("attendance__member")), "uuid"):
        yield Difference(kind, str(uuid), _("it rests on another member's attendance."))
    counting = rows.filter(live())
    groundless = counting.exclude(live("attendance"), attendance__status__in=Attendance.EARNING)
    for (uuid,) in scope.stream(_("attendance of events"), groundless, "uuid"):
        yield Difference(kind, str(uuid), _("it counts, but its attendance is voided or earns nothing."))
    kinds = set(MeetingKind.objects.values_list("meeting_id", "item", "period"))
    columns = ("uuid", "attendance__meeting_id", "item", "period")
    for uuid, *wanted in scope.stream(_("attendance of events"), counting, *columns):
        if tuple(wanted) not in kinds and not _is_kind(*wanted):
            yield Difference(kind, str(uuid), _("its meeting was not held for this item and period."))


def _is_kind(meeting_id: int, item: str, period: str) -> bool:
    """Asked again for a meeting recorded while the check runs."""
    return MeetingKind.objects.filter(meeting_id=meeting_id, item=item, period=period).exists()


def check_duplicates(scope: Scope) -> Iterator[Difference]:
    """One live base record per member, item and period (D2); one live attendance per member and meeting."""
    events = scope.of_town(PointEvent.objects.live().exclude(period=""), "member__town")
    for key in _repeated(events, "member_id", "item", "period"):
        for uuid in PointEvent.objects.live().filter(**key).values_list("uuid", flat=True):
            yield Difference(
                _("point event"),
                str(uuid),
                _("another live record of the same member, item and period %(period)s stands beside it.") % key,
            )
    attendances = scope.of_town(Attendance.objects.live(), "member__town")
    for key in _repeated(attendances, "meeting_id", "member_id"):
        for uuid in Attendance.objects.live().filter(**key).values_list("uuid", flat=True):
            yield Difference(_("attendance"), str(uuid), _("the member stands twice on this meeting's list."))


def _repeated(rows: QuerySet[Any], *columns: str) -> Iterator[dict[str, Any]]:
    groups = rows.order_by().values(*columns).annotate(times=Count("pk")).filter(times__gt=1)
    for group in groups.iterator():
        yield {column: group[column] for column in columns}


def check_attendances(scope: Scope) -> Iterator[Difference]:
    """An attendance is of a member of the meeting's town, its void complete and its batch live while it is."""
    rows = scope.of_town(Attendance.objects.all(), "member__town")
    columns = ("uuid", "member__town_id", "meeting__branch__town_id", "batch__voided_at", *VoidableModel.stamps)
    for uuid, town_id, meeting_town_id, batch_voided_at, *stamps in scope.stream(_("attendances"), rows, *columns):
        if meeting_town_id != town_id:
            yield Difference(_("attendance"), str(uuid), _("its meeting belongs to another town."))
        yield from _check_void(_("attendance"), uuid, stamps, batch_voided_at)


def check_deductions(scope: Scope) -> Iterator[Difference]:
    """Every deduction is on the negative list of its date's year and went through its steps (D6, D18)."""
    columns = [("year", "date__year"), ("code", "item")]
    yield from _check_findings(scope, Deduction, "deduction", dict(columns))


def check_vetoes(scope: Scope) -> Iterator[Difference]:
    """Every veto names a ground of its year's rulebook and went through its steps (D7, D18)."""
    yield from _check_findings(scope, VetoRecord, "veto", {"year": "year", "code": "ground"})


FINDING_COLUMNS = (
    "uuid",
    "member__town_id",
    "batch__town_id",
    "batch__voided_at",
    "backfilled",
    "needs_clearance",
    "cleared_at",
    "notified_on",
    "decided_on",
    "decided_by_id",
    "confirmed_at",
    "dismissed_at",
    "revoked_at",
    "revoked_by_id",
    "revoke_reason",
    "ended_on",
    "batch__actor_id",
    "cleared_by_id",
)


def _check_findings(
    scope: Scope, model: type[Finding], section: rules.ItemKind, columns: dict[str, str]
) -> Iterator[Difference]:
    kind = str(model._meta.verbose_name)
    # As they are stored: one that no key reads is a difference of its row, and the other rows are read on.
    encrypted = encrypted_columns(model)
    rows = scope.of_town(with_stored(model, encrypted), "member__town")
    asked = (columns["year"], columns["code"], *FINDING_COLUMNS, *VoidableModel.stamps)
    names = [STORED + name if name in encrypted else name for name in asked]
    answers = _read_answers(rows, section)
    for year, code, *values in scope.stream(str(model._meta.verbose_name_plural), rows, *names):
        stamps = values[len(FINDING_COLUMNS) :]
        found = dict(zip(FINDING_COLUMNS, values, strict=False))
        uuid, town_id = found["uuid"], found["member__town_id"]
        rulebook = scope.rulebooks.get(town_id, {}).get(year)
        # D21: what differs is named, the ground is not.
        if rulebook is None and (town_id, year) not in scope.unreadable:
            yield Difference(kind, str(uuid), _("no rulebook is adopted for %(year)s.") % {"year": year})
        elif rulebook is not None and _read_code(code) not in rulebook.item_names(section):
            yield Difference(kind, str(uuid), _("its ground is not in the rulebook of %(year)s.") % {"year": year})
        if found["batch__town_id"] != town_id:
            yield Difference(kind, str(uuid), _("its batch belongs to another town."))
        for message in _check_steps(found, answers.get(uuid, [])):
            yield Difference(kind, str(uuid), message)
        yield from _check_void(kind, uuid, stamps, found["batch__voided_at"])


def _read_code(stored: str) -> str:
    """A ground's code from what is stored of it; empty where no key reads that."""
    try:
        return decrypt_text(stored)
    except InvalidToken:
        return ""


def _read_answers(rows: QuerySet[Any], section: rules.ItemKind) -> dict[object, list[tuple[date, datetime | None]]]:
    """Day and moment of disowning of each finding's answers, by the finding's uuid."""
    found: dict[object, list[tuple[date, datetime | None]]] = defaultdict(list)
    answers = Answer.objects.filter(**{f"{section}__in": rows.values("pk")})
    for uuid, day, disowned_at in answers.values_list(f"{section}__uuid", "answered_on", "disowned_at"):
        found[uuid].append((day, disowned_at))
    return found


def _check_steps(found: dict[str, Any], answers: list[tuple[date, datetime | None]]) -> Iterator[str]:
    decisions = [found["confirmed_at"], found["dismissed_at"]]
    decided = [found["decided_on"], found["decided_by_id"]]
    if None not in decisions or (None in decided if any(decisions) else any(decided)):
        yield _("its decision is incomplete or contradicts itself.")
    revoked = [found["revoked_at"], found["revoked_by_id"], found["revoke_reason"]]
    if any(revoked) and (None in revoked or found["confirmed_at"] is None):
        yield _("its revocation is incomplete, or there was nothing to revoke.")
    if found["ended_on"] and (found["dismissed_at"] or (found["confirmed_at"] and not found["backfilled"])):
        yield _("it was decided although its proceeding had ended.")
    if answers and not found["notified_on"]:
        yield _("its member answered without having been told.")
    if found["needs_clearance"] and not found["cleared_at"] and (found["notified_on"] or found["confirmed_at"]):
        yield _("it went on before the town's staff let it through.")
    if found["confirmed_at"] and not found["backfilled"]:
        # An answer disowned after the decision stood when it was taken (D18).
        stood = [day for day, disowned_at in answers if disowned_at is None or disowned_at > found["confirmed_at"]]
        if not stood:
            yield _("it was confirmed before its member was heard.")
        elif found["decided_on"] and found["decided_on"] < min(stood):
            yield _("it was decided before its member was heard.")
        if found["decided_by_id"] == found["batch__actor_id"]:
            yield _("who proposed it decided it.")
    if found["cleared_by_id"] is not None and found["cleared_by_id"] == found["batch__actor_id"]:
        yield _("who proposed it let it through.")


def _check_void(kind: str, uuid: object, stamps: list[Any], batch_voided_at: object) -> Iterator[Difference]:
    """`stamps` are time, person and reason of a row's void."""
    if None in stamps and any(stamp is not None for stamp in stamps):
        yield Difference(kind, str(uuid), _("time, person and reason of its void do not stand together."))
    if batch_voided_at is not None and stamps[0] is None:
        yield Difference(kind, str(uuid), _("its batch is voided, yet it still counts."))


def check_log(scope: Scope) -> Iterator[Difference]:
    """Every entry of the log speaks of a row that is still there, or that went with a voided roster import."""
    rows = scope.of_town(AuditEntry.objects.all(), "town")
    removals = rows.filter(verb__in=("remove_member", "remove_branch")).order_by()
    removed = set(removals.values_list("object_type", "object_id"))
    columns = ("pk", "object_type", "object_id")
    for chunk in split_into_chunks(scope.stream(_("log entries"), rows, *columns)):
        by_type: dict[str, dict[str, list[int]]] = {}
        for pk, object_type, object_id in chunk:
            by_type.setdefault(object_type, {}).setdefault(object_id, []).append(pk)
        for object_type, entries in by_type.items():
            for object_id in entries.keys() - _existing(object_type, list(entries)):
                for pk in entries[object_id] if (object_type, object_id) not in removed else ():
                    yield Difference(
                        _("log entry"),
                        str(pk),
                        _("it speaks of %(type)s %(id)s, which is not there.") % {"type": object_type, "id": object_id},
                    )


def _existing(object_type: str, identities: list[str]) -> set[str]:
    """Which of the identities (uuids, or ids of models without one) exist."""
    try:
        model: type[Model] = apps.get_model(object_type)
    except (LookupError, ValueError):
        return set()
    key = "uuid" if any(column.name == "uuid" for column in model._meta.concrete_fields) else "pk"
    try:
        found = model._default_manager.filter(**{f"{key}__in": identities}).values_list(key, flat=True)
        return {str(identity) for identity in found}
    except (ValueError, ValidationError):
        return {identity for identity in identities if len(identities) > 1 and _existing(object_type, [identity])}


def check_counts(scope: Scope) -> Iterator[Difference]:
    """A batch still holds as many rows as the log says were written in it: none was lost or slipped in."""
    events = _counts(PointEvent.objects.filter(attendance__isnull=True))
    findings = _counts(Deduction.objects.all())
    for holder, number in _counts(VetoRecord.objects.all()).items():
        findings[holder] = findings.get(holder, 0) + number
    verbs = ("record_events", "record_month", "import_records")
    entries = scope.of_town(AuditEntry.objects.filter(verb__in=verbs), "town")
    batches = dict(scope.of_town(RecordBatch.objects.all(), "town").values_list("uuid", "pk"))
    for identity, logged in scope.stream(_("log entries"), entries, "object_id", "new"):
        batch = batches.get(UUID(identity))
        for name, stored in (("events", events), ("findings", findings)):
            written = logged.get(name, 0)
            if batch is not None and stored.get(batch, 0) != written:
                yield Difference(
                    _("batch"),
                    identity,
                    _("%(written)s rows were written in it and %(stored)s are there.")
                    % {"written": written, "stored": stored.get(batch, 0)},
                )


def check_roster_imports(scope: Scope) -> Iterator[Difference]:
    """What a roster import wrote is kept as long as the import can be voided, and no longer."""
    kept = _counts(RosterChange.objects.all())
    entries = scope.of_town(AuditEntry.objects.filter(verb="import_roster"), "town")
    batches = {
        str(uuid): (pk, voided_at)
        for uuid, pk, voided_at in scope.of_town(RecordBatch.objects.all(), "town").values_list(
            "uuid", "pk", "voided_at"
        )
    }
    for identity, logged in scope.stream(_("log entries"), entries, "object_id", "new"):
        pk, voided_at = batches.get(identity, (None, None))
        written = 0 if voided_at else logged["added"] + logged["updated"] + len(logged["branches"])
        if pk is not None and kept.get(pk, 0) != written:
            yield Difference(
                _("batch"),
                identity,
                _("%(written)s rows were written in it and %(stored)s are there.")
                % {"written": written, "stored": kept.get(pk, 0)},
            )


def _counts(rows: QuerySet[Any]) -> dict[int, int]:
    counted = rows.order_by().values_list("batch_id").annotate(times=Count("pk"))
    return dict(counted.iterator())


def check_meetings(scope: Scope) -> Iterator[Difference]:
    """A meeting's list still holds as many people as the log says were entered."""
    entries = scope.of_town(AuditEntry.objects.filter(verb="record_meeting"), "town")
    rows = scope.of_town(Attendance.objects.filter(batch=F("meeting__batch")), "member__town").order_by()
    counted = rows.values_list("meeting__uuid").annotate(times=Count("pk"))
    entered = {str(uuid): number for uuid, number in counted.iterator()}
    for identity, logged in scope.stream(_("log entries"), entries, "object_id", "new"):
        people = entered.get(identity, 0)
        if people != logged.get("people"):
            yield Difference(
                _("meeting"),
                identity,
                _("%(written)s rows were written in it and %(stored)s are there.")
                % {"written": logged.get("people"), "stored": people},
            )


CHECKS: tuple[tuple[str | Promise, Check], ...] = (
    (gettext_lazy("triggers"), check_triggers),
    (gettext_lazy("rulebooks"), check_rulebooks),
    (gettext_lazy("batches"), check_batches),
    (gettext_lazy("point events"), check_events),
    (gettext_lazy("attendance of events"), check_event_sources),
    (gettext_lazy("duplicates"), check_duplicates),
    (gettext_lazy("attendances"), check_attendances),
    (gettext_lazy("deductions"), check_deductions),
    (gettext_lazy("vetoes"), check_vetoes),
    (gettext_lazy("log entries"), check_log),
    (gettext_lazy("rows by batch"), check_counts),
    (gettext_lazy("people by meeting"), check_meetings),
    (gettext_lazy("roster imports"), check_roster_imports),
    *CHAIN_CHECKS,
)
