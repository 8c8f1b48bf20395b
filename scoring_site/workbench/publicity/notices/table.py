"""Notices in the workbench: prepare, post channel by channel, see who opened it and what keeps it open, close (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from members.access import Action
from points.models import Review
from points.scoring.freezing import link_of_half
from publicity.models import Channel, Notice, Posting
from publicity.notices.audience import readers_of
from publicity.notices.channels import name_channels
from publicity.notices.days_up import count_days, explain_open_notice, line_days_or_problem
from publicity.notices.publication import is_open_to_members, notice_link, unposted_lines
from publicity.notices.table import show_rows
from publicity.objections.access import objections_for
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.publicity.notices.messages import write_messages
from scoring_site.workbench.publicity.notices.papers import INSIDE, OUTSIDE, NoticePhoto, Poster, Summary
from scoring_site.workbench.publicity.notices.questions import name_notice, waiting_halves
from scoring_site.workbench.publicity.notices.steps import (
    CloseNotice,
    PostCorrectedLines,
    PostNotice,
    PrepareNotice,
)


def name_state(notice: Notice) -> str:
    """Where a notice stands, in a word."""
    if notice.posted_on is None:
        return _("being posted")
    if notice.review.state == Review.State.FINAL:
        return pgettext("notice", "closed")
    return _("up again") if notice.review.reopened_at else _("up")


class NoticeStateFilter(ChoiceFilter):
    """Where notices stand."""

    title = gettext_lazy("state")
    parameter_name = "state"
    STATES = {
        "posting": (gettext_lazy("being posted"), Q(posted_on__isnull=True)),
        "up": (gettext_lazy("up"), Q(posted_on__isnull=False) & ~Q(review__state=Review.State.FINAL)),
        "closed": (pgettext_lazy("notice", "closed"), Q(review__state=Review.State.FINAL)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _condition) in self.STATES.items()]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(self.STATES[value][1])


class OfBranchFilter(BranchFilter):
    """The branch whose notice it is."""

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(review__branch=value)


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel on the notice's page; `url` leads to the form where it can be entered still."""

    label: str
    is_required: bool
    posting: Posting | None
    photo_url: str
    url: str


class NoticeAdmin(ScopedModelAdmin[Notice]):
    """The notices of the branches within reach."""

    list_filter = (NoticeStateFilter, OfBranchFilter)
    list_select_related = ("review__branch__town",)
    row_template = "workbench/publicity/notice.html"
    ordering = ("-review__year", "-review__half", "review__branch__position", "pk")
    subpages = (PrepareNotice, PostNotice, PostCorrectedLines, CloseNotice, Poster, Summary, NoticePhoto)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        rows = (
            super()
            .get_queryset(request)
            .select_related("review__branch__town")
            .prefetch_related("review__branch__former_names")
        )
        return rows.annotate(readings_count=Count("readings", filter=Q(readings__user__member__isnull=False)))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("notice"), name_notice, name="notice", order="review__branch__position"),
            column(gettext_lazy("state"), name_state, name="state", order="review__state"),
            column(gettext_lazy("posted on"), lambda row: row.posted_on or "—", name="posted_on", order="posted_on"),
            column(gettext_lazy("days"), lambda row: row.days, name="days", order="days"),
            column(
                gettext_lazy("opened by members"),
                lambda row: row.readings_count,
                name="opened",
                order="readings_count",
            ),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not waiting_halves(request).exists():
            return []
        return [Button(_("Prepare a notice"), self.url("prepare"), "campaign", main=True)]

    def row_title(self, row: Notice) -> str:
        return _("Notice of %(what)s") % {"what": name_notice(row)}

    def row_facts(self, request: HttpRequest, row: Notice) -> Sequence[Fact]:
        link = link_of_half(row.review)
        days = _("%(days)d working days") if row.working_days else _("%(days)d calendar days")
        return [
            Fact(_("half-year review"), name_notice(row), row_url(row.review)),
            Fact(_("state"), name_state(row)),
            Fact(_("stays up for"), days % {"days": row.days}),
            Fact(_("required channels"), name_channels(row.required)),
            Fact(_("how and to whom to object"), row.contact),
            Fact(_("prepared by"), f"{row.prepared_by} {timezone.localdate(row.prepared_at)}"),
            Fact(_("fingerprint"), _name_link(link.sequence, link.hash) if link else "—"),
        ]

    def row_buttons(self, request: HttpRequest, row: Notice) -> Sequence[Button]:
        buttons = []
        may_post = self.may_change(request, row, Action.APPROVE_REVIEW)
        if may_post and row.posted_on is None:
            buttons.append(Button(_("Enter where it is up"), self.url("post", row.pk), "campaign", main=True))
        if may_post and row.review.state == Review.State.PUBLISHED:
            if unposted_lines(row):
                label = _("The corrected lines are up")
                buttons.append(Button(label, self.url("post_corrected", row.pk), "published_with_changes", main=True))
            if not explain_open_notice(row, now=now_of(request)):
                buttons.append(Button(_("Close the notice"), self.url("close", row.pk), "task_alt", main=True))
        if is_open_to_members(row):
            buttons.append(Button(_("As members see it"), notice_link(row), "visibility"))
        return buttons

    def row_context(self, request: HttpRequest, row: Notice) -> dict[str, Any]:
        now = now_of(request)
        days, problem = line_days_or_problem(row)
        is_up = row.review.state == Review.State.PUBLISHED
        readers = readers_of(row, now=now) if row.posted_on else []
        objections = objections_for(actor_of(request), on=today_of(request)).filter(notice=row)
        closings = row.closings.select_related("by")
        return {
            "notice": row,
            "counter": count_days(row, days, now=now),
            "problem": problem,
            "reasons": explain_open_notice(row, now=now) if is_up or row.posted_on is None else (),
            "is_up": is_up,
            "channels": self._channel_lines(request, row),
            "closings": [(closing, self._photo_url(row, closing.photo)) for closing in closings],
            "revised": [line for line in show_rows(days, inside=False) if line.is_revised],
            "opened": sorted((entry for entry in readers if entry.read_at), key=lambda entry: str(entry.read_at)),
            "unopened": [entry for entry in readers if not entry.read_at],
            "objections": objections.count(),
            "objections_url": f"{page_url('publicity_objection_changelist')}?branch={row.review.branch_id}",
            "papers": self._papers(request, row),
            "messages_out": write_messages(request, row, days) if self.may_change(request, row, Action.RECORD) else [],
        }

    def _channel_lines(self, request: HttpRequest, row: Notice) -> list[ChannelLine]:
        may_post = self.may_change(request, row, Action.APPROVE_REVIEW)
        postings = {posting.channel: posting for posting in row.postings.select_related("entered_by")}
        return [
            ChannelLine(
                label=str(Channel(channel).label),
                is_required=channel in row.required,
                posting=posting,
                photo_url=self._photo_url(row, posting.photo) if posting else "",
                url=f"{self.url('post', row.pk)}?channel={channel}" if may_post and posting is None else "",
            )
            for channel, posting in ((channel, postings.get(channel)) for channel in Channel.values)
            if channel in row.required or posting is not None or may_post
        ]

    def _photo_url(self, row: Notice, name: str) -> str:
        return f"{self.url('photo', row.pk)}?name={name}" if name else ""

    def _papers(self, request: HttpRequest, row: Notice) -> list[Button]:
        if not self.may_change(request, row, Action.TAKE_OUT):
            return []
        start = self.url("poster", row.pk)
        labels = {
            ("A4", OUTSIDE): _("Poster A4, for outside"),
            ("A3", OUTSIDE): _("Poster A3, for outside"),
            ("A4", INSIDE): _("A4, for the branch's meeting"),
            ("A3", INSIDE): _("A3, for the branch's meeting"),
        }
        papers = [
            Button(label, f"{start}?paper={paper}&version={version}", "print")
            for (paper, version), label in labels.items()
        ]
        if row.review.state == Review.State.FINAL:
            papers.append(Button(_("What the notice came to (PDF)"), self.url("summary", row.pk), "description"))
        return papers


def _name_link(number: int, fingerprint: str) -> str:
    return _("no. %(number)d: %(fingerprint)s…") % {"number": number, "fingerprint": fingerprint[:16]}
