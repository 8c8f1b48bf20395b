"""The roster of a branch on a recorder's form, with its tools: finding, setting many at once, a pasted list.

One component for the month, a meeting and an activity: `templates/workbench/recording/roster/`, `roster.js`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member
from points.meetings.attendance import NOT_EXPECTED
from points.meetings.pasted_names import MOST_CHARACTERS, Doubt, PastedNames, match_pasted_names
from points.models import Attendance
from scoring_site.forms.fields import TokenForm
from scoring_site.workbench.base.pages import page_url

EXCUSED_WORDS = ("请假", "事假", "病假")
DUES = "dues"
WHOLE_LISTS = (DUES, Attendance.Status.ATTENDED)
"""Lists that ought to name everybody: who is missing from one is what the recorder looks for."""
ATTENDANCE_SAID = (
    (Attendance.Status.ATTENDED.value, gettext_lazy("took part; everybody else was absent")),
    (Attendance.Status.EXCUSED.value, gettext_lazy("were excused")),
    (Attendance.Status.ABSENT.value, gettext_lazy("were absent")),
)
DOUBTS = {
    Doubt.UNKNOWN: gettext_lazy("no exact name of this branch"),
    Doubt.NAMESAKES: gettext_lazy("several members bear this name"),
    Doubt.AGAINST: gettext_lazy("a word in the line speaks against it"),
    Doubt.UNCLEAR: gettext_lazy("not clear who is meant"),
}


class RosterForm(TokenForm):
    """A form with a roster, into which a list of names can be pasted; the list is never saved."""

    pasted = forms.CharField(
        label=gettext_lazy("names, as copied from the chat"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "data-paste-text": ""}),
    )

    lists: tuple[tuple[str, Any], ...] = ATTENDANCE_SAID
    """What a pasted list can say here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pasted_as"] = forms.ChoiceField(
            label=_("these people"),
            required=False,
            choices=self.lists,
            widget=forms.Select(attrs={"class": "workbench-input", "data-paste-as": ""}),
        )


def describe_roster(members: Sequence[Member]) -> dict[str, Any]:
    """What the tools need beside the form: the party groups to choose from, and who reads a pasted list."""
    groups = dict.fromkeys(member.party_group for member in members if member.party_group)
    return {"names_url": page_url("names"), "party_groups": sorted(groups)}


def read_pasted(text: str, members: Iterable[Member], said: str) -> PastedNames:
    """The names of a pasted list; `said` is what the list says, so that its own words are none against it.

    Raises:
        TextTooLong.
    """
    agreeing = {"excused": EXCUSED_WORDS, "absent": ("缺席",)}.get(said, ())
    return match_pasted_names(text, {member.pk: member.name for member in members}, agreeing=agreeing)


def mark_pasted(
    statuses: dict[int, str], usual: Mapping[int, str], *, listed: Collection[int], said: str, own: Collection[int] = ()
) -> None:
    """Mark whom a list names; one of those present leaves the others absent who have no answer of their own yet.

    `own` are members with an answer of theirs (they signed in); of whom is not expected as a rule nothing changes.
    A list that says nothing known changes nobody.
    """
    if said not in dict(ATTENDANCE_SAID):
        return
    for pk, status in statuses.items():
        if usual[pk] == NOT_EXPECTED:
            continue
        if pk in listed:
            statuses[pk] = said
        elif said == Attendance.Status.ATTENDED and listed and status == usual[pk] and pk not in own:
            statuses[pk] = Attendance.Status.ABSENT


def say_too_long() -> str:
    """What to do with a list that is too long to be read at once."""
    return _("The list is longer than %(count)d characters. Paste it in parts.") % {"count": MOST_CHARACTERS}


def describe_pasted(
    pasted: PastedNames,
    members: Sequence[Member],
    *,
    said: str,
    closed: Collection[int] = (),
    is_part: bool = False,
) -> dict[str, Any]:
    """What a pasted list held, for the page: who was found, what is left to decide, who is missing from it.

    `closed` are members of whom nothing can be set on the page: named in the list, they are said and not set; where it
    offers a part of the branch, their lines are not there to say why.
    """
    says_unset = (
        _("In the list, but not to be chosen here: %(names)s.")
        if is_part
        else _("In the list, but nothing can be set for them here (the reason stands in their line): %(names)s.")
    )
    by_id = {member.pk: member for member in members}
    found = [entry for entry in pasted.found if entry.member_id not in closed]
    unset = [by_id[pk].listed_name for pk in pasted.member_ids if pk in closed]
    meant = {pk for row in pasted.left for pk in row.candidates}.union(pasted.member_ids, closed)
    missing = [member.listed_name for member in members if member.pk not in meant] if pasted.found else []
    return {
        "summary": _("%(found)d names found, %(left)d to be decided by you.")
        % {"found": len(found), "left": len(pasted.left)},
        "unset": says_unset % {"names": "、".join(unset)} if unset else "",
        "missing": _("Missing from the list: %(count)d") % {"count": len(missing)} if missing else "",
        "missing_names": "、".join(missing),
        "is_whole": said in WHOLE_LISTS,
        "found": [
            {"id": entry.member_id, "name": by_id[entry.member_id].listed_name, "line": entry.line} for entry in found
        ],
        "left": [
            {
                "line": row.line,
                "text": row.text,
                "words": row.words,
                "why": str(DOUBTS[row.doubt]),
                "candidates": [
                    {"id": one, "name": by_id[one].listed_name} for one in row.candidates if one not in closed
                ],
            }
            for row in pasted.left
        ],
    }
