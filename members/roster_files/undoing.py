"""Taking a roster import back: whom it put on the roster vanishes again, what it changed is as it was before.

Part of voiding its batch, which `points.records.voiding` does; a void that would leave something hanging is refused in
words.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import ForeignKey, ManyToOneRel, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.encryption import hash_columns
from foundation.ledger import VoidableModel, live
from members.access import require_roster_keeper
from members.errors import RosterRefused
from members.log.audit import prepare_entry
from members.log.changes import loggable
from members.log.locks import lock_for_score
from members.models import AuditEntry, Branch, Member, Membership, RecordBatch, RosterChange, Town, User
from members.people.fields import MEMBER_FIELDS, SAYS_NOTHING
from members.people.identity import SAID_BY_ID_NUMBER
from members.people.telling import PhoneChange, tell_of_phones

NAMED = 20
"""How many people a refusal names."""

CHUNK = 500

STAYS = SAYS_NOTHING.keys() | {name for name, field in MEMBER_FIELDS.items() if field.stays_after_undo}

_BARE: dict[str, Any] = {
    column.name: column.get_default() for column in Member._meta.concrete_fields if column.name not in STAYS
}
"""A member of whom nothing but the name is left, so that a corrected file can bring the person again."""


@dataclass(slots=True)
class _Undoing:
    """What one undo does, gathered on the way: log entries, and whose telephone number it puts back."""

    batch: RecordBatch
    actor: User
    now: datetime
    entries: list[AuditEntry] = field(default_factory=list)
    phones: list[PhoneChange] = field(default_factory=list)

    def log(self, *, verb: str, subject: Member | Branch, old: dict[str, Any], new: dict[str, Any]) -> None:
        town = self.batch.town
        entry = prepare_entry(actor=self.actor, now=self.now, town=town, verb=verb, subject=subject, old=old, new=new)
        self.entries.append(entry)


def undo_roster_import(*, actor: User, now: datetime, batch: RecordBatch) -> dict[str, int]:
    """Take back what the import of `batch` did; returns how many members, values and branches, by what became of them.

    Call inside the transaction that voids the batch. Somebody whose records are all voided leaves the roster as well,
    but keeps the name, because voided records stay readable.

    Raises:
        PermissionDenied.
        RosterRefused: somebody has records that count, an account, an exemption or a later move, or a later import
            changed the same; the message names them.
    """
    require_roster_keeper(actor, batch.town, on=timezone.localdate(now))
    Town.objects.select_for_update(no_key=True).get(pk=batch.town_id)
    changes = list(batch.roster_changes.order_by("pk"))
    member_ids = [change.member_id for change in changes if change.member_id is not None]
    lock_for_score(branch_ids=batch.town.branches.values_list("pk", flat=True), member_ids=member_ids)
    members = Member.objects.in_bulk(member_ids)
    created = {change.member_id: members[change.member_id] for change in changes if change.created and change.member_id}
    _refuse_later_imports(changes, members)
    _refuse_used(created)
    undoing = _Undoing(batch, actor, now)
    restored = kept = 0
    for change in changes:
        if not change.created:
            back, stayed = _restore(members[change.member_id or 0], json.loads(change.values), undoing)
            restored += bool(back)
            kept += stayed
    batch.roster_changes.all().delete()
    _remove_members(created, undoing)
    made_branches = [change.branch_id for change in changes if change.branch_id is not None]
    branches = _remove_branches(made_branches, undoing)
    AuditEntry.objects.bulk_create(undoing.entries, batch_size=CHUNK)
    tell_of_phones(undoing.phones, actor=actor, now=now)
    return {
        "members_removed": len(created),
        "members_restored": restored,
        "values_kept": kept,
        "branches_removed": branches,
    }


def _in_chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(keys)
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


def _references(model: type[Model]) -> Iterator[ForeignKey[Any, Any]]:
    """Every column that refers to a member or a branch, in whatever app; those that come later included."""
    for relation in model._meta.get_fields(include_hidden=True):
        column = relation.field if isinstance(relation, ManyToOneRel) else None
        if isinstance(column, ForeignKey) and column.model is not RosterChange:
            yield column


def _referring(column: ForeignKey[Any, Any], chunk: Sequence[int], *, live_only: bool) -> Iterator[int]:
    """Which of the ids a column refers to; as often as it does."""
    rows = column.model._default_manager.filter(**{f"{column.name}__in": chunk})
    if live_only and issubclass(column.model, VoidableModel):
        rows = rows.filter(live())
    yield from rows.order_by().values_list(column.attname, flat=True)


def _refuse_used(created: dict[int, Member]) -> None:
    """Nobody with records that count, an account, an exemption or a later move can vanish."""
    why: dict[int, list[str]] = defaultdict(list)
    for chunk in _in_chunks(created):
        for column in _references(Member):
            is_move = column.model is Membership
            what = _("a later move") if is_move else str(column.model._meta.verbose_name_plural)
            for member_id, rows in Counter(_referring(column, chunk, live_only=True)).items():
                if rows > is_move:  # with one membership the import put them on the roster
                    why[member_id].append(what)
    if why:
        raise RosterRefused(
            _(
                "The import cannot be voided: people it put on the roster have more by now: %(people)s. Void those "
                "records first. Who has an account, an exemption or a later move stays on the roster: correct them on "
                "their page."
            )
            % {"people": _name_people([(created[pk], "、".join(reasons)) for pk, reasons in why.items()])}
        )


def _refuse_later_imports(changes: list[RosterChange], members: dict[int, Member]) -> None:
    """What a later import built on this one is voided before it."""
    mine = {change.member_id: change for change in changes if change.member_id}
    found = []
    for chunk in _in_chunks(mine):
        later = RosterChange.objects.filter(member__in=chunk, pk__gt=changes[-1].pk).select_related("batch")
        for change in later.order_by("pk"):
            assert change.member_id is not None
            first = mine[change.member_id]
            if first.created or json.loads(first.values).keys() & json.loads(change.values).keys():
                local = timezone.localtime(change.batch.at)
                found.append((members[change.member_id], f"{local:%Y-%m-%d %H:%M}"))
    if found:
        raise RosterRefused(
            _("A later roster import changed the same people: %(people)s. Void that import first.")
            % {"people": _name_people(found)}
        )


def _name_people(found: Sequence[tuple[Member, str]]) -> str:
    people = "，".join(f"{member.name}（{why}）" for member, why in found[:NAMED])
    more = len(found) - NAMED
    return people + (_(" and %(count)d more") % {"count": more} if more > 0 else "")


def _restore(member: Member, values: dict[str, list[Any]], undoing: _Undoing) -> tuple[dict[str, Any], int]:
    """Put back what still is what the import wrote; returns that, and how many values have changed since and stay."""
    back: dict[str, Any] = {}
    for name, (before, written) in values.items():
        read = MEMBER_FIELDS[name].column.to_python
        if getattr(member, name) == read(written):
            back[name] = read(before)
    if back.get("id_number", member.id_number):
        # What an ID number says of its holder is not replaced by something else that was stored once.
        back = {name: value for name, value in back.items() if not value or name not in SAID_BY_ID_NUMBER}
    if not back:
        return back, len(values)
    old = {name: getattr(member, name) for name in back}
    if "phone" in back:
        undoing.phones.append(PhoneChange(member.pk, old["phone"], back["phone"]))
    columns = back | hash_columns(Member, back)
    for name, value in columns.items():
        setattr(member, name, value)
    member.save(update_fields=list(columns))
    undoing.log(verb="restore_member", subject=member, old=loggable(Member, old), new=loggable(Member, back))
    return back, len(values) - len(back)


def _remove_members(created: dict[int, Member], undoing: _Undoing) -> None:
    """Take people off the roster with their memberships; with voided records the bare name stays beside them."""
    for chunk in _in_chunks(created):
        Membership.objects.filter(member__in=chunk).delete()
        named = {pk for column in _references(Member) for pk in _referring(column, chunk, live_only=False)}
        Member.objects.filter(pk__in=set(chunk) - named).delete()
        Member.objects.filter(pk__in=named).update(**_BARE)
        for pk in chunk:
            undoing.log(verb="remove_member", subject=created[pk], old={"name": created[pk].name}, new={})


def _remove_branches(made: list[int], undoing: _Undoing) -> int:
    """Take away the branches the import made, if nothing refers to them by now."""
    removed = 0
    for branch in Branch.objects.filter(pk__in=made):
        used = {pk for column in _references(Branch) for pk in _referring(column, [branch.pk], live_only=False)}
        if not used:
            undoing.log(verb="remove_branch", subject=branch, old={"name": branch.name}, new={})
            branch.delete()
            removed += 1
    return removed
