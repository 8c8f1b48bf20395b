"""Clean input for meetings and their attendance; the verbs decide what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.log.reasons import REASON_LENGTH
from members.models import Member
from points.meetings.attendance import NOT_EXPECTED
from points.meetings.leaves import NO_LEAVE, LeaveRoll
from points.models import Attendance
from points.rules.periods import period_of
from points.rules.rulebook import BaseItem, Rulebook
from scoring_site.forms.evidence import EvidenceField
from scoring_site.forms.fields import TidyField, TokenForm, offer_phrases
from scoring_site.forms.members import (
    AttendanceRow,
    attendance_choices,
    find_unknown_statuses,
    read_statuses,
    refuse_unknown_statuses,
    say_exempt,
)
from scoring_site.workbench.base.entry_forms import period_choices
from scoring_site.workbench.recording.last_time import AsLastTime
from scoring_site.workbench.recording.leave_seen import name_seen, say_leave
from scoring_site.workbench.recording.roster import RosterForm

MOST_MINUTES = 8000


class KindsForm(TokenForm):
    """What a meeting was: its kinds, each with period and topic, or a free activity; place, host and minutes."""

    topic = TidyField(label=gettext_lazy("topic"), max_length=200, required=False, widget=offer_phrases("topics"))
    place = TidyField(label=gettext_lazy("place"), max_length=100, required=False, widget=offer_phrases("places"))
    host = TidyField(label=gettext_lazy("host"), max_length=60, required=False, widget=offer_phrases("hosts"))
    minutes = TidyField(
        label=gettext_lazy("minutes"), max_length=MOST_MINUTES, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    free = forms.BooleanField(
        label=gettext_lazy("Free activity: attendance is kept, no base points are earned"), required=False
    )

    def __init__(self, *args: Any, rulebook: Rulebook, years: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind_items = rulebook.meeting_items
        known = tuple(years)
        for item in self.kind_items:
            names = {"item": item.name}
            self.fields[f"kind_{item.code}"] = forms.BooleanField(label=item.name, required=False)
            self.fields[f"period_{item.code}"] = forms.ChoiceField(
                label=_("period of %(item)s") % names,
                required=False,
                choices=period_choices(known, (item.per,)),
                widget=forms.Select(
                    attrs={"class": "workbench-input", "aria-label": item.name, "data-period-per": item.per}
                ),
            )
            self.fields[f"topic_{item.code}"] = TidyField(
                label=_("topic of %(item)s") % names,
                max_length=200,
                required=False,
                widget=forms.TextInput(
                    attrs={
                        "class": "workbench-input",
                        "aria-label": _("topic of %(item)s") % names,
                        "placeholder": _("its own topic, if any"),
                    }
                ),
            )

    def kind_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The tick, the period and the topic of each kind."""
        return [
            (self[f"kind_{item.code}"], self[f"period_{item.code}"], self[f"topic_{item.code}"])
            for item in self.kind_items
        ]

    def read_kinds(self, data: Mapping[str, Any], day: date) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """The ticked kinds (item, period) and their topics by item; periods left open are those of the day.

        Raises:
            ValidationError: neither a kind nor "free activity" is ticked, or both are.
        """
        chosen: list[BaseItem] = [item for item in self.kind_items if data.get(f"kind_{item.code}")]
        if not chosen and not data.get("free"):
            raise forms.ValidationError(_("Tick at least one kind of meeting, or “free activity”."))
        if chosen and data.get("free"):
            raise forms.ValidationError(_("A free activity has no kind: untick one or the other."))
        kinds = [(item.code, data.get(f"period_{item.code}") or period_of(day, item.per)) for item in chosen]
        return kinds, {item.code: data.get(f"topic_{item.code}", "") for item in chosen}


class MeetingForm(RosterForm, KindsForm):
    """A meeting, its kinds, and how each member of the branch on that day took part.

    `exempt` says since when members are; nothing counts for them, so that they are not expected (D15, D16).
    """

    held_on = forms.DateField(label=gettext_lazy("held on"), widget=forms.DateInput)
    photos = EvidenceField(label=gettext_lazy("photos and papers"))
    signed = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    leaves = forms.CharField(required=False, widget=forms.HiddenInput)
    """Whose accepted leave the form showed."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        scanned: Mapping[int, datetime] | None = None,
        exempt: Mapping[int, date] | None = None,
        last: AsLastTime | None = None,
        marks: Mapping[int, str] | None = None,
        leaves: LeaveRoll = NO_LEAVE,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        self.scanned = scanned
        self.exempt = exempt or {}
        self.last = last
        self.roll = leaves
        if scanned is not None:
            self.fields["signed"].initial = len(scanned)
        self.usual: dict[int, str] = {
            member.pk: NOT_EXPECTED
            if member.pk in self.exempt
            else Attendance.Status.ATTENDED
            if scanned is None or member.pk in scanned
            else Attendance.Status.ABSENT
            for member in members
        }
        free = leaves.accepted - self.exempt.keys() - (scanned or {}).keys()
        self.excused = {pk for pk in self.usual if pk in free}
        self.initial["leaves"] = name_seen(leaves.accepted)
        begin = self.usual | dict.fromkeys(self.excused, Attendance.Status.EXCUSED.value)
        self.statuses: Mapping[int, str] = (
            read_statuses(self.data, self.usual) if self.is_bound else begin | dict(marks or {})
        )
        # What "as last time" left is no fault yet where the form is only shown again.
        self.unknown = find_unknown_statuses(self.statuses) if self.is_bound else {}

    statuses_offered = staticmethod(attendance_choices)

    def attendance_rows(self) -> list[AttendanceRow]:
        """Each member with how they took part, when they signed in themselves, and what "as last time" makes of it."""
        times = self.scanned or {}
        last = self.last.statuses if self.last else {}
        return [
            AttendanceRow(
                member,
                self.statuses[member.pk],
                self.unknown.get(member.pk, ""),
                signed_at=times.get(member.pk),
                remark=self._say_beside(member.pk),
                last="" if member.pk in self.excused else last.get(member.pk, ""),
                usual=self.usual[member.pk],
                is_closed=member.pk in self.exempt,
            )
            for member in self.members
        ]

    def _say_beside(self, member_id: int) -> str:
        if member_id in self.exempt:
            return say_exempt(self.exempt[member_id])
        return say_leave(member_id, accepted=self.excused, waiting=self.roll.waiting)

    def clean(self) -> dict[str, Any]:
        """Gather `kinds`, `topics` and `statuses`; the people sent must be those of the branch on the day."""
        data = super().clean() or self.cleaned_data
        if data.get("held_on") is None:
            return data
        sent = {name for name in self.data if name.startswith("status_")}
        if sent != {f"status_{member.pk}" for member in self.members}:
            raise forms.ValidationError(
                _("The list now shows the branch's members on that day. Check the attendance and save again.")
            )
        refuse_unknown_statuses(self.members, self.unknown)
        data["kinds"], data["topics"] = self.read_kinds(data, data["held_on"])
        data["statuses"] = {pk: status for pk, status in self.statuses.items() if status != NOT_EXPECTED}
        return data


class ChangeMeetingForm(KindsForm):
    """What is put right about a held meeting."""

    held_on = forms.DateField(
        label=gettext_lazy("held on"),
        required=False,
        widget=forms.DateInput,
        help_text=gettext_lazy(
            "Within the same half. A kind whose period was that of the old day takes that of the new one."
        ),
    )
    reason = TidyField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        required=False,
        help_text=gettext_lazy("Needed where the day, the kinds or their periods change: points depend on them."),
    )

    def __init__(self, *args: Any, held_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old_day = held_on

    def clean(self) -> dict[str, Any]:
        """Gather `kinds` and `topics`; periods follow the day."""
        data = super().clean() or self.cleaned_data
        if "held_on" in self.errors:
            return data
        data["held_on"] = data.get("held_on") or self.old_day
        for item in self.kind_items:
            if data.get(f"period_{item.code}") == period_of(self.old_day, item.per):
                data[f"period_{item.code}"] = period_of(data["held_on"], item.per)
        data["kinds"], data["topics"] = self.read_kinds(data, data["held_on"])
        return data


class GuestsForm(TokenForm):
    """Who came from other branches, by name: whom they have is not for this branch to see."""

    names = TidyField(
        label=gettext_lazy("names"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line; where two share a name, the branch after a blank: 李明 河东支部"),
    )


class AttendanceForm(TokenForm):
    """How each member took part, beside how it stands; only what is different is sent on, with one reason.

    `exempt` says since when members are; what sets many at once leaves them alone (D16).
    """

    reason = TidyField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("E.g. “checked against the sign-in sheet”, “made up on 12 March”. It stays readable."),
    )

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        standing: Mapping[int, str],
        exempt: Mapping[int, date],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        self.exempt = exempt
        usual = {member.pk: standing.get(member.pk, NOT_EXPECTED) for member in members}
        self.statuses: Mapping[int, str] = read_statuses(self.data, usual) if self.is_bound else usual
        self.seen: Mapping[int, str] = read_statuses(self.data, usual, what="seen") if self.is_bound else usual
        self.unknown = find_unknown_statuses(self.statuses)

    statuses_offered = staticmethod(attendance_choices)

    def attendance_rows(self) -> list[AttendanceRow]:
        """Each member with how they took part and what the form showed."""
        return [
            AttendanceRow(
                member,
                self.statuses[member.pk],
                self.unknown.get(member.pk, ""),
                seen=self.seen[member.pk],
                remark=say_exempt(self.exempt[member.pk]) if member.pk in self.exempt else "",
                usual=self.seen[member.pk],
                is_closed=member.pk in self.exempt,
            )
            for member in self.members
        ]

    def clean(self) -> dict[str, Any]:
        """Gather `statuses` and `seen` of the members whose status was changed on the form."""
        data = super().clean() or self.cleaned_data
        refuse_unknown_statuses(self.members, self.unknown | find_unknown_statuses(self.seen))
        sent = [member.pk for member in self.members if f"status_{member.pk}" in self.data]
        data["statuses"] = {pk: self.statuses[pk] for pk in sent if self.statuses[pk] != self.seen[pk]}
        data["seen"] = {pk: self.seen[pk] for pk in data["statuses"]}
        if not data["statuses"] and not self.errors:
            raise forms.ValidationError(_("Choose another attendance for at least one member."))
        return data
