"""Sign-ins: the code on the recorder's screen, who has signed in so far, and the way to record the meeting (D24)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.qr_codes import draw_qr_code
from members.access import Action, branches_for
from points.meetings.sign_ins import name_announced, show_time, sign_in_link
from points.models import SignIn
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.sign_ins.signed import read_signed
from scoring_site.workbench.recording.sign_ins.steps import CloseSignIn, ExtendSignIn, OpenSignIn, SignedList


class SignInAdmin(ScopedModelAdmin[SignIn]):
    """The sign-ins of the branches within reach, latest first."""

    card_columns = ("branch", "signed", "state")
    list_filter = (OwnBranchFilter,)
    list_select_related = ("branch", "meeting", "opened_by")
    row_template = "workbench/recording/sign_ins/sign_in.html"
    subpages = (OpenSignIn, ExtendSignIn, CloseSignIn, SignedList)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignIn]:
        return super().get_queryset(request).prefetch_related("branch__former_names").annotate(signed=Count("scans"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        now = now_of(request)
        return (
            column(gettext_lazy("opens at"), lambda row: show_time(row.opens_at), name="opens_at", order="opens_at"),
            column(
                gettext_lazy("closes at"), lambda row: show_time(row.closes_at), name="closes_at", order="closes_at"
            ),
            column(gettext_lazy("branch"), lambda row: row.branch_name, name="branch", order="branch__position"),
            column(gettext_lazy("signed in"), lambda row: row.signed, name="signed", order="signed"),
            column(gettext_lazy("state"), lambda row: name_state(row, now), name="state"),
            column(gettext_lazy("opened by"), lambda row: str(row.opened_by), name="opened_by"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Open a sign-in"), self.url("open"), "qr_code_2", main=True)]

    def row_title(self, row: SignIn) -> str:
        return _("Sign-in of %(branch)s, %(day)s") % {
            "branch": row.branch_name,
            "day": timezone.localdate(row.opens_at),
        }

    def row_facts(self, request: HttpRequest, row: SignIn) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch_name),
            Fact(_("opens at"), row.opens_at),
            Fact(_("closes at"), row.closes_at),
            Fact(_("state"), name_state(row, now_of(request))),
            Fact(_("opened by"), str(row.opened_by)),
        ]
        if row.meeting is not None:
            facts.append(Fact(_("meeting"), str(row.meeting), row_url(row.meeting)))
        return facts

    def row_buttons(self, request: HttpRequest, row: SignIn) -> Sequence[Button]:
        if row.meeting_id is not None or not self.may_change(request, row, Action.RECORD):
            return []
        buttons = []
        if timezone.localdate(row.opens_at) <= today_of(request):
            record = f"{page_url('points_meeting_record')}?sign_in={row.pk}"
            buttons.append(Button(_("Record the meeting"), record, "add", main=True))
        if row.closes_at > now_of(request):
            buttons.append(Button(_("Keep it open longer"), self.url("extend", row.pk), "more_time"))
            buttons.append(Button(_("Close the sign-in"), self.url("close", row.pk), "block"))
        return buttons

    def row_context(self, request: HttpRequest, row: SignIn) -> dict[str, Any]:
        address = request.build_absolute_uri(sign_in_link(row))
        return {
            "address": address,
            "announced": name_announced(row),
            "qr_code": draw_qr_code(address) if is_ahead(row, now_of(request)) else "",
            "signed_url": self.url("signed", row.pk),
            **read_signed(row, now_of(request)),
        }


def name_state(row: SignIn, now: datetime) -> str:
    """Where a sign-in stands, in a word."""
    if row.meeting_id is not None:
        return _("meeting recorded")
    if now < row.opens_at:
        return _("not open yet")
    return _("open") if now < row.closes_at else _("over, meeting not recorded")


def is_ahead(row: SignIn, now: datetime) -> bool:
    """Whether its code is of any use still."""
    return row.meeting_id is None and now < row.closes_at
