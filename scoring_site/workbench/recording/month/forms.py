"""Clean input for a branch's month: whose dues were paid, what was held, and how each member took part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.selectors import members_in
from points.meetings.attendance import NOT_EXPECTED
from points.meetings.holding import HeldMeeting
from points.meetings.leaves import NO_LEAVE, LeaveRoll
from points.meetings.month import MonthRow, MonthSheet
from points.meetings.pasted_names import PastedNames
from points.models import Attendance
from points.scoring.squares import MARKS, WORDS, Square
from scoring_site.forms.fields import TidyField, offer_phrases
from scoring_site.forms.members import (
    attendance_choices,
    find_unknown_statuses,
    name_members,
    read_statuses,
    refuse_unknown_statuses,
)
from scoring_site.workbench.recording.last_time import AsLastTime, read_as_last_time
from scoring_site.workbench.recording.leave_seen import excuse, name_seen, say_leave
from scoring_site.workbench.recording.roster import ATTENDANCE_SAID, DUES, RosterForm, mark_pasted, read_pasted

PASTED_AS = ((DUES, gettext_lazy("paid their dues")), *ATTENDANCE_SAID)
"""What a pasted list of names says."""

Status = Attendance.Status


@dataclass(slots=True)
class MonthMarks:
    """Whose dues are ticked (member ids), and how each took part; only of rows that are still open."""

    dues: set[int]
    statuses: dict[int, str]


class MonthForm(RosterForm):
    """The month's sheet as a form; only what is still open can be marked."""

    lists = PASTED_AS

    dues_on = forms.DateField(label=gettext_lazy("paid on"), required=False, widget=forms.DateInput)
    held_on = forms.DateField(label=gettext_lazy("held on"), required=False, widget=forms.DateInput)
    place = TidyField(label=gettext_lazy("place"), max_length=100, required=False, widget=offer_phrases("places"))
    host = TidyField(label=gettext_lazy("host"), max_length=60, required=False, widget=offer_phrases("hosts"))
    topic = TidyField(label=gettext_lazy("topic"), max_length=200, required=False, widget=offer_phrases("topics"))
    minutes = TidyField(
        label=gettext_lazy("minutes"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    leaves = forms.CharField(required=False, widget=forms.HiddenInput)
    """Whose accepted leave the form showed."""

    def __init__(
        self,
        *args: Any,
        sheet: MonthSheet,
        today: date,
        marks: MonthMarks | None = None,
        leaves: LeaveRoll = NO_LEAVE,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        self.today = today
        self.roll = leaves
        self.usual = mark_as_usual(sheet).statuses
        self.excused = {pk for pk in leaves.accepted if self.usual.get(pk) == Status.ATTENDED}
        self.initial.setdefault("leaves", name_seen(leaves.accepted))
        self.fields["dues_on"].initial = today
        self.fields["held_on"].initial = today if sheet.month == f"{today:%Y-%m}" else None
        for kind in sheet.due_kinds:
            self.fields[f"kind_{kind.item.code}"] = forms.BooleanField(label=kind.item.name, required=False)
        begin = MonthMarks(set(), excuse(self.usual, self.excused))
        self.marks = _read_marks(self.data, sheet) if self.is_bound else marks or begin

    statuses_offered = staticmethod(attendance_choices)

    @cached_property
    def last(self) -> AsLastTime:
        """What "as last time" does."""
        expected = [row.member for row in self.sheet.rows if _takes_part(self.sheet, row) and row.was_here]
        return read_as_last_time(self.sheet.last, expected, asks_dues=self.sheet.may_pay)

    def kind_fields(self) -> list[tuple[Any, forms.BoundField]]:
        """Each kind that is due with its tick."""
        return [(kind, self[f"kind_{kind.item.code}"]) for kind in self.sheet.due_kinds]

    def table(self) -> list[dict[str, Any]]:
        """Each row with what is marked in it; `status` is None where there is nothing to choose."""
        # What "as last time" left is no fault yet where the form is only shown again.
        unknown = find_unknown_statuses(self.marks.statuses) if self.is_bound else {}
        return [
            {
                "row": row,
                "pays": may_pay(self.sheet, row),
                "paid": row.member.pk in self.marks.dues,
                "status": self.marks.statuses.get(row.member.pk),
                "is_closed": not row.is_open or not row.was_here,
                "usual": self.usual.get(row.member.pk, ""),
                "leave": say_leave(row.member.pk, accepted=self.excused, waiting=self.roll.waiting),
                "status_error": unknown.get(row.member.pk, ""),
                "last": "" if row.member.pk in self.excused else self.last.statuses.get(row.member.pk, ""),
                "marks": [
                    (kind, mark, MARKS[square] if square is Square.EARNED else WORDS[square])
                    for kind, mark, square in zip(self.sheet.kinds, row.marks, row.squares, strict=True)
                ],
            }
            for row in self.sheet.rows
        ]

    def clean(self) -> dict[str, Any]:
        """Gather `dues` (member ids) and `meeting`; what was recorded meanwhile by somebody else is named."""
        data = super().clean() or self.cleaned_data
        self._refuse_recorded_meanwhile()
        members = [row.member for row in self.sheet.rows]
        refuse_unknown_statuses(members, find_unknown_statuses(self.marks.statuses))
        data["dues"] = [member.pk for member in members if member.pk in self.marks.dues]
        if data["dues"] and not data.get("dues_on") and "dues_on" not in self.errors:
            self.add_error("dues_on", _("On which day were they paid?"))
        data["meeting"] = None
        kinds = [(kind.item.code, kind.period) for kind in self.sheet.due_kinds if data.get(f"kind_{kind.item.code}")]
        # Who began as excused was not changed by anybody; where nothing is ticked as held, only the form knows of them.
        seen = str(data.get("leaves", "")).split(",")
        begin = excuse(self.usual, [pk for pk in self.usual if str(pk) in seen])
        exceptions = [
            member
            for member in members
            if self.marks.statuses.get(member.pk) not in (self.usual.get(member.pk), begin.get(member.pk))
        ]
        if not kinds and exceptions:
            raise forms.ValidationError(
                _("You changed the attendance of %(names)s. Tick what was held, or put the attendance back.")
                % {"names": name_members(exceptions)}
            )
        if kinds and data.get("held_on"):
            data["meeting"] = self._gather_meeting(data, kinds, data["held_on"])
        elif kinds and "held_on" not in self.errors:
            self.add_error("held_on", _("On which day was it held?"))
        return data

    def _refuse_recorded_meanwhile(self) -> None:
        """What the page offered and the sheet no longer does: it must not vanish without a word."""
        names = {
            f"{kind}_{row.member.pk}": row.member.listed_name for row in self.sheet.rows for kind in ("dues", "status")
        }
        names |= {f"kind_{kind.item.code}": kind.item.name for kind in self.sheet.kinds}
        ticked = {name for name in self.data if name.startswith(("dues_", "kind_")) and name != "dues_on"}
        offered = {f"dues_{row.member.pk}" for row in self.sheet.rows if may_pay(self.sheet, row)} | self.fields.keys()
        gone = sorted(names.get(name, _("somebody who left")) for name in ticked - offered)
        if gone:
            raise forms.ValidationError(
                _(
                    "Recorded or closed in the meantime: %(names)s. Nothing was saved. The list below is fresh and "
                    "keeps your other ticks: check it and save again."
                )
                % {"names": "、".join(dict.fromkeys(gone))}
            )

    def _gather_meeting(
        self, data: Mapping[str, Any], kinds: list[tuple[str, str]], held_on: date
    ) -> HeldMeeting | None:
        statuses = {pk: status for pk, status in self.marks.statuses.items() if status != NOT_EXPECTED}
        here = set(members_in([self.sheet.branch.pk], held_on).values_list("pk", flat=True))
        strangers = [row.member.listed_name for row in self.sheet.rows if row.member.pk in statuses.keys() - here]
        if strangers:
            self.add_error(
                "held_on",
                _("%(names)s did not belong to the branch on that day. Set their attendance to “not expected”.")
                % {"names": "、".join(strangers)},
            )
            return None
        return HeldMeeting(
            branch=self.sheet.branch,
            held_on=held_on,
            kinds=kinds,
            statuses=statuses,
            topic=data.get("topic", ""),
            place=data.get("place", ""),
            host=data.get("host", ""),
            minutes=data.get("minutes", ""),
        )


def may_pay(sheet: MonthSheet, row: MonthRow) -> bool:
    """Whether the row has a box for the dues."""
    return row.may_pay and sheet.dues is not None


def _takes_part(sheet: MonthSheet, row: MonthRow) -> bool:
    """Whether the row asks how the member took part."""
    return row.is_open and bool(sheet.due_kinds)


def mark_as_usual(sheet: MonthSheet) -> MonthMarks:
    """No dues, and everybody who was here attended."""
    return MonthMarks(
        set(),
        {
            row.member.pk: Status.ATTENDED if row.was_here else NOT_EXPECTED
            for row in sheet.rows
            if _takes_part(sheet, row)
        },
    )


def _read_marks(data: Mapping[str, Any], sheet: MonthSheet) -> MonthMarks:
    """What was sent for the rows that are open."""
    return MonthMarks(
        {row.member.pk for row in sheet.rows if may_pay(sheet, row) and data.get(f"dues_{row.member.pk}")},
        read_statuses(data, [row.member.pk for row in sheet.rows if _takes_part(sheet, row)]),
    )


def tick_all_dues(marks: MonthMarks, sheet: MonthSheet) -> None:
    """Tick the dues of everybody."""
    marks.dues.update(row.member.pk for row in sheet.rows if may_pay(sheet, row))


def tick_pasted(marks: MonthMarks, sheet: MonthSheet, *, text: str, said: str) -> PastedNames:
    """Tick the exact names of a pasted list; returns what it held. `said` is what the list says (`PASTED_AS`).

    Raises:
        TextTooLong.
    """
    pasted = read_pasted(text, [row.member for row in sheet.rows], said)
    listed = set(pasted.member_ids)
    if said == DUES:
        marks.dues.update(row.member.pk for row in sheet.rows if row.member.pk in listed and may_pay(sheet, row))
    else:
        mark_pasted(marks.statuses, mark_as_usual(sheet).statuses, listed=listed, said=said)
    return pasted


def find_closed(sheet: MonthSheet, *, said: str) -> set[int]:
    """Of whom a list that says this can mark nothing: not counting, locked, or recorded already."""
    return {
        row.member.pk
        for row in sheet.rows
        if not (may_pay(sheet, row) if said == DUES else _takes_part(sheet, row) and row.was_here)
    }
