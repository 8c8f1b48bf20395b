"""The tick sheet of a branch: the page, its cells read anew, and saving them; `recording/ticks.js` works it."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from foundation.errors import DomainError
from foundation.workbooks.cells import clean_text
from members.access import Action, branches_for, may, object_for, reach_of
from members.models import Branch
from points.rules.rulebook import Rulebook
from points.scoring.squares import MARKS, WORDS, Square
from points.scoring.wording import name_period_in_year
from points.scoring.year_choice import choose_year
from points.ticks.saving import MOST_CHANGES, UNTICK_REASONS, TickChange, TicksSaved, save_ticks
from points.ticks.sheet import CLEARS_ARREARS, IS_LATE, CellState, TickCell, TickSheet, read_sheet
from scoring_site.requests import actor_of, catalogue_for
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require, row_url

BODY_BYTES = 400_000
"""The most a save may send: some 100 bytes for each of `MOST_CHANGES` cells."""


class UnreadableChanges(DomainError):
    """What was sent is no save of a tick sheet."""


class ChooseTickSheet(WorkbenchPage):
    """To the sheet of one's own branch, or the branches to choose from."""

    route = "ticks/"
    name = "choose_ticks"
    title = gettext_lazy("Tick sheet")
    template = "workbench/recording/ticks/choose_ticks.html"

    def prepare(self) -> None:
        require(reach_of(self.actor, on=self.today).works_on_points)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The one sheet there is, or a list."""
        own = list(branches_for(self.actor, on=self.today, action=Action.RECORD).order_by("town_id", "position", "pk"))
        branches = own or list(branches_for(self.actor, on=self.today).order_by("town_id", "position", "pk"))
        if len(branches) == 1:
            return HttpResponseRedirect(page_url("ticks", branches[0].pk))
        return self.render(links=[(branch.name, page_url("ticks", branch.pk)) for branch in branches])


class TickSheetPart(WorkbenchPage):
    """What the tick sheet of one branch consists of: the page, its cells, and saving them."""

    menu = ChooseTickSheet.name
    action = Action.READ
    branch: Branch
    rulebooks: dict[int, Rulebook]
    year: int

    def prepare(self) -> None:
        self.branch = object_for(
            self.actor, Branch.objects.all(), on=self.today, action=self.action, pk=self.kwargs["branch_id"]
        )
        self.rulebooks = catalogue_for(self.request).of_town(self.branch.town_id)
        self.year = choose_year(self.request, list(self.rulebooks), current=self.today.year)

    def may_change(self, action: Action) -> bool:
        """Whether the user may do `action` in the branch."""
        return may(self.actor, action, self.branch, on=self.today)

    def read_sheet(self) -> TickSheet:
        """The sheet of the item in the address. Raises Http404 where the rulebook has no such base item."""
        codes = [item.code for item in self.rulebooks[self.year].base]
        item = self.request.GET.get("item", codes[0])
        if item not in codes:
            raise Http404
        return read_sheet(actor=self.actor, now=self.now, branch=self.branch, item=item, year=self.year)


class TickSheetPage(TickSheetPart):
    """The sheet of one base item and year."""

    route = "ticks/<id:branch_id>/"
    name = "ticks"
    records = True
    template = "workbench/recording/ticks/ticks.html"

    def get_title(self) -> str:
        return _("Tick sheet of %(branch)s") % {"branch": self.branch.name}

    @cached_property
    def chooses(self) -> bool:
        """Whether there are other branches to go to."""
        return branches_for(self.actor, on=self.today).count() > 1

    def get_way_back(self) -> tuple[Text, str]:
        if self.year in self.rulebooks and self.chooses:
            return _("Other branches"), page_url("choose_ticks")
        return "", ""

    def get(self, request: HttpRequest, branch_id: int) -> HttpResponseBase:
        """The sheet, or what is missing for one."""
        context = {"branch": self.branch, "year": self.year, "years": list(self.rulebooks)}
        return self.render(**context, **(self._describe_sheet() if self.year in self.rulebooks else {}))

    def _describe_sheet(self) -> dict[str, Any]:
        sheet = self.read_sheet()
        editable = self.may_change(Action.RECORD)
        query = f"?item={sheet.item.code}&year={self.year}"
        return {
            "sheet": sheet,
            "items": self.rulebooks[self.year].base,
            "editable": editable,
            "columns": [(name_period_in_year(period), ticked, of) for period, ticked, of in sheet.columns],
            "rows": [
                (row, row.member.listed_name, [(_style(cell), cell.mark) for cell in row.cells]) for row in sheet.rows
            ],
            "groups": sorted({row.member.party_group for row in sheet.rows if row.member.party_group}),
            "reasons": UNTICK_REASONS.items(),
            "marks": _legend(),
            "download_url": page_url("export_ticks") if self.may_change(Action.EXPORT) else "",
            "upload_url": f"{page_url('import_ticks')}?branch={self.branch.pk}&year={self.year}",
            "config": {
                "user": self.actor.pk,
                "branch": self.branch.pk,
                "item": sheet.item.code,
                "year": self.year,
                "editable": editable,
                "cellsUrl": page_url("tick_cells", self.branch.pk) + query,
                "saveUrl": page_url("save_ticks", self.branch.pk),
                "periods": [[period, name_period_in_year(period)] for period in sheet.periods],
                "meetingUrl": page_url("points_meeting_attendance", 0) if self.may_change(Action.VOID) else "",
                "csrfCookie": settings.CSRF_COOKIE_NAME,
                "words": _words(),
                **_pack_cells(sheet),
            },
        }


class TickCells(TickSheetPart):
    """The cells as they stand now, after a save whose answer never came."""

    route = "ticks/<id:branch_id>/cells/"
    name = "tick_cells"

    def get(self, request: HttpRequest, branch_id: int) -> JsonResponse:
        """Each cell."""
        if self.year not in self.rulebooks:
            raise Http404
        return JsonResponse({"cells": [_pack_cell(cell) for cell in self.read_sheet().cells.values()]})


class SaveTicks(TickSheetPart):
    """Save the changes the page sends; every cell is answered for itself."""

    route = "ticks/<id:branch_id>/save/"
    name = "save_ticks"
    action = Action.RECORD

    def post(self, request: HttpRequest, branch_id: int) -> JsonResponse:
        """What became of each change, and the cells as they stand then."""
        try:
            sent = _read_save(request)
        except UnreadableChanges as refusal:
            return JsonResponse({"error": str(refusal)}, status=400)
        try:
            saved = save_ticks(actor=self.actor, now=self.now, branch=self.branch, **sent)
        except DomainError as refusal:
            return JsonResponse({"error": str(refusal)}, status=409)
        return JsonResponse(_answer(saved))


def _answer(saved: TicksSaved) -> dict[str, Any]:
    results = [
        [result.change.member_id, result.change.period, result.outcome, result.message] for result in saved.results
    ]
    cells = [saved.cells.get(result.change.key) for result in saved.results]
    return {
        "results": results,
        "cells": [_pack_cell(cell) for cell in cells if cell is not None],
        "batch": row_url(saved.batch) if saved.batch else "",
    }


def _read_save(request: HttpRequest) -> dict[str, Any]:
    """The arguments of `save_ticks` in what was sent.

    Raises:
        UnreadableChanges: it is something else, too much, or was made by another account's page.
    """
    if int(request.headers.get("Content-Length") or 0) > BODY_BYTES:
        raise UnreadableChanges(_("Too many changes at once. Save more often."))
    try:
        if request.content_type != "application/json":
            raise ValueError
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
            "reason": _compose_reason(str(data.get("reason", "")), str(data.get("note", ""))),
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


def _compose_reason(code: str, note: str) -> str:
    """Why ticks are taken back: the standard reason, and what was typed."""
    standard = str(UNTICK_REASONS[code]) if code in UNTICK_REASONS else ""
    return "；".join(filter(None, (standard, clean_text(note, max_length=len(note)))))


def _pack_cell(cell: TickCell) -> list[Any]:
    return [cell.member_id, cell.period, cell.state, cell.uuid, cell.explanation, *_pack_look(cell)]


def _style(cell: TickCell) -> str:
    """The classes of a cell: its state, and its square where nothing is recorded."""
    return str(cell.state) if cell.event else f"{cell.state} {cell.square}"


def _pack_look(cell: TickCell) -> list[Any]:
    """Its mark, its classes, and the meeting at which it is changed (0 for none)."""
    return [cell.mark, _style(cell), cell.meeting_id or 0]


def _pack_cells(sheet: TickSheet) -> dict[str, Any]:
    """The rows for the page's script; explanations, mostly the same ones, are listed once."""
    numbers: dict[str, int] = {}
    rows = [
        [
            row.member.pk,
            row.member.listed_name,
            f"{row.member.initials} {row.member.pinyin.replace(' ', '')}".lower(),
            row.member.party_group,
            [
                [cell.state, cell.uuid, numbers.setdefault(cell.explanation, len(numbers)), *_pack_look(cell)]
                for cell in row.cells
            ],
        ]
        for row in sheet.rows
    ]
    return {"rows": rows, "explanations": list(numbers)}


def _legend() -> list[tuple[str, str, str]]:
    """The classes of each kind of cell with its mark and what it means: the seven states, then what binds a record."""
    empty = CellState.EMPTY
    squares = [
        (f"{CellState.TICKED}", Square.EARNED),
        (f"{CellState.MISSED} {Square.EXCUSED}", Square.EXCUSED),
        (f"{CellState.MISSED} {Square.ABSENT}", Square.ABSENT),
        (f"{empty} {Square.NOT_HELD}", Square.NOT_HELD),
        (f"{empty} {Square.NO_RECORD}", Square.NO_RECORD),
        (f"{CellState.FUTURE} {Square.NOT_OVER}", Square.NOT_OVER),
        (f"{CellState.OUTSIDE} {Square.OUT_OF_SCOPE}", Square.OUT_OF_SCOPE),
    ]
    return [(style, str(MARKS[square]), str(WORDS[square])) for style, square in squares] + [
        (CellState.MEETING, pgettext("mark in a tick sheet", "M"), _("earned at a meeting")),
        (CellState.COUNTED, "√", _("counted by an approved half")),
        (CellState.LOCKED, "–", _("cannot be changed now")),
    ]


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
        "others": _("Somebody else changed {n} cells meanwhile; they stand here as they are now:"),
        "changedMeanwhile": _("changed by somebody else meanwhile"),
        "willTick": _("To be ticked when you save."),
        "clearsArrears": str(CLEARS_ARREARS),
        "isLate": str(IS_LATE),
        "willUntick": _("To be taken back when you save."),
        "allTicked": _("All are ticked. To take a tick back, use its cell."),
        "noneFree": _("Nothing here can be ticked."),
        "shown": _("{n} of {m} members"),
        "more": _("and {n} more"),
        "notKept": _("This browser keeps nothing: unsaved changes are lost when the page is closed."),
        "meeting": _("Open the attendance of that meeting"),
        "row": _("{name}: tick the whole row"),
        "column": _("{name}: tick the whole column"),
        "undone": _("Undone: {n} cells."),
        "discarded": _("Discarded {n} changes. “Undo” brings them back."),
    }
