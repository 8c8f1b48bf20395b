"""A member's page: the year's score with its reasons, every record with voids struck through, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from members.access import Action, is_own_case, members_for, readable_grounds_for
from members.models import Member
from members.people.roster import Joining, JoinRefusal
from points.models import PointEvent
from points.papers.record_form.pdf import write_record_form
from points.roster.closed_lists import find_closed_joinings
from points.rules.rulebook import Rulebook
from points.scoring.explanations import explain_sheet, read_held_periods
from points.scoring.outlook import describe_outlook
from points.scoring.scores import score_members
from points.scoring.wording import name_period, show_points
from points.scoring.year_choice import choose_year
from scoring_site.downloads import send_or_explain
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.finding_states import list_findings
from scoring_site.workbench.base.scoped import Button
from scoring_site.workbench.roster.members.archive import archive_url
from scoring_site.workbench.roster.members.table import MemberAdmin
from veto.grounds import log_look
from veto.models import Deduction, VetoRecord


class MemberRecordAdmin(MemberAdmin):
    """The list of members, each leading to their record."""

    row_template = "workbench/roster/member.html"

    def guard_joinings(self, joinings: Sequence[Joining]) -> Sequence[JoinRefusal | None]:
        return find_closed_joinings(joinings)

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/record-form/<int:year>/", self.record_form_view, "record_form"),
        ]

    def _link(self, model: type[Model], page: str, *args: Any) -> str:
        opts = model._meta
        return reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_{page}", args=args)

    def row_buttons(self, request: HttpRequest, row: Member) -> Sequence[Button]:
        user, today = actor_of(request), today_of(request)
        allowed = {
            action: members_for(user, on=today, action=action).filter(pk=row.pk).exists()
            for action in (Action.RECORD, Action.PROPOSE_FINDING, Action.DECIDE_FINDING, Action.KEEP_ROSTER)
        }
        member = f"?member={row.pk}"
        buttons = []
        if allowed[Action.RECORD]:
            buttons.append(Button(_("Record points"), self._link(PointEvent, "record") + member, "add", main=True))
        if allowed[Action.PROPOSE_FINDING]:
            buttons += [
                Button(_("Propose a deduction"), self._link(Deduction, "propose") + member, "remove_circle"),
                Button(_("Propose a veto"), self._link(VetoRecord, "propose") + member, "gavel"),
            ]
        is_exempt = row.exemptions.filter(ended_on__isnull=True).exists()
        if allowed[Action.DECIDE_FINDING] and not is_exempt and not is_own_case(user, row):
            grant = reverse(f"{self.admin_site.name}:members_exemption_grant", args=[row.pk])
            buttons.append(Button(_("Exempt"), grant, "elderly"))
        if allowed[Action.KEEP_ROSTER]:
            move = reverse(f"{self.admin_site.name}:members_membership_move", args=[row.pk])
            buttons.append(Button(_("Move or leave"), move, "swap_horiz"))
            if not hasattr(row, "user"):
                make = reverse(f"{self.admin_site.name}:members_user_new")
                buttons.append(Button(_("Make an account"), make + member, "key"))
            buttons += super().row_buttons(request, row)
        return buttons

    def row_context(self, request: HttpRequest, row: Member) -> dict[str, Any]:
        rulebooks = catalogue_for(request).of_town(row.town_id)
        year = choose_year(request, list(rulebooks), current=today_of(request).year)
        prints = members_for(actor_of(request), on=today_of(request), action=Action.EXPORT).filter(pk=row.pk).exists()
        context: dict[str, Any] = {
            "member": row,
            "year": year,
            "years": list(rulebooks),
            "events": self._read_events(request, row, year),
            "findings": list_findings(self, request, row),
            "memberships": row.memberships.select_related("branch").order_by("from_date"),
            "exemptions": [(exemption, self.url_of(exemption)) for exemption in row.exemptions.order_by("from_date")],
            "record_form_url": self.url("record_form", row.pk, year) if prints and year in rulebooks else "",
            "archive_url": archive_url(row, year) if year in rulebooks else "",
        }
        return context | (self._explain(request, row, year, rulebooks[year]) if year in rulebooks else {})

    def _explain(self, request: HttpRequest, member: Member, year: int, rulebook: Rulebook) -> dict[str, Any]:
        scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
        if scored is None or scored.score is None:
            return {"scored": scored}
        today = today_of(request)
        sheet = scored.score.annual
        held = read_held_periods(branch_id=scored.year_standing.branch_id, year=year)
        return {
            "scored": scored,
            "sheet": explain_sheet(rulebook, sheet, on=today, with_grounds=False, held=held),
            "outlook": describe_outlook(rulebook, sheet, on=today, category=member.category),
            "first_half": "—" if scored.first_half is None else show_points(scored.first_half),
            "second_half": "—" if (scored.second_half or 0) < 0 else show_points(scored.second_half or 0),
        }

    def _read_events(self, request: HttpRequest, member: Member, year: int) -> list[dict[str, Any]]:
        catalogue = catalogue_for(request)
        events = PointEvent.objects.filter(member=member, year=year).select_related(
            "batch__actor", "member", "voided_by"
        )
        lines = []
        for event in events.order_by("date", "pk"):
            tenths = catalogue.points_of(event)
            lines.append(
                {
                    "event": event,
                    "url": self.url_of(event),
                    "name": catalogue.name(member.town_id, event.year, event.item),
                    "period": name_period(event.period) if event.period else "",
                    "points": "—" if tenths is None else show_points(tenths),
                }
            )
        return lines

    def record_form_view(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """One member's record form of a year as PDF."""
        member = self.row_for(request, str(object_id), Action.EXPORT)
        return send_or_explain(
            request,
            back=self.url_of(member),
            name=f"record-form-{member.pk}-{year}",
            write=lambda: write_record_form(
                member=member, year=year, now=now_of(request), with_grounds=_read_grounds(request, member, year)
            ),
        )


def _read_grounds(request: HttpRequest, member: Member, year: int) -> bool:
    """Whether the form names the grounds: when all of the year's are the user's to read; each is logged (D21)."""
    user, today = actor_of(request), today_of(request)
    standing: list[Any] = [
        Deduction.objects.standing().filter(member=member, date__year=year),
        VetoRecord.objects.standing().filter(member=member, year=year),
    ]
    found = [finding for rows in standing for finding in rows.select_related("member__town")]
    readable = sum(readable_grounds_for(user, rows, on=today).count() for rows in standing)
    if readable < len(found):
        return False
    for finding in found:
        log_look(actor=user, now=now_of(request), finding=finding)
    return True
