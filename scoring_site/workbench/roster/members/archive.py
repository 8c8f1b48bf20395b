"""The page of a member's archive (积分档案, 3.1), and voiding several of its records for one reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from foundation.tenths import show_points
from members.access import Action, findings_for, members_for
from members.models import Member
from members.selectors import branch_on
from points.models import PointEvent
from points.records.voiding import void_events
from points.rules.rulebook import Rulebook
from points.scoring.archive import Archive, Key, read_archive
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period
from scoring_site.forms.fields import ReasonForm
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.scoped import Fact, FormPage, Outcome
from scoring_site.workbench.roster.members.table import MemberAdmin
from veto.models import Deduction, VetoRecord

MOST_AT_ONCE = 200
MOST_DIGITS = 18
"""Of a number the database can hold."""


class ArchiveViews(MemberAdmin):
    """The archive under a member's address."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/archive/<int:year>/", self.archive_view, "archive"),
            self.page("<int:object_id>/archive/<int:year>/void/", self.void_records_view, "void_records"),
        ]

    def archive_view(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """Every point gained and lost in a year, in order, with the total after each."""
        member = self.get_object(request, str(object_id))
        self.require_reading(request)
        catalogue = catalogue_for(request)
        rulebooks = catalogue.of_town(member.town_id)
        if year not in rulebooks:
            raise Http404
        user, today = actor_of(request), today_of(request)
        archive = read_archive(member, rulebook=rulebooks[year], year=year, reader=user, on=today)
        item, state = request.GET.get("item", ""), request.GET.get("state", "")
        rows = [
            row
            for row in (
                *self._event_rows(archive, catalogue),
                *self._finding_rows(request, member, rulebooks[year], year, archive),
            )
            if (not item or row["item"] == item) and (not state or row["is_void"] == (state == "void"))
        ]
        voids = members_for(user, on=today, action=Action.VOID).filter(pk=member.pk).exists()
        prints = members_for(user, on=today, action=Action.EXPORT).filter(pk=member.pk).exists()
        return self.render(
            request,
            "workbench/roster/archive.html",
            title=_("Archive of %(name)s") % {"name": member.name},
            context={
                "member": member,
                "member_url": self.url_of(member),
                "year": year,
                "years": [(each, self.url("archive", member.pk, each)) for each in rulebooks],
                "rows": sorted(rows, key=lambda row: (row["date"], row["order"])),
                "total": "—" if archive.total is None else show_points(archive.total),
                "items": self._item_choices(archive, catalogue, member),
                "item": item,
                "state": state,
                "void_url": self.url("void_records", member.pk, year) if voids else "",
                "record_form_url": self.url("record_form", member.pk, year) if prints else "",
            },
        )

    @staticmethod
    def _item_choices(archive: Archive, catalogue: Catalogue, member: Member) -> list[tuple[str, str]]:
        found = {(line.event.item, line.event.year) for line in archive.lines}
        return sorted((code, catalogue.name(member.town_id, year, code)) for code, year in found)

    def _event_rows(self, archive: Archive, catalogue: Catalogue) -> Iterable[dict[str, Any]]:
        for line in archive.lines:
            event = line.event
            tenths = catalogue.points_of(event)
            came_from_meeting = event.attendance is not None
            yield {
                "order": (0, event.pk),
                "date": event.date,
                "item": event.item,
                "name": catalogue.name(event.member.town_id, event.year, event.item),
                "period": name_period(event.period) if event.period else "",
                "note": event.note,
                "points": "—" if tenths is None else f"+{show_points(tenths)}{' ×2' if event.led else ''}",
                "total": "" if line.total is None else show_points(line.total),
                "by": event.batch.recorded_by,
                "at": event.batch.at,
                "countersigned": line.countersigned,
                "row": event,
                "is_void": event.is_void,
                "url": self.url_of(event),
                "evidence": [link for link in line.evidence if not link.is_void],
                "meeting_url": self.url_of(event.attendance.meeting) if event.attendance else "",
                "may_void": not event.is_void and not came_from_meeting and line.countersigned is None,
            }

    def _finding_rows(
        self, request: HttpRequest, member: Member, rulebook: Rulebook, year: int, archive: Archive
    ) -> Iterable[dict[str, Any]]:
        """Findings the user may know of, without their ground (D21)."""
        taken = {item.code: item.points for item in rulebook.negative}
        user, today = actor_of(request), today_of(request)
        kinds: tuple[tuple[str, Any], ...] = (
            ("deduction", Deduction.objects.filter(member=member, date__year=year)),
            ("veto", VetoRecord.objects.filter(member=member, year=year)),
        )
        for kind, queryset in kinds:
            rows = findings_for(user, queryset, on=today).select_related(
                "batch__actor", "batch__drafted_by", "voided_by"
            )
            for row in rows:
                total = archive.findings.get(Key(kind, row.pk))
                yield {
                    "order": (1, row.pk),
                    "date": row.date,
                    "item": kind,
                    "name": str(row._meta.verbose_name),
                    "period": "",
                    "note": str(row.state.label),
                    "points": "—"
                    if total is None
                    else f"−{show_points(taken[row.item])}"
                    if kind == "deduction"
                    else "→ 0.0",
                    "total": show_points(total) if total is not None else "",
                    "by": row.batch.recorded_by,
                    "at": row.batch.at,
                    "countersigned": None,
                    "row": row,
                    "is_void": row.is_void,
                    "url": self.url_of(row),
                    "evidence": [],
                    "meeting_url": "",
                    "may_void": False,
                }

    def void_records_view(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """Void several records of one member for one reason, after showing them."""
        member = self.row_for(request, str(object_id), Action.VOID)
        asked = [value for value in request.GET.getlist("event") if value.isdecimal() and len(value) <= MOST_DIGITS]
        wanted = asked[:MOST_AT_ONCE]
        events = list(
            PointEvent.objects.live()
            .filter(member=member, year=year, pk__in=wanted)
            .select_related("batch", "member")
            .order_by("date", "pk")
        )
        back = self.url("archive", member.pk, year)
        catalogue = catalogue_for(request)
        branch = branch_on(member, today_of(request))
        form = ReasonForm(request.POST if request.method == "POST" and events and branch else None)

        def carry_out() -> Outcome:
            assert branch is not None
            void_events(
                actor=actor_of(request),
                now=now_of(request),
                branch=branch,
                events=events,
                reason=form.cleaned_data["reason"],
            )
            return Outcome(
                back,
                _("%(count)d records voided. They stay readable; if it was a mistake, record them again.")
                % {"count": len(events)},
            )

        page = FormPage(
            title=_("Void records of %(name)s") % {"name": member.name},
            back=back,
            submit=_("Void"),
            warning=[
                _("These records will no longer count. They stay readable with your name and the reason.")
                if events
                else _("Nothing is chosen. Go back and tick the records to be voided.")
            ],
            facts=[
                Fact(
                    f"{event.date:%Y-%m-%d}",
                    f"{catalogue.name(member.town_id, event.year, event.item)}"
                    f"{f'（{name_period(event.period)}）' if event.period else ''} {event.note}",
                )
                for event in events
            ],
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


def archive_url(member: Member, year: int) -> str:
    """The address of a member's archive."""
    return reverse("workbench:members_member_archive", args=[member.pk, year])
