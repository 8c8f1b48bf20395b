"""Importing a roster in the workbench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.report import ImportReport, RowOutcome, show_value
from members.access import Action, branches_for, reach_of
from members.models import Branch, Member
from members.people.fields import MEMBER_FIELDS
from members.roster_files.importing import import_roster, preview_roster
from members.roster_files.matching import RosterPlan
from members.roster_files.reading import RosterResource
from members.roster_files.templates import roster_template
from members.roster_files.uploads import Line, Upload
from points.roster.closed_lists import find_closed_joinings
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome
from scoring_site.workbench.files.import_kinds import (
    FileForm,
    Found,
    ImportKind,
    add_town,
    chosen,
    show_place,
    told_lines,
)


class _RosterForm(FileForm):
    branch = forms.ModelChoiceField(
        label=gettext_lazy("Whose list it is"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("the column 党支部 says it"),
        help_text=gettext_lazy("For a branch's own list without that column."),
    )
    new_branches = forms.BooleanField(
        label=gettext_lazy("Make branches that the roster does not have yet"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without it a branch's name that is not on the roster is an error: it may be misspelt."),
    )


class RosterImport(ImportKind):
    """A town's roster, by town staff."""

    code = "roster"
    title = gettext_lazy("Import the roster")
    icon = "group_add"
    about = (
        gettext_lazy("Puts people on the roster and brings details up to date; it moves nobody and removes nobody."),
        gettext_lazy("A blank cell keeps what is stored. An import can be voided as one."),
    )
    headings = (
        gettext_lazy("Row"),
        gettext_lazy("branch"),
        gettext_lazy("name"),
        gettext_lazy("member category"),
        gettext_lazy("What changes"),
    )
    action = Action.KEEP_ROSTER
    resource = RosterResource
    template = staticmethod(roster_template)
    template_name = gettext_lazy("roster template")

    def is_for(self, request: HttpRequest) -> bool:
        return bool(reach_of(actor_of(request), on=today_of(request)).staff_towns)

    def make_form(self, request: HttpRequest) -> FileForm:
        kept, towns = request.GET, self.towns(request)
        # A town that has its branches seldom gets another: a name nobody knows is rather misspelt.
        makes_branches = kept.get("new_branches") or str(not Branch.objects.filter(town__in=towns).exists())
        form = _RosterForm(
            request.POST or None,
            request.FILES or None,
            initial={
                "town": kept.get("town"),
                "branch": kept.get("branch"),
                "new_branches": makes_branches == "True",
            },
        )
        add_town(form, towns)
        form.offer("branch", self.branches(request))
        form.order_fields(["town", "file", "branch", "new_branches"])
        return form

    def branches(self, request: HttpRequest) -> QuerySet[Branch]:
        """The branches whose list may be imported."""
        return branches_for(actor_of(request), on=today_of(request), action=self.action).filter(
            town__in=self.towns(request)
        )

    def read_choices(self, form: FileForm) -> dict[str, Any]:
        said = form.cleaned_data
        branch = {"branch": said["branch"].pk} if said["branch"] else {}
        return {"town": said["town"].pk, "new_branches": said["new_branches"], **branch}

    def facts(self, request: HttpRequest, choices: Mapping[str, Any]) -> list[Fact]:
        allowed = _("new ones are made") if choices["new_branches"] else _("only those on the roster")
        return [
            Fact(_("town"), chosen(self.towns(request), choices["town"]).name),
            Fact(_("branches"), allowed),
            *([Fact(_("Whose list it is"), self._branch_name(request, choices))] if "branch" in choices else []),
        ]

    def _branch_name(self, request: HttpRequest, choices: Mapping[str, Any]) -> str:
        """The branch whose list it is; "" where a column says it."""
        return str(chosen(self.branches(request), choices["branch"]).name) if "branch" in choices else ""

    def preview(self, request: HttpRequest, data: bytes, name: str, choices: Mapping[str, Any]) -> Found:
        plan = preview_roster(
            actor=actor_of(request),
            now=now_of(request),
            town=chosen(self.towns(request), choices["town"]),
            data=data,
            filename=name,
            guard=find_closed_joinings,
            branch=self._branch_name(request, choices),
            allow_new_branches=choices["new_branches"],
        )
        return Found(plan.report, self._lines(plan))

    def _lines(self, plan: RosterPlan) -> Iterator[tuple[str, Line]]:
        yield from told_lines(plan.report)
        changes = iter(plan.changes)
        for row in plan.rows:
            words = "—"
            if row.outcome is RowOutcome.UPDATED:
                member, values = next(changes)
                words = "；".join(_show_change(member, name, values[name]) for name in MEMBER_FIELDS if name in values)
            yield (
                row.outcome.value,
                (
                    show_place(show_value(row.sheet), row.row),
                    show_value(row.branch),
                    show_value(row.name),
                    MEMBER_FIELDS["category"].say(row.values["category"]),
                    words,
                ),
            )

    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str, *, confirmed: bool) -> ImportReport:
        return import_roster(
            actor=actor_of(request),
            now=now_of(request),
            town=chosen(self.towns(request), upload.choices["town"]),
            data=upload.read(),
            filename=upload.name,
            guard=find_closed_joinings,
            branch=self._branch_name(request, upload.choices),
            allow_new_branches=upload.choices["new_branches"],
            expected_hash=expected_hash,
            token=upload.token,
        )

    def written(self, request: HttpRequest, report: ImportReport) -> Outcome:
        told = _("The roster was imported: %(added)d members added, %(updated)d updated, %(unchanged)d unchanged.") % {
            "added": report.added,
            "updated": report.updated,
            "unchanged": report.unchanged,
        }
        undo = _("If this was a mistake, void the import here; a single one is put right on the member's page.")
        return Outcome(self.already_written(request, report.batch), f"{told}{undo}")


def _show_change(member: Member, name: str, value: Any) -> str:
    """One change of a member in words; personal numbers only as the fact (D21)."""
    field = MEMBER_FIELDS[name]
    if field.is_secret:
        return _("%(field)s: entered anew") % {"field": field.label}
    return f"{field.label}：{show_value(field.say(getattr(member, name)))} → {show_value(field.say(value))}"
