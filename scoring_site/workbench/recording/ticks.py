"""The tick sheet of a branch: the page, its cells read anew, and saving them; `recording/ticks.js` works it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from foundation.errors import DomainError
from foundation.workbooks.cells import clean_text
from members.access import Action, branches_for
from members.models import Branch
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period_in_year
from points.scoring.year_choice import choose_year
from points.ticks.saving import MOST_CHANGES, UNTICK_REASONS, TickChange, TicksSaved, save_ticks
from points.ticks.sheet import CellState, TickCell, TickSheet, read_sheet
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.scoped import ScopedModelAdmin

BODY_BYTES = 400_000
"""The most a save may send: some 100 bytes for each of `MOST_CHANGES` cells."""


class UnreadableChanges(DomainError):
    """What was sent is no save of a tick sheet."""


class TickViews(ScopedModelAdmin[Branch]):
    """The pages of a branch's tick sheet, under its address."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("ticks/", self.choose_ticks_view, "choose_ticks"),
            self.page("<int:object_id>/ticks/", self.ticks_view, "ticks"),
            self.page("<int:object_id>/ticks/cells/", self.tick_cells_view, "tick_cells"),
            self.page("<int:object_id>/ticks/save/", self.save_ticks_view, "save_ticks"),
        ]

    def choose_ticks_view(self, request: HttpRequest) -> HttpResponseBase:
        """To the sheet of one's own branch, or the branches to choose from."""
        user, today = actor_of(request), today_of(request)
        own = list(branches_for(user, on=today, action=Action.RECORD).order_by("town_id", "position", "pk"))
        branches = own or list(branches_for(user, on=today).order_by("town_id", "position", "pk"))
        if len(branches) == 1:
            return HttpResponseRedirect(self.url("ticks", branches[0].pk))
        links = [(branch.name, self.url("ticks", branch.pk)) for branch in branches]
        return self.render(
            request, "workbench/recording/ticks/choose_ticks.html", title=_("Tick sheet"), context={"links": links}
        )

    def ticks_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The sheet of one base item and year."""
        branch = self.row_for(request, str(object_id), Action.READ)
        self.require_reading(request)
        rulebooks = catalogue_for(request).of_town(branch.town_id)
        year = choose_year(request, list(rulebooks), current=today_of(request).year)
        context: dict[str, Any] = {"branch": branch, "year": year, "years": list(rulebooks)}
        if year in rulebooks:
            context |= self._describe_sheet(request, branch, year, rulebooks[year])
        title = _("Tick sheet of %(branch)s") % {"branch": branch.name}
        return self.render(request, "workbench/recording/ticks/ticks.html", title=title, context=context)

    def _describe_sheet(self, request: HttpRequest, branch: Branch, year: int, rulebook: Rulebook) -> dict[str, Any]:
        sheet = self._read_sheet(request, branch, year, rulebook)
        editable = self.may_change(request, branch, Action.RECORD)
        several = branches_for(actor_of(request), on=today_of(request)).count() > 1
        query = f"?item={sheet.item.code}&year={year}"
        names = _tell_apart(sheet)
        return {
            "sheet": sheet,
            "items": rulebook.base,
            "editable": editable,
            "columns": [(name_period_in_year(period), ticked, of) for period, ticked, of in sheet.columns],
            "rows": [
                (row, names[row.member.pk], [(cell.state, _mark(cell)) for cell in row.cells]) for row in sheet.rows
            ],
            "groups": sorted({row.member.party_group for row in sheet.rows if row.member.party_group}),
            "reasons": UNTICK_REASONS.items(),
            "marks": _legend(),
            "list_name": _("Other branches") if several else self.opts.verbose_name_plural,
            "list_url": self.url("choose_ticks") if several else self.url("changelist"),
            "download_url": reverse(f"{self.admin_site.name}:export_ticks")
            if self.may_change(request, branch, Action.EXPORT)
            else "",
            "upload_url": f"{reverse(f'{self.admin_site.name}:import_ticks')}?branch={branch.pk}&year={year}",
            "config": {
                "user": actor_of(request).pk,
                "branch": branch.pk,
                "item": sheet.item.code,
                "year": year,
                "editable": editable,
                "cellsUrl": self.url("tick_cells", branch.pk) + query,
                "saveUrl": self.url("save_ticks", branch.pk),
                "periods": [[period, name_period_in_year(period)] for period in sheet.periods],
                "marks": {state: mark for state, mark, _says in _legend()},
                "words": _words(),
                **_pack_cells(sheet, names),
            },
        }

    def _read_sheet(self, request: HttpRequest, branch: Branch, year: int, rulebook: Rulebook) -> TickSheet:
        codes = [item.code for item in rulebook.base]
        item = request.GET.get("item", codes[0])
        if item not in codes:
            raise Http404
        return read_sheet(actor=actor_of(request), now=now_of(request), branch=branch, item=item, year=year)

    def tick_cells_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The cells as they stand now, after a save whose answer never came."""
        branch = self.row_for(request, str(object_id), Action.READ)
        self.require_reading(request)
        rulebooks = catalogue_for(request).of_town(branch.town_id)
        year = choose_year(request, list(rulebooks), current=today_of(request).year)
        if year not in rulebooks:
            raise Http404
        sheet = self._read_sheet(request, branch, year, rulebooks[year])
        return _send_json({"cells": [_pack_cell(cell) for cell in sheet.cells.values()]})

    def save_ticks_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Save the changes the page sends; every cell is answered for itself."""
        branch = self.row_for(request, str(object_id), Action.RECORD)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            sent = _read_save(request)
        except UnreadableChanges as refusal:
            return _send_json({"error": str(refusal)}, status=400)
        try:
            saved = save_ticks(actor=actor_of(request), now=now_of(request), branch=branch, **sent)
        except DomainError as refusal:
            return _send_json({"error": str(refusal)}, status=409)
        return _send_json(self._answer(saved))

    def _answer(self, saved: TicksSaved) -> dict[str, Any]:
        results = [
            [result.change.member_id, result.change.period, result.outcome, result.says] for result in saved.results
        ]
        cells = [saved.cells.get(result.change.key) for result in saved.results]
        return {
            "results": results,
            "cells": [_pack_cell(cell) for cell in cells if cell is not None],
            "batch": self.url_of(saved.batch) if saved.batch else "",
        }


def _send_json(data: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "private, no-store"})


def _read_save(request: HttpRequest) -> dict[str, Any]:
    """The arguments of `save_ticks` in what was sent.

    Raises:
        UnreadableChanges: it is something else, too much, or was made by another account's page.
    """
    if int(request.headers.get("Content-Length") or 0) > BODY_BYTES:
        raise UnreadableChanges(_("Too many changes at once. Save more often."))
    try:
        data = json.loads(request.body)
        if data["user"] != actor_of(request).pk:
            raise UnreadableChanges(
                _("Somebody else has logged in in this browser meanwhile. Log in as before and save again.")
            )
        changes = {(change.member_id, change.period): change for change in map(_read_change, data["changes"])}
        if len(changes) > MOST_CHANGES:
            raise UnreadableChanges(_("Too many changes at once. Save more often."))
        if not changes:
            raise ValueError
        return {
            "item": str(data["item"]),
            "year": _whole(data["year"]),
            "token": UUID(data["token"]),
            "changes": list(changes.values()),
            "reason": _write_reason(str(data.get("reason", "")), str(data.get("note", ""))),
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableChanges(_("The changes could not be read. Reload the page; it keeps them.")) from error


def _read_change(sent: Any) -> TickChange:
    member_id, period, ticked, seen = sent
    return TickChange(_whole(member_id), str(period)[:7], bool(ticked), str(UUID(seen)) if seen else "")


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**31:
        raise ValueError
    return value


def _write_reason(code: str, note: str) -> str:
    """Why ticks are taken back: the standard reason, and what was typed."""
    standard = str(UNTICK_REASONS[code]) if code in UNTICK_REASONS else ""
    return "；".join(filter(None, (standard, clean_text(note, max_length=len(note))[:200])))


def _pack_cell(cell: TickCell) -> list[Any]:
    return [cell.member_id, cell.period, cell.state, cell.uuid, cell.says]


def _tell_apart(sheet: TickSheet) -> dict[int, str]:
    """Each member's name by id; namesakes with party group and year of birth, or their place in the list."""
    members = [row.member for row in sheet.rows]
    times = Counter(member.name for member in members)
    names = {}
    for number, member in enumerate(members, 1):
        born = str(member.birth_date.year) if member.birth_date else ""
        mark = " ".join(filter(None, (member.party_group, born))) or str(number)
        names[member.pk] = f"{member.name}（{mark}）" if times[member.name] > 1 else member.name
    return names


def _pack_cells(sheet: TickSheet, names: dict[int, str]) -> dict[str, Any]:
    """The rows for the page's script; explanations, mostly the same ones, are listed once."""
    says: dict[str, int] = {}
    rows = [
        [
            row.member.pk,
            names[row.member.pk],
            f"{row.member.initials} {row.member.pinyin.replace(' ', '')}".lower(),
            row.member.party_group,
            [[cell.state, cell.uuid, says.setdefault(cell.says, len(says))] for cell in row.cells],
        ]
        for row in sheet.rows
    ]
    return {"rows": rows, "says": list(says)}


def _legend() -> list[tuple[str, str, str]]:
    """Each state with its mark and what it means."""
    meeting = pgettext("mark in a tick sheet", "M")
    return [
        (CellState.TICKED, "√", _("ticked")),
        (CellState.MEETING, meeting, _("earned at a meeting")),
        (CellState.COUNTED, "√", _("counted by an approved half")),
        (CellState.LOCKED, "–", _("cannot be changed now")),
        (CellState.OUTSIDE, "·", _("out of scope")),
        (CellState.FUTURE, "", _("to come")),
    ]


def _mark(cell: TickCell) -> str:
    if cell.state is CellState.MEETING:
        return pgettext("mark in a tick sheet", "M")
    if cell.event is not None:
        return "√"
    return {CellState.LOCKED: "–", CellState.OUTSIDE: "·"}.get(cell.state, "")


def _words() -> dict[str, str]:
    """What the page's script says; {n} and the like are filled in there."""
    return {
        "nothing": _("Everything is saved."),
        "unsaved": _("{n} changes not saved"),
        "unsavedBoth": _("{n} changes not saved (of them {u} ticks taken back)"),
        "saving": _("Saving {n} changes …"),
        "checking": _("No answer from the server. Reading the sheet again …"),
        "saved": _("Saved {n} changes. To undo it, untick them here, or void the whole batch."),
        "already": _("{n} cells were so already: somebody was faster. Nothing is recorded twice."),
        "savedAll": _("No answer came, but the sheet was read again: all {n} changes are saved."),
        "savedSome": _("No answer came. The sheet was read again: {n} changes are saved, {m} are not:"),
        "offline": _(
            "The server cannot be reached: it is not known whether these {n} changes are saved. They are kept "
            "on this device; “Retry” sends them again, and none is recorded twice:"
        ),
        "notSaved": _("{m} not saved:"),
        "batch": _("Open the batch"),
        "restored": _("{n} changes that were not saved last time are back. Save them, or discard them."),
        "restoredSome": _(
            "The last save had no answer: {n} of its changes are saved, {m} are not. They are marked; save again."
        ),
        "save": _("Save"),
        "retry": _("Retry"),
        "loggedOut": _(
            "Nothing was saved: you are logged out or may not record here any more. Log in in another tab, then save "
            "again; your changes are kept."
        ),
        "refused": _("Nothing was saved: {why}"),
        "changedMeanwhile": _("changed by somebody else meanwhile"),
        "willTick": _("To be ticked when you save."),
        "willUntick": _("To be taken back when you save."),
        "allTicked": _("All are ticked. To take a tick back, use its cell."),
        "noneFree": _("Nothing here can be ticked."),
        "shown": _("{n} of {m} members"),
        "more": _("and {n} more"),
        "notKept": _("This browser keeps nothing: unsaved changes are lost when the page is closed."),
        "row": _("{name}: tick the whole row"),
        "column": _("{name}: tick the whole column"),
        "undone": _("Undone: {n} cells."),
        "discarded": _("Discarded {n} changes. “Undo” brings them back."),
    }
