"""Clean input for a branch's month: whose dues were paid, what was held, and how each member took part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.selectors import members_in
from points.meetings.holding import HeldMeeting
from points.meetings.month import MonthRow, MonthSheet
from points.meetings.pasted_names import MOST_CHARACTERS, PastedNames, match_pasted_names
from points.models import Attendance
from scoring_site.forms.fields import TEXT_CLASS, TidyField, TokenForm

EXCUSED_WORDS = ("请假", "事假", "病假")
PASTED_AS = (
    ("dues", gettext_lazy("paid their dues")),
    ("attended", gettext_lazy("took part; everybody else was absent")),
    ("excused", gettext_lazy("were excused")),
    ("absent", gettext_lazy("were absent")),
)
"""What a pasted list of names says."""

Status = Attendance.Status


def words_agreeing(pasted_as: str) -> tuple[str, ...]:
    """Words that speak against a tick elsewhere but not in this kind of list."""
    return {"excused": EXCUSED_WORDS, "absent": ("缺席",)}.get(pasted_as, ())


class MonthForm(TokenForm):
    """The month's sheet as a form; only what is still open has a field."""

    dues_on = forms.DateField(label=gettext_lazy("paid on"), required=False, widget=forms.DateInput)
    held_on = forms.DateField(label=gettext_lazy("held on"), required=False, widget=forms.DateInput)
    place = TidyField(label=gettext_lazy("place"), max_length=100, required=False)
    host = TidyField(label=gettext_lazy("host"), max_length=60, required=False)
    topic = TidyField(label=gettext_lazy("topic"), max_length=200, required=False)
    minutes = TidyField(
        label=gettext_lazy("minutes"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    pasted = forms.CharField(
        label=gettext_lazy("names, as copied from the chat"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "data-paste-text": ""}),
    )
    pasted_as = forms.ChoiceField(
        label=gettext_lazy("these people"),
        required=False,
        choices=PASTED_AS,
        widget=forms.Select(attrs={"data-paste-as": ""}),
    )

    def __init__(self, *args: Any, sheet: MonthSheet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        self.today = today
        self.fields["dues_on"].initial = today
        self.fields["held_on"].initial = today if sheet.month == f"{today:%Y-%m}" else None
        for kind in sheet.due_kinds:
            self.fields[f"kind_{kind.item.code}"] = forms.BooleanField(label=kind.item.name, required=False)
        for row in sheet.rows:
            self._add_row(row)

    def _add_row(self, row: MonthRow) -> None:
        name = row.member.name
        if row.may_pay and self.sheet.dues:
            self.fields[f"dues_{row.member.pk}"] = forms.BooleanField(
                label=f"{name} {self.sheet.dues.name}",
                required=False,
                widget=forms.CheckboxInput(
                    attrs={
                        "data-dues": row.member.pk,
                        "data-last": "1" if row.paid_last_month else "",
                        "aria-label": f"{name} {self.sheet.dues.name}",
                    }
                ),
            )
        if row.is_open and self.sheet.due_kinds:
            self.fields[f"status_{row.member.pk}"] = forms.ChoiceField(
                label=f"{name} {_('attendance')}",
                required=False,
                choices=self.statuses(),
                initial=Status.ATTENDED if row.was_here else "",
                widget=forms.Select(
                    attrs={
                        "class": TEXT_CLASS,
                        "data-status": row.member.pk,
                        "data-last": "-" if row.last_status is None else row.last_status,
                        "aria-label": f"{name} {_('attendance')}",
                    }
                ),
            )

    @staticmethod
    def statuses() -> list[tuple[str, Any]]:
        """Every way of taking part, and not being expected at all."""
        return [*Status.choices, ("", _("not expected"))]

    def kind_fields(self) -> list[tuple[Any, forms.BoundField]]:
        """Each kind that is due with its tick."""
        return [(kind, self[f"kind_{kind.item.code}"]) for kind in self.sheet.due_kinds]

    def table(self) -> list[dict[str, Any]]:
        """Each row with its two fields, where it has them."""
        return [
            {
                "row": row,
                "dues": self[f"dues_{row.member.pk}"] if f"dues_{row.member.pk}" in self.fields else None,
                "status": self[f"status_{row.member.pk}"] if f"status_{row.member.pk}" in self.fields else None,
                "marks": list(zip(self.sheet.kinds, row.marks, strict=True)),
            }
            for row in self.sheet.rows
        ]

    def clean(self) -> dict[str, Any]:
        """Gather `dues` (member ids) and `meeting`; what was recorded meanwhile by somebody else is named."""
        data = super().clean() or self.cleaned_data
        self._refuse_recorded_meanwhile()
        data["dues"] = [row.member.pk for row in self.sheet.rows if data.get(f"dues_{row.member.pk}")]
        if data["dues"] and not data.get("dues_on") and "dues_on" not in self.errors:
            self.add_error("dues_on", _("On which day were they paid?"))
        data["meeting"] = None
        kinds = [(kind.item.code, kind.period) for kind in self.sheet.due_kinds if data.get(f"kind_{kind.item.code}")]
        exceptions = [row.member.name for row in self.sheet.rows if self._is_exception(row, data)]
        if not kinds and exceptions:
            raise forms.ValidationError(
                _("You changed the attendance of %(names)s. Tick what was held, or put the attendance back.")
                % {"names": "、".join(exceptions[:10])}
            )
        if kinds and data.get("held_on"):
            data["meeting"] = self._gather_meeting(data, kinds, data["held_on"])
        elif kinds and "held_on" not in self.errors:
            self.add_error("held_on", _("On which day was it held?"))
        return data

    def _refuse_recorded_meanwhile(self) -> None:
        """What the page offered and the sheet no longer does: it must not vanish without a word."""
        names = {f"{kind}_{row.member.pk}": row.member.name for row in self.sheet.rows for kind in ("dues", "status")}
        names |= {f"kind_{kind.item.code}": kind.item.name for kind in self.sheet.kinds}
        ticked = {name for name in self.data if name.startswith(("dues_", "kind_")) and name != "dues_on"}
        gone = sorted(names.get(name, _("somebody who left")) for name in ticked - self.fields.keys())
        if gone:
            raise forms.ValidationError(
                _(
                    "Recorded or closed in the meantime: %(names)s. Nothing was saved. The list below is fresh and "
                    "keeps your other ticks: check it and save again."
                )
                % {"names": "、".join(dict.fromkeys(gone))}
            )

    def _is_exception(self, row: MonthRow, data: Mapping[str, Any]) -> bool:
        name = f"status_{row.member.pk}"
        return name in self.fields and name in data and data[name] != (self.fields[name].initial or "")

    def _gather_meeting(
        self, data: Mapping[str, Any], kinds: list[tuple[str, str]], held_on: date
    ) -> HeldMeeting | None:
        statuses = {row.member.pk: status for row in self.sheet.rows if (status := data.get(f"status_{row.member.pk}"))}
        here = set(members_in([self.sheet.branch.pk], held_on).values_list("pk", flat=True))
        strangers = [row.member.name for row in self.sheet.rows if row.member.pk in statuses.keys() - here]
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


def typed_values(form: MonthForm) -> dict[str, Any]:
    """What was typed into a form, as the initial values of a new one."""
    return {name: field.widget.value_from_datadict(form.data, form.files, name) for name, field in form.fields.items()}


def tick_as_last_time(values: dict[str, Any], sheet: MonthSheet) -> None:
    """Set the dues of whoever paid last month, and the attendance of the last meeting for whoever is still here."""
    for row in sheet.rows:
        if row.paid_last_month:
            values[f"dues_{row.member.pk}"] = True
        if row.last_status is not None:
            values[f"status_{row.member.pk}"] = row.last_status


def tick_all_dues(values: dict[str, Any], sheet: MonthSheet) -> None:
    """Tick the dues of everybody."""
    values.update({f"dues_{row.member.pk}": True for row in sheet.rows})


def tick_pasted(values: dict[str, Any], sheet: MonthSheet) -> PastedNames:
    """Tick the exact names of a pasted list; returns what it held. Raises TextTooLong."""
    said = str(values.get("pasted_as") or "")
    names = {row.member.pk: row.member.name for row in sheet.rows}
    pasted = match_pasted_names(str(values.get("pasted") or ""), names, agreeing=words_agreeing(said))
    listed = set(pasted.member_ids)
    for row in sheet.rows:
        if said == "dues" and row.member.pk in listed:
            values[f"dues_{row.member.pk}"] = True
        elif said == "attended" and row.was_here and listed:
            values[f"status_{row.member.pk}"] = Status.ATTENDED if row.member.pk in listed else Status.ABSENT
        elif said in (Status.EXCUSED, Status.ABSENT) and row.member.pk in listed:
            values[f"status_{row.member.pk}"] = said
    return pasted
