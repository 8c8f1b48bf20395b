"""Importing a town's roster (党员名册): preview and import, all or nothing, as one batch.

The file is read and checked before the transaction; matching people is part of it, under its locks. What the import
makes and changes is kept beside its batch, so that the batch can be voided as one: see `undoing.py`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from foundation.workbooks.report import ImportReport
from members.access import require_roster_keeper
from members.log.audit import log_change, prepare_entry
from members.log.batches import open_batch
from members.log.changes import loggable
from members.log.locks import lock_for_score
from members.models import AuditEntry, Branch, Member, Membership, RecordBatch, RosterChange, Town, User
from members.people.fields import MEMBER_FIELDS
from members.people.identity import settle_identity
from members.people.roster import JoinGuard
from members.people.telling import PhoneChange, tell_of_phones
from members.roster_files.column_names import names_of
from members.roster_files.matching import RosterPlan, match_rows, start_of
from members.roster_files.reading import RosterResource, RosterRow, read_roster


def preview_roster(
    *,
    actor: User,
    now: datetime,
    town: Town,
    data: bytes,
    filename: str,
    guard: JoinGuard,
    branch: str = "",
    allow_new_branches: bool = True,
) -> RosterPlan:
    """Say what importing the file would do; writes nothing. `branch` is whose list it is, where no column says it.

    Raises:
        PermissionDenied, UnreadableWorkbook.
    """
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    today, also = timezone.localdate(now), names_of(town, RosterResource)
    report, rows = read_roster(data, filename, branch=branch, also=also, dry_run=True, today=today)
    return match_rows(town, rows, report, today=today, allow_new_branches=allow_new_branches, guard=guard)


def import_roster(
    *,
    actor: User,
    now: datetime,
    town: Town,
    data: bytes,
    filename: str,
    guard: JoinGuard,
    branch: str = "",
    allow_new_branches: bool = True,
    expected_hash: str = "",
    token: UUID | None = None,
) -> ImportReport:
    """Import the file as one batch, all of it or nothing: with errors in the returned report nothing was written.

    `branch` is whose list it is, where no column says it. `guard` says which new people cannot join on their day, for a
    half's list is closed (D20). `token` becomes the batch's uuid: the same preview confirmed twice writes once.

    Raises:
        PermissionDenied, UnreadableWorkbook, FileChanged (not the file whose preview was confirmed), DuplicateBatch.
    """
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    today, also = timezone.localdate(now), names_of(town, RosterResource)
    report, rows = read_roster(
        data, filename, branch=branch, also=also, dry_run=False, today=today, expected_hash=expected_hash
    )
    if report.errors:
        return match_rows(town, rows, report, today=today, allow_new_branches=allow_new_branches, guard=guard).report
    with transaction.atomic():
        # No key: whoever holds a branch and writes a batch of the town must not wait here for us to get the branch.
        Town.objects.select_for_update(no_key=True).get(pk=town.pk)
        lock_for_score(branch_ids=town.branches.values_list("pk", flat=True), member_ids=())
        plan = match_rows(town, rows, report, today=today, allow_new_branches=allow_new_branches, guard=guard)
        if not report.errors and (plan.additions or plan.changes):
            batch = open_batch(
                actor=actor,
                now=now,
                town=town,
                source=RecordBatch.Source.ROSTER,
                token=token,
                file_name=filename,
                file_hash=report.file_hash,
            )
            _apply_plan(plan, batch=batch, actor=actor, now=now)
            report.batch = str(batch.uuid)
    return report


def _apply_plan(plan: RosterPlan, *, batch: RecordBatch, actor: User, now: datetime) -> None:
    town = batch.town
    branches = {branch.name: branch for branch in town.branches.all()}
    last = town.branches.aggregate(last=Max("position"))["last"] or 0
    made = []
    for position, name in enumerate(plan.new_branches, last + 1):
        branches[name] = Branch.objects.create(town=town, name=name, position=position)
        made.append(RosterChange(batch=batch, branch=branches[name], created=True))
        log_change(actor=actor, now=now, town=town, verb="create_branch", subject=branches[name], new={"name": name})
    members = _add_members(plan.additions, branches, actor=actor, now=now, town=town)
    made += [RosterChange(batch=batch, member=member, created=True) for member in members]
    lock_for_score(branch_ids=(), member_ids=[member.pk for member, _changes in plan.changes])
    stored = Member.objects.in_bulk([member.pk for member, _changes in plan.changes])
    phones = [
        PhoneChange(member.pk, stored[member.pk].phone, changes["phone"])
        for member, changes in plan.changes
        if "phone" in changes
    ]
    made += [
        _change_member(stored[member.pk], changes, batch=batch, actor=actor, now=now)
        for member, changes in plan.changes
    ]
    RosterChange.objects.bulk_create(made, batch_size=100)
    tell_of_phones(phones, actor=actor, now=now)
    log_change(
        actor=actor,
        now=now,
        town=town,
        verb="import_roster",
        subject=batch,
        new={
            "file": plan.report.file_name,
            "file_hash": plan.report.file_hash,
            "added": plan.report.added,
            "updated": plan.report.updated,
            "branches": plan.new_branches,
        },
    )


def _change_member(
    member: Member, changes: dict[str, Any], *, batch: RecordBatch, actor: User, now: datetime
) -> RosterChange:
    """Write and log a member's changes; returns what must be kept to take them back."""
    old = {name: getattr(member, name) for name in changes}
    for name, value in changes.items():
        setattr(member, name, value)
    member.save(update_fields=list(changes))
    log_change(
        actor=actor,
        now=now,
        town=batch.town,
        verb="update_member",
        subject=member,
        old=loggable(Member, old),
        new=loggable(Member, changes),
    )
    kept = {name: (old[name], value) for name, value in changes.items() if name in MEMBER_FIELDS}
    return RosterChange(batch=batch, member=member, created=False, values=json.dumps(kept, cls=DjangoJSONEncoder))


def _add_members(
    rows: list[RosterRow], branches: dict[str, Branch], *, actor: User, now: datetime, town: Town
) -> list[Member]:
    last = town.members.aggregate(last=Max("position"))["last"] or 0
    nobody = Member()
    members = Member.objects.bulk_create(
        [
            Member(town=town, position=position, **settle_identity(row.values, member=nobody))
            for position, row in enumerate(rows, last + 1)
        ],
        batch_size=500,
    )
    memberships = []
    entries = []
    for member, row in zip(members, rows, strict=True):
        from_date, why = start_of(row, today=timezone.localdate(now))
        memberships.append(Membership(member=member, branch=branches[row.branch], from_date=from_date, why=why))
        entries.append(
            prepare_entry(
                actor=actor,
                now=now,
                town=town,
                verb="create_member",
                subject=member,
                new={"name": member.name, "branch": row.branch, "from": from_date.isoformat(), "why": why},
            )
        )
    Membership.objects.bulk_create(memberships, batch_size=500)
    AuditEntry.objects.bulk_create(entries, batch_size=500)
    return members
