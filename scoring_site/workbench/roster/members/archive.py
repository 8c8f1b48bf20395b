"""The page of a member's archive (积分档案, 3.1), and voiding several of its records for one reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.access import Action, findings_for, members_for, object_for
from members.models import Branch, Member
from members.people.naming import tell_apart_at_home
from members.selectors import branch_on
from points.models import PointEvent
from points.records.void_preview import preview_events
from points.records.voiding import void_events
from points.rules.rulebook import Rulebook
from points.scoring.archive import Archive, Key, read_archive
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period, say_note
from scoring_site.forms.fields import ReasonForm
from scoring_site.parameters import read_id
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import FormStep, Outcome
from scoring_site.workbench.base.void_words import say_what_goes
from veto.models import Deduction, VetoRecord

MOST_AT_ONCE = 200


def archive_url(member: Member, year: int) -> str:
    """The address of a member's archive."""
    return page_url("archive", member.pk, year)


class ArchivePage(WorkbenchPage):
    """Every point a member gained and lost in a year, in order, with the total after each."""

    route = "archive/<id:member_id>/<year:year>/"
    name = "archive"
    menu = "members_member_changelist"
    template = "workbench/roster/archive.html"

    member: Member
    year: int
    rulebooks: dict[int, Rulebook]

    def prepare(self) -> None:
        self.member = object_for(self.actor, Member.objects.all(), on=self.today, pk=self.kwargs["member_id"])
        tell_apart_at_home([self.member], on=self.today)
        self.year, self.rulebooks = self.kwargs["year"], catalogue_for(self.request).of_town(self.member.town_id)
        if self.year not in self.rulebooks:
            raise Http404

    def get_title(self) -> str:
        return _("Archive of %(name)s") % {"name": self.member.listed_name}

    def get_way_back(self) -> tuple[Text, str]:
        return _("members"), page_url("members_member_changelist")

    def _may(self, action: Action) -> bool:
        return members_for(self.actor, on=self.today, action=action).filter(pk=self.member.pk).exists()

    def get(self, request: HttpRequest, member_id: int, year: int) -> HttpResponseBase:
        """The rows of the item and state the address asks for, or all."""
        member, catalogue, rulebook = self.member, catalogue_for(request), self.rulebooks[year]
        archive = read_archive(member, rulebook=rulebook, year=year, reader=self.actor, on=self.today)
        item, state = request.GET.get("item", ""), request.GET.get("state", "")
        rows = [
            row
            for row in (*_event_rows(archive, catalogue), *self._finding_rows(archive, rulebook))
            if (not item or row["item"] == item) and (not state or row["is_void"] == (state == "void"))
        ]
        return self.render(
            member=member,
            member_url=row_url(member),
            year=year,
            years=[(each, archive_url(member, each)) for each in self.rulebooks],
            rows=sorted(rows, key=lambda row: (row["date"], row["order"])),
            total="—" if archive.total is None else show_points(archive.total),
            items=_item_choices(archive, catalogue, member),
            item=item,
            state=state,
            void_url=page_url("void_records", member.pk, year) if self._may(Action.VOID) else "",
            record_form_url=page_url("members_member_record_form", member.pk, year) if self._may(Action.EXPORT) else "",
        )

    def _finding_rows(self, archive: Archive, rulebook: Rulebook) -> Iterable[dict[str, Any]]:
        """Findings the user may know of, without their ground (D21)."""
        taken = {item.code: item.points for item in rulebook.negative}
        kinds: tuple[tuple[str, Any], ...] = (
            ("deduction", Deduction.objects.filter(member=self.member, date__year=self.year)),
            ("veto", VetoRecord.objects.filter(member=self.member, year=self.year)),
        )
        for kind, queryset in kinds:
            rows = findings_for(self.actor, queryset, on=self.today).select_related(
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
                    "url": row_url(row),
                    "evidence": [],
                    "meeting_url": "",
                    "may_void": False,
                }


class VoidRecords(FormStep[ReasonForm]):
    """Void several records of one member for one reason, after showing them."""

    route = "archive/<id:member_id>/<year:year>/void/"
    name = "void_records"
    menu = ArchivePage.menu
    form_class = ReasonForm
    submit = gettext_lazy("Void")
    grave = True

    member: Member
    branch: Branch | None
    events: Sequence[PointEvent]

    def prepare(self) -> None:
        self.member = object_for(
            self.actor, Member.objects.all(), on=self.today, action=Action.VOID, pk=self.kwargs["member_id"]
        )
        tell_apart_at_home([self.member], on=self.today)
        self.branch = branch_on(self.member, self.today)
        asked = self.request.GET.getlist("event")
        wanted = [pk for value in asked if (pk := read_id(value))][:MOST_AT_ONCE]
        self.events = list(
            PointEvent.objects.live()
            .filter(member=self.member, year=self.kwargs["year"], pk__in=wanted)
            .select_related("batch", "member")
            .order_by("date", "pk")
        )

    def is_ready(self) -> bool:
        return bool(self.events) and self.branch is not None

    def get_title(self) -> str:
        return _("Void records of %(name)s") % {"name": self.member.listed_name}

    def get_way_back(self) -> tuple[Text, str]:
        return _("members"), page_url("members_member_changelist")

    def get_back(self) -> str:
        return archive_url(self.member, self.kwargs["year"])

    def get_warning(self) -> Sequence[Text]:
        if self.events and self.branch is None:
            return [_("The member belongs to no branch today, and records are voided by the branch.")]
        if self.events:
            goes = say_what_goes(preview_events(*self.events), catalogue_for(self.request), self.member.town_id)
            return [*goes, _("These records will no longer count. They stay readable with your name and the reason.")]
        return [_("Nothing is chosen. Go back and tick the records to be voided.")]

    def get_facts(self) -> Sequence[Fact]:
        catalogue = catalogue_for(self.request)
        return [
            Fact(
                f"{event.date:%Y-%m-%d}",
                f"{catalogue.name(self.member.town_id, event.year, event.item)}"
                f"{f'（{name_period(event.period)}）' if event.period else ''} {say_note(event)}",
            )
            for event in self.events
        ]

    def carry_out(self, form: ReasonForm) -> Outcome:
        assert self.branch is not None
        void_events(
            actor=self.actor, now=self.now, branch=self.branch, events=self.events, reason=form.cleaned_data["reason"]
        )
        said = _("%(count)d records voided. They stay readable; if it was a mistake, record them again.")
        return Outcome(self.get_back(), said % {"count": len(self.events)})


def _item_choices(archive: Archive, catalogue: Catalogue, member: Member) -> list[tuple[str, str]]:
    found = {(line.event.item, line.event.year) for line in archive.lines}
    return sorted((code, catalogue.name(member.town_id, year, code)) for code, year in found)


def _event_rows(archive: Archive, catalogue: Catalogue) -> Iterable[dict[str, Any]]:
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
            "note": say_note(event),
            "points": "—" if tenths is None else f"+{show_points(tenths)}{' ×2' if event.led else ''}",
            "uncounted": line.uncounted,
            "total": "" if line.total is None else show_points(line.total),
            "by": event.batch.recorded_by,
            "at": event.batch.at,
            "countersigned": line.countersigned,
            "row": event,
            "is_void": event.is_void,
            "url": row_url(event),
            "evidence": [link for link in line.evidence if not link.is_void],
            "meeting_url": row_url(event.attendance.meeting) if event.attendance else "",
            "may_void": not event.is_void and not came_from_meeting and line.countersigned is None,
        }
