"""Notices in the workbench: prepare, post channel by channel, see who opened it and what keeps it open, close (3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from foundation.errors import DomainError
from foundation.file_store import NAME
from members.access import Action, branches_for
from points.models import Review
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import chain_head
from points.scoring.wording import name_period
from publicity.models import Channel, LinePosting, Notice, Posting
from publicity.notices.audience import readers_of
from publicity.notices.channels import name_channels
from publicity.notices.days_up import count_days, explain_open_notice, line_days_or_problem
from publicity.notices.poster import PAPERS, write_poster
from publicity.notices.publication import (
    close_notice,
    is_open_to_members,
    notice_link,
    post_notice,
    post_revised_lines,
    prepare_notice,
    unposted_lines,
)
from publicity.notices.summary import write_summary
from publicity.notices.table import show_rows
from publicity.objections.access import objections_for
from scoring_site.downloads import send_file
from scoring_site.forms.fields import read_day
from scoring_site.forms.pictures import keep_picture, send_picture, sent
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.publicity.notices.forms import PhotoForm, PostForm, PrepareForm

OUTSIDE, INSIDE = "outside", "inside"


def name_notice(notice: Notice) -> str:
    """`一支部 2025年上半年`."""
    return f"{notice.review.branch.name} {name_period(notice.period)}"


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        rows = super().get_queryset(request).select_related("review__branch__town")
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

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("prepare/", self.prepare_view, "prepare"),
            self.page("<int:object_id>/post/", self.post_view, "post"),
            self.page("<int:object_id>/post-corrected/", self.post_corrected_view, "post_corrected"),
            self.page("<int:object_id>/close/", self.close_view, "close"),
            self.page("<int:object_id>/poster.pdf", self.poster_view, "poster"),
            self.page("<int:object_id>/summary.pdf", self.summary_view, "summary"),
            self.page("<int:object_id>/photo/", self.photo_view, "photo"),
        ]

    # What is seen

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not self._approved(request).exists():
            return []
        return [Button(_("Prepare a notice"), self.url("prepare"), "campaign", main=True)]

    def row_title(self, row: Notice) -> str:
        return _("Notice of %(what)s") % {"what": name_notice(row)}

    def row_facts(self, request: HttpRequest, row: Notice) -> Sequence[Fact]:
        head = chain_head(row.review.branch)
        days = _("%(days)d working days") if row.working_days else _("%(days)d calendar days")
        return [
            Fact(_("half-year review"), name_notice(row), self.url_of(row.review)),
            Fact(_("state"), name_state(row)),
            Fact(_("stays up for"), days % {"days": row.days}),
            Fact(_("required channels"), name_channels(row.required)),
            Fact(_("how and to whom to object"), row.contact),
            Fact(_("prepared by"), f"{row.prepared_by} {timezone.localdate(row.prepared_at)}"),
            Fact(_("chain head"), f"{head.sequence} {head.hash[:16]}…" if head else "—"),
        ]

    def row_buttons(self, request: HttpRequest, row: Notice) -> Sequence[Button]:
        buttons = []
        if self.may_change(request, row, Action.APPROVE_REVIEW) and row.review.state == Review.State.PUBLISHED:
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
            "objections_url": reverse(f"{self.admin_site.name}:publicity_objection_changelist")
            + f"?branch={row.review.branch_id}",
            "papers": self._papers(request, row),
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
        if not self.may_change(request, row, Action.EXPORT):
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

    # What is done

    def _approved(self, request: HttpRequest) -> QuerySet[Review]:
        """The approved halves without a notice that the user may post."""
        branches = branches_for(actor_of(request), on=today_of(request), action=Action.APPROVE_REVIEW)
        waiting = Review.objects.filter(state=Review.State.APPROVED, notice__isnull=True, branch__in=branches)
        return waiting.select_related("branch__town").order_by("-year", "-half", "branch__position", "pk")

    def prepare_view(self, request: HttpRequest) -> HttpResponseBase:
        """Prepare the notice of an approved half."""
        user, today = actor_of(request), today_of(request)
        self.require(branches_for(user, on=today, action=Action.APPROVE_REVIEW).exists())
        reviews = self._approved(request)
        wanted = request.GET.get("review", "")
        review = next((row for row in reviews if str(row.pk) == wanted), reviews.first())
        page = FormPage(
            title=_("Prepare a notice"),
            back=self.url("changelist"),
            submit=_("Prepare"),
            intro=[_("Then print the poster, put it up, and enter each channel on the day it is up.")],
            template="workbench/publicity/prepare_notice.html",
            extra={"nothing": review is None},
        )
        initial: dict[str, Any] = {"review": review}
        if review is not None:
            last = Notice.objects.filter(review__branch=review.branch_id).order_by("-prepared_at").first()
            initial |= {
                "days": rulebook_for(review.branch.town, review.year).settings.notice_days,
                "contact": last.contact if last else "",
            }
        form = PrepareForm(request.POST or None, reviews=reviews, initial=initial)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            notice = prepare_notice(
                actor=user, now=now_of(request), review=data["review"], contact=data["contact"], days=data["days"]
            )
            return Outcome(self.url_of(notice), _("Prepared. Nobody sees it until the first channel is entered."))

        return self.run_form(request, form, page, carry_out)

    def post_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the notice went up on a channel."""
        notice = self.row_for(request, str(object_id), Action.APPROVE_REVIEW)
        channel = request.GET.get("channel", Channel.BOARD.value)
        if channel not in Channel.values:
            raise Http404
        form = PostForm(*sent(request), initial={"posted_on": today_of(request)})

        def carry_out() -> Outcome:
            fresh = post_notice(
                actor=actor_of(request),
                now=now_of(request),
                notice=notice,
                channel=channel,
                posted_on=form.cleaned_data["posted_on"],
                photo=keep_picture(form.cleaned_data["photo"]),
            )
            if fresh.posted_on is None:
                said = _("Entered. The days begin with the last required channel.")
            else:
                said = _("Entered. It is up on every required channel and the branch's members were told.")
            return Outcome(self.url_of(notice), said)

        page = FormPage(
            title=_("Up: %(channel)s") % {"channel": Channel(channel).label},
            back=self.url_of(notice),
            submit=_("It is up"),
            facts=[Fact(_("notice"), name_notice(notice))],
            intro=[_("A posting cannot be taken back: the days run from the last required channel.")],
        )
        return self.run_form(request, form, page, carry_out)

    def post_corrected_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the corrected lines went up."""
        notice = self.row_for(request, str(object_id), Action.APPROVE_REVIEW)
        form = PostForm(*sent(request), initial={"posted_on": today_of(request)})

        def carry_out() -> Outcome:
            count = post_revised_lines(
                actor=actor_of(request),
                now=now_of(request),
                notice=notice,
                posted_on=form.cleaned_data["posted_on"],
                photo=keep_picture(form.cleaned_data["photo"]),
            )
            return Outcome(
                self.url_of(notice),
                _("Entered for %(count)d lines; each stays up its days, and the members were told.") % {"count": count},
            )

        waiting = [line.member.name for line in unposted_lines(notice)]
        page = FormPage(
            title=_("The corrected lines are up"),
            back=self.url_of(notice),
            submit=_("They are up"),
            facts=[Fact(_("notice"), name_notice(notice)), Fact(_("corrected lines"), "、".join(waiting) or "—")],
            intro=[_("Enter the day on which the correction notice was up on the last required channel.")],
        )
        return self.run_form(request, form, page, carry_out)

    def close_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Close the notice: the half becomes final."""
        notice = self.row_for(request, str(object_id), Action.APPROVE_REVIEW)
        form = PhotoForm(*sent(request))

        def carry_out() -> Outcome:
            close_notice(
                actor=actor_of(request),
                now=now_of(request),
                notice=notice,
                photo=keep_picture(form.cleaned_data["photo"]),
            )
            return Outcome(self.url_of(notice), _("Closed: the half is final. Print what the notice came to."))

        page = FormPage(
            title=_("Close the notice"),
            back=self.url_of(notice),
            submit=_("Close the notice"),
            facts=[Fact(_("notice"), name_notice(notice))],
            intro=[_("The photo shows the notice still up at the end of its days.")],
            warning=[
                _("The half becomes final. After that a change is a correction with the town's consent."),
                *explain_open_notice(notice, now=now_of(request)),
            ],
        )
        return self.run_form(request, form, page, carry_out)

    # Papers and pictures

    def poster_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The poster as PDF: `?paper=A4|A3&version=outside|inside&on=` the day it is to go up (else today)."""
        notice = self.row_for(request, str(object_id), Action.EXPORT)
        paper, version = request.GET.get("paper", PAPERS[0]), request.GET.get("version", OUTSIDE)
        if paper not in PAPERS or version not in (OUTSIDE, INSIDE):
            raise Http404
        pdf = write_poster(
            notice=notice,
            paper=paper,
            inside=version == INSIDE,
            address=request.build_absolute_uri(notice_link(notice)),
            planned_on=read_day(request.GET.get("on", ""), today_of(request)),
        )
        return send_file(pdf, f"notice-{notice.period}-{paper}-{version}.pdf")

    def summary_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """What a closed notice came to, as PDF."""
        notice = self.row_for(request, str(object_id), Action.EXPORT)
        try:
            return send_file(write_summary(notice=notice), f"notice-{notice.period}-summary.pdf")
        except DomainError as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(self.url_of(notice))

    def photo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A photo of this notice, `?name=`; any other name does not exist here."""
        notice = self.get_object(request, str(object_id))
        name = request.GET.get("name", "")
        if not NAME.fullmatch(name) or not any(
            rows.filter(photo=name).exists()
            for rows in (notice.postings, notice.closings, LinePosting.objects.filter(notice=notice))
        ):
            raise Http404
        return send_picture(name)
