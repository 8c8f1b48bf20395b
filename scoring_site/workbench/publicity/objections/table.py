"""Objections as the workbench lists and shows them: the days left, where each stands, what may be done (3.3, D11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.notifications import mark_read
from points.scoring.wording import name_period
from publicity.corrections.figures import show_revised
from publicity.corrections.plans import read_revised_lines
from publicity.models import Objection
from publicity.objections.access import objections_for, objections_to_take_out
from publicity.objections.deadlines import AnswerDays
from publicity.objections.objections import work_link
from publicity.rechecking.town_decisions import is_for_the_town
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.publicity.notices.questions import name_notice
from scoring_site.workbench.publicity.objections.handled import handles, is_staff, registers
from scoring_site.workbench.publicity.objections.handling import (
    AddNote,
    AnswerObjection,
    HandToTown,
    NoteDissatisfaction,
    ReplyForTown,
)
from scoring_site.workbench.publicity.objections.intake import RegisteredObjection, RegisterObjection
from scoring_site.workbench.publicity.objections.papers import AnswerPaper, Receipt, ScannedPaper

WAITING = gettext_lazy("waits for its answer")
UNNAMED = gettext_lazy("known to those who handle it")


def name_state(objection: Objection) -> str:
    """Where an objection stands, in a word."""
    if not objection.is_answered:
        return _("handled by the town") if objection.to_town_at else str(WAITING)
    if objection.dissatisfied_at and not objection.town_replied_at:
        return _("not satisfied, passed to the town")
    return str(objection.get_answer_kind_display())


class ObjectionStateFilter(ChoiceFilter):
    """Where objections stand."""

    title = gettext_lazy("state")
    parameter_name = "state"
    STATES: dict[str, tuple[Any, Q]] = {
        "waiting": (WAITING, Q(answered_at__isnull=True)),
        "explained": (gettext_lazy("explained"), Q(answer_kind="explained")),
        "corrected": (gettext_lazy("corrected"), Q(answer_kind="corrected")),
        "dissatisfied": (gettext_lazy("not satisfied, passed to the town"), Q(dissatisfied_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _condition) in self.STATES.items()]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(self.STATES[value][1])


class NoticeBranchFilter(BranchFilter):
    """The branch whose notice it is about."""

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(notice__review__branch=value)


class ObjectionAdmin(ScopedModelAdmin[Objection]):
    """What was objected to notices, seen through the narrow door of `publicity.objections.access`."""

    card_columns = ("branch", "about", "due", "state")
    list_filter = (ObjectionStateFilter, NoticeBranchFilter)
    list_select_related = ("notice__review__branch__town", "about")
    row_template = "workbench/publicity/objection.html"
    is_of_frozen_lines = True
    ordering = ("-received_on", "-id")
    subpages = (
        RegisterObjection,
        RegisteredObjection,
        Receipt,
        ScannedPaper,
        AnswerPaper,
        AddNote,
        AnswerObjection,
        HandToTown,
        NoteDissatisfaction,
        ReplyForTown,
    )

    def scope(self, request: HttpRequest, rows: QuerySet[Objection]) -> QuerySet[Objection]:
        known = objections_for(actor_of(request), on=today_of(request))
        found = rows.filter(pk__in=known.values("pk")).select_related(
            "notice__review__branch__town", "about", "objector", "taken_by", "answered_by", "dissatisfied_by",
            "town_replied_by", "correction",
        )  # fmt: skip
        return found.prefetch_related("notice__review__branch__former_names")

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[Objection]) -> QuerySet[Objection]:
        taken = objections_to_take_out(actor_of(request), on=today_of(request))
        return rows.filter(pk__in=taken.values("pk"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        days = AnswerDays(on=today_of(request))

        def show_about(row: Objection) -> str:
            return row.about.listed_name if row.about else "—"

        return (
            column(gettext_lazy("receipt number"), lambda row: row.receipt, name="receipt", order="receipt"),
            column(
                gettext_lazy("branch"),
                lambda row: row.notice.review.branch_name,
                name="branch",
                order="notice__review__branch__position",
            ),
            column(gettext_lazy("half"), lambda row: name_period(row.notice.period), name="half"),
            column(
                gettext_lazy("about the line of"), lambda row: row.about.listed_name if row.about else "—", name="about"
            ),
            column(gettext_lazy("received on"), lambda row: row.received_on, name="received_on", order="received_on"),
            column(gettext_lazy("answer due"), lambda row: days.of(row).shown, name="due"),
            column(gettext_lazy("state"), name_state, name="state", order="answered_at"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Register an objection"), self.url("register"), "edit_note", main=True)]

    def row_title(self, row: Objection) -> str:
        return _("Objection no. %(receipt)s") % {"receipt": row.receipt}

    def row_facts(self, request: HttpRequest, row: Objection) -> Sequence[Fact]:
        is_handler = handles(request, row)
        in_portal = row.via == Objection.Via.PORTAL
        facts = [
            Fact(_("state"), name_state(row)),
            Fact(_("answer due"), AnswerDays(on=today_of(request)).of(row).shown),
            Fact(_("notice"), name_notice(row.notice)),
            Fact(_("about the line of"), row.about.listed_name if row.about else _("nobody's in particular")),
            Fact(_("received"), f"{row.received_on} {row.get_via_display()}"),
            Fact(
                _("objector"), (str(row.objector) if in_portal else row.objector_name) if is_handler else str(UNNAMED)
            ),
        ]
        if is_handler and not in_portal:
            facts.append(Fact(_("registered by"), str(row.taken_by)))
            if row.scan:
                facts.append(
                    Fact(_("scan or photo of the paper"), _("open the scan"), self.url("scan", row.pk), is_scan=True)
                )
        if row.to_town_at:
            facts.append(Fact(_("handled by the town since"), timezone.localdate(row.to_town_at)))
        return facts

    def row_context(self, request: HttpRequest, row: Objection) -> dict[str, Any]:
        is_handler = handles(request, row)
        mark_read(user=actor_of(request), now=now_of(request), link=work_link(row))
        return {
            "objection": row,
            "additions": row.additions.all(),
            "handles": is_handler,
            "notes": row.notes.select_related("by") if is_handler else (),
            "revised": show_revised(read_revised_lines(row.correction)) if row.correction else (),
        }

    def row_buttons(self, request: HttpRequest, row: Objection) -> Sequence[Button]:
        buttons = []
        if handles(request, row):
            buttons = self._handler_buttons(request, row)
        if row.is_answered and not row.dissatisfied_at and registers(request, row):
            buttons.append(
                Button(_("The objector is not satisfied"), self.url("dissatisfied", row.pk), "sentiment_dissatisfied")
            )
        return buttons

    def _handler_buttons(self, request: HttpRequest, row: Objection) -> list[Button]:
        buttons = []
        if not row.is_answered:
            buttons = [
                Button(_("Answer with an explanation"), self.url("answer", row.pk), "reply", main=True),
                Button(_("Correct and answer"), self._correct_url(row), "edit", main=True),
                Button(_("Add an investigation note"), self.url("note", row.pk), "note_add"),
            ]
            if row.to_town_at is None:
                buttons.append(Button(_("Hand to the town"), self.url("to_town", row.pk), "move_up"))
        elif is_staff(request, row):
            buttons = self._town_buttons(row)
        buttons.append(Button(_("Receipt (PDF)"), self.url("receipt", row.pk), "print"))
        if row.is_answered:
            buttons.append(Button(_("Written answer (PDF)"), self.url("answer_pdf", row.pk), "print"))
        return buttons

    def _town_buttons(self, row: Objection) -> list[Button]:
        """What the town's staff do about an objection that was answered: reply, and correct as the town decided."""
        buttons = []
        if row.dissatisfied_at and not row.town_replied_at:
            buttons.append(Button(_("Reply for the town"), self.url("reply", row.pk), "reply", main=True))
        if is_for_the_town(row):
            buttons.append(Button(_("Correct"), self._correct_url(row), "edit"))
        return buttons

    def _correct_url(self, row: Objection) -> str:
        """The form that corrects a line because of this objection."""
        start = page_url("points_correction_new", row.notice.review_id)
        about = f"&member={row.about_id}" if row.about_id else ""
        return f"{start}?objection={row.uuid}{about}"
