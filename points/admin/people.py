"""A member's page: the year's score with its reasons, every record with voids struck through, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.access import Action, findings_for, is_own_case, members_for, readable_grounds_for
from members.admin.downloads import send_file
from members.admin.scoped import Button, ScopedModelAdmin, actor_of, now_of, today_of
from members.models import Branch, Member
from members.people.roster import Joining, JoinRefusal
from points.admin.archive import ArchiveViews, archive_url
from points.admin.findings import STATES
from points.admin.ticks import BranchTickAdmin
from points.catalogue import catalogue_for
from points.closed_lists import find_closed_joinings
from points.explanations import explain_sheet, read_held_periods
from points.grounds import log_look
from points.models import Deduction, PointEvent
from points.outlook import describe_outlook
from points.reports.exports import export_record_forms
from points.reports.record_form_pdf import write_record_form
from points.rules.rulebook import Rulebook
from points.scoring import score_members
from points.wording import name_period, show_points
from points.year_choice import choose_year
from veto.models import VetoRecord


def list_findings(admin: ScopedModelAdmin[Any], request: HttpRequest, member: Member) -> list[dict[str, Any]]:
    """A member's findings as far as the user may know of them, with the way to each; without their grounds (D21)."""
    found: list[dict[str, Any]] = []
    for model in (Deduction, VetoRecord):
        rows: QuerySet[Any] = findings_for(
            actor_of(request), model._default_manager.filter(member=member), on=today_of(request)
        )
        found += [
            {"kind": row._meta.verbose_name, "date": row.date, "state": STATES[row.state], "url": admin.url_of(row)}
            for row in rows
        ]
    return found


class MemberRecordAdmin(ArchiveViews):
    """The list of members, each leading to their record."""

    row_template = "workbench/member.html"

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


class BranchRecordAdmin(BranchTickAdmin):
    """The branches, with their tick sheets and the record forms of each in one PDF."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/record-forms/<int:year>/", self.record_forms_view, "record_forms"),
        ]

    def row_buttons(self, request: HttpRequest, row: Branch) -> Sequence[Button]:
        buttons = [*super().row_buttons(request, row), Button(_("Tick sheet"), self.url("ticks", row.pk), "grid_on")]
        if self.may_change(request, row, Action.EXPORT):
            buttons += [
                Button(
                    _("Record forms %(year)s (PDF)") % {"year": year}, self.url("record_forms", row.pk, year), "print"
                )
                for year in catalogue_for(request).of_town(row.town_id)
            ]
        return buttons

    def record_forms_view(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """The record forms of a branch's members as one PDF; without grounds, which are read one by one (D21)."""
        branch = self.row_for(request, str(object_id), Action.EXPORT)
        return send_or_explain(
            request,
            back=self.url_of(branch),
            name=f"record-forms-{branch.pk}-{year}",
            write=lambda: export_record_forms(actor=actor_of(request), now=now_of(request), branch=branch, year=year),
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


def send_or_explain(request: HttpRequest, *, back: str, name: str, write: Callable[[], bytes]) -> HttpResponseBase:
    """Send what `write` returns, or say on the page before why there is nothing to print."""
    try:
        # D21: the name of the file names nobody.
        return send_file(write(), f"{name}.pdf")
    except DomainError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back)
