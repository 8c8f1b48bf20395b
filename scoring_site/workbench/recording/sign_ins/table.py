"""Sign-ins: the code on the recorder's screen, who has signed in so far, and the way to record the meeting (D24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.qr_codes import draw_qr_code
from members.access import Action, branches_for
from members.selectors import members_in
from points.meetings.sign_ins import close_sign_in, extend_sign_in, open_sign_in, show_time, sign_in_link
from points.models import SignIn
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.recording.sign_ins.forms import ExtensionForm, SignInForm, hour_of

USUAL_LENGTH = timedelta(hours=2)
USUAL_EXTENSION = timedelta(minutes=30)


class SignInAdmin(ScopedModelAdmin[SignIn]):
    """The sign-ins of the branches within reach, latest first."""

    list_filter = (OwnBranchFilter,)
    list_select_related = ("branch", "meeting", "opened_by")
    row_template = "workbench/recording/sign_ins/sign_in.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignIn]:
        return super().get_queryset(request).annotate(signed=Count("scans"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        now = now_of(request)
        return (
            column(gettext_lazy("opens at"), lambda row: show_time(row.opens_at), name="opens_at", order="opens_at"),
            column(
                gettext_lazy("closes at"), lambda row: show_time(row.closes_at), name="closes_at", order="closes_at"
            ),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("signed in"), lambda row: row.signed, name="signed", order="signed"),
            column(gettext_lazy("state"), lambda row: name_state(row, now), name="state"),
            column(gettext_lazy("opened by"), lambda row: str(row.opened_by), name="opened_by"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("open/", self.open_view, "open"),
            self.page("<int:object_id>/extend/", self.extend_view, "extend"),
            self.page("<int:object_id>/close/", self.close_view, "close"),
            self.page("<int:object_id>/signed/", self.signed_view, "signed"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Open a sign-in"), self.url("open"), "qr_code_2", main=True)]

    def row_title(self, row: SignIn) -> str:
        return _("Sign-in of %(branch)s, %(day)s") % {
            "branch": row.branch.name,
            "day": timezone.localdate(row.opens_at),
        }

    def row_facts(self, request: HttpRequest, row: SignIn) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch.name),
            Fact(_("opens at"), row.opens_at),
            Fact(_("closes at"), row.closes_at),
            Fact(_("state"), name_state(row, now_of(request))),
            Fact(_("opened by"), str(row.opened_by)),
        ]
        if row.meeting is not None:
            facts.append(Fact(_("meeting"), str(row.meeting), self.url_of(row.meeting)))
        return facts

    def row_buttons(self, request: HttpRequest, row: SignIn) -> Sequence[Button]:
        if row.meeting_id is not None or not self.may_change(request, row, Action.RECORD):
            return []
        buttons = []
        if timezone.localdate(row.opens_at) <= today_of(request):
            record = f"{reverse(f'{self.admin_site.name}:points_meeting_record')}?sign_in={row.pk}"
            buttons.append(Button(_("Record the meeting"), record, "add", main=True))
        if row.closes_at > now_of(request):
            buttons.append(Button(_("Keep it open longer"), self.url("extend", row.pk), "more_time"))
            buttons.append(Button(_("Close the sign-in"), self.url("close", row.pk), "block"))
        return buttons

    def row_context(self, request: HttpRequest, row: SignIn) -> dict[str, Any]:
        address = request.build_absolute_uri(sign_in_link(row))
        return {
            "address": address,
            "qr_code": draw_qr_code(address) if is_ahead(row, now_of(request)) else "",
            "signed_url": self.url("signed", row.pk),
            **self._read_signed(request, row),
        }

    def _read_signed(self, request: HttpRequest, row: SignIn) -> dict[str, Any]:
        """Who has signed in so far, latest last, and how many are expected; two queries."""
        day = timezone.localdate(row.opens_at)
        return {
            "scans": list(row.scans.select_related("member")),
            "expected": members_in([row.branch_id], day).count(),
            "is_open": row.opens_at <= now_of(request) < row.closes_at and row.meeting_id is None,
            "read_at": now_of(request),
        }

    def signed_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The list alone, which the page fetches every few seconds."""
        row = self.get_object(request, str(object_id))
        return TemplateResponse(
            request, "workbench/recording/sign_ins/sign_in_list.html", self._read_signed(request, row)
        )

    def open_view(self, request: HttpRequest) -> HttpResponseBase:
        """Open a sign-in for now, or for a meeting to come."""
        user, today, now = actor_of(request), today_of(request), now_of(request)
        branches = list(branches_for(user, on=today, action=Action.RECORD).order_by("town_id", "position", "id"))
        self.require(bool(branches))
        wanted = request.GET.get("branch", "")
        branch = next((row for row in branches if str(row.pk) == wanted), branches[0] if len(branches) == 1 else None)
        form = SignInForm(request.POST if request.method == "POST" and branch else None, initial=_usual_hours(now))

        def carry_out() -> Outcome:
            assert branch is not None
            opens_at, closes_at = form.hours()
            sign_in = open_sign_in(
                actor=user,
                now=now,
                branch=branch,
                opens_at=opens_at,
                closes_at=closes_at,
                token=form.cleaned_data["token"],
            )
            return Outcome(
                self.url_of(sign_in), _("The sign-in is set. Show the code; close it here when everybody is there.")
            )

        page = FormPage(
            title=_("Open a sign-in"),
            back=self.url("changelist"),
            submit=_("Open"),
            intro=[
                _("Members scan the code with their phones, log in and confirm with one tap."),
                _("A picture of the code can be passed on, so nothing counts before you confirm the list."),
            ],
            template="workbench/recording/sign_ins/open_sign_in.html",
            extra={"branch": branch, "branches": branches},
        )
        return self.run_form(request, form, page, carry_out)

    def extend_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Keep a sign-in open longer; half an hour is proposed."""
        sign_in = self.row_for(request, str(object_id), Action.RECORD)
        end = timezone.localtime(sign_in.closes_at)
        proposed = min(end + USUAL_EXTENSION, end.replace(hour=23, minute=59))
        form = ExtensionForm(
            request.POST if request.method == "POST" else None, initial={"closes": f"{proposed:%H:%M}"}
        )

        def carry_out() -> Outcome:
            closes_at = hour_of(timezone.localdate(sign_in.opens_at), form.cleaned_data["closes"])
            extend_sign_in(actor=actor_of(request), now=now_of(request), sign_in=sign_in, closes_at=closes_at)
            return Outcome(
                self.url_of(sign_in),
                _("Open until %(time)s with the same code. It can be closed here earlier.")
                % {"time": f"{timezone.localtime(closes_at):%H:%M}"},
            )

        page = FormPage(
            title=_("Keep the sign-in open longer"),
            back=self.url_of(sign_in),
            submit=_("Keep it open longer"),
            facts=self.row_facts(request, sign_in),
        )
        return self.run_form(request, form, page, carry_out)

    def close_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """End a sign-in before its hour."""
        sign_in = self.row_for(request, str(object_id), Action.RECORD)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            close_sign_in(actor=actor_of(request), now=now_of(request), sign_in=sign_in)
            return Outcome(self.url_of(sign_in), _("Closed. Who signed in stays on the list; now record the meeting."))

        page = FormPage(
            title=_("Close the sign-in"),
            back=self.url_of(sign_in),
            submit=_("Close the sign-in"),
            warning=[_("Nobody can sign in any more. For latecomers open another one, or enter them by hand.")],
            facts=self.row_facts(request, sign_in),
        )
        return self.run_form(request, form, page, carry_out)


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


def _usual_hours(now: datetime) -> dict[str, Any]:
    """From now for two hours, within the day."""
    start = timezone.localtime(now).replace(second=0, microsecond=0)
    end = min(start + USUAL_LENGTH, start.replace(hour=23, minute=59))
    return {"day": start.date(), "opens": f"{start:%H:%M}", "closes": f"{end:%H:%M}"}
