"""Objections in the workbench: the list with the days left, taking one down, investigating, answering (3.3, D11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, may
from members.admin.downloads import send_file
from members.admin.filters import BranchFilter, ChoiceFilter
from members.admin.forms import WorkbenchForm
from members.admin.pictures import keep_picture, send_picture, sent
from members.admin.scoped import (
    Button,
    Fact,
    FormPage,
    Outcome,
    ScopedModelAdmin,
    actor_of,
    now_of,
    today_of,
)
from members.notifications import mark_read
from points.admin.columns import Column, column
from points.correction_plans import read_revised_lines
from points.wording import name_period
from publicity.deadlines import AnswerDays
from publicity.models import Notice, Objection
from publicity.objection_access import objections_for, objections_to_handle
from publicity.objection_forms import DissatisfactionForm, ExplanationForm, NoteForm, TakeDownForm, TownReplyForm
from publicity.objection_papers import write_answer, write_receipt
from publicity.objection_views import members_of
from publicity.objections import (
    answer_objection,
    corrections_for,
    hand_to_town,
    note_dissatisfaction,
    note_investigation,
    raise_objection,
    reply_for_town,
    work_link,
)
from publicity.revised import show_revised

WAITING, OVERDUE = gettext_lazy("waits for its answer"), gettext_lazy("overdue")
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
    """What was objected to notices, seen through the narrow door of `objection_access`."""

    list_filter = (ObjectionStateFilter, NoticeBranchFilter)
    list_select_related = ("notice__review__branch__town", "about")
    row_template = "workbench/objection.html"
    ordering = ("-received_on", "-id")

    def scope(self, request: HttpRequest, rows: QuerySet[Objection]) -> QuerySet[Objection]:
        known = objections_for(actor_of(request), on=today_of(request))
        return rows.filter(pk__in=known.values("pk")).select_related(
            "notice__review__branch__town", "about", "objector", "taken_by", "answered_by", "dissatisfied_by",
            "town_replied_by", "correction",
        )  # fmt: skip

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        days = AnswerDays(on=today_of(request))
        return (
            column(gettext_lazy("receipt number"), lambda row: row.receipt, name="receipt", order="receipt"),
            column(
                gettext_lazy("branch"),
                lambda row: row.notice.review.branch.name,
                name="branch",
                order="notice__review__branch__position",
            ),
            column(gettext_lazy("half"), lambda row: name_period(row.notice.period), name="half"),
            column(gettext_lazy("about the line of"), lambda row: row.about.name if row.about else "—", name="about"),
            column(gettext_lazy("received on"), lambda row: row.received_on, name="received_on", order="received_on"),
            column(gettext_lazy("answer due"), lambda row: days.of(row).shown, name="due"),
            column(gettext_lazy("state"), name_state, name="state", order="answered_at"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("take-down/", self.take_down_view, "take_down"),
            self.page("<int:object_id>/taken/", self.taken_view, "taken"),
            self.page("<int:object_id>/receipt.pdf", self.receipt_view, "receipt"),
            self.page("<int:object_id>/scan/", self.scan_view, "scan"),
            self.page("<int:object_id>/note/", self.note_view, "note"),
            self.page("<int:object_id>/answer/", self.answer_view, "answer"),
            self.page("<int:object_id>/answer.pdf", self.answer_pdf_view, "answer_pdf"),
            self.page("<int:object_id>/to-town/", self.to_town_view, "to_town"),
            self.page("<int:object_id>/dissatisfied/", self.dissatisfied_view, "dissatisfied"),
            self.page("<int:object_id>/reply/", self.reply_view, "reply"),
        ]

    # Who may do what

    def handles(self, request: HttpRequest, row: Objection) -> bool:
        """Whether the user investigates and answers it, and so may know who objects."""
        return objections_to_handle(actor_of(request), on=today_of(request)).contains(row)

    def handled_row(self, request: HttpRequest, object_id: int) -> Objection:
        """An objection the user handles. Raises Http404, PermissionDenied."""
        row = self.get_object(request, str(object_id))
        if not self.handles(request, row):
            raise PermissionDenied(_("This objection is not yours to handle."))
        return row

    def receipted_row(self, request: HttpRequest, object_id: int) -> Objection:
        """An objection the user handles, or took down themselves, even where they may not see it afterwards (D11)."""
        own = Objection.objects.filter(pk=object_id, taken_by=actor_of(request)).exclude(via=Objection.Via.PORTAL)
        row = own.select_related("notice__review__branch__town", "about").first()
        return row or self.handled_row(request, object_id)

    def takes_down(self, request: HttpRequest, row: Objection) -> bool:
        """Whether the user enters what an objector says on paper or by phone."""
        return may(actor_of(request), Action.RECORD, row.notice.review.branch, on=today_of(request))

    # What is seen

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Take an objection down"), self.url("take_down"), "edit_note", main=True)]

    def row_title(self, row: Objection) -> str:
        return _("Objection no. %(receipt)s") % {"receipt": row.receipt}

    def row_facts(self, request: HttpRequest, row: Objection) -> Sequence[Fact]:
        review = row.notice.review
        handles = self.handles(request, row)
        in_portal = row.via == Objection.Via.PORTAL
        facts = [
            Fact(_("state"), name_state(row)),
            Fact(_("answer due"), AnswerDays(on=today_of(request)).of(row).shown),
            Fact(_("notice"), f"{review.branch.name} {name_period(row.notice.period)}"),
            Fact(_("about the line of"), row.about.name if row.about else _("nobody's in particular")),
            Fact(_("received"), f"{row.received_on} {row.get_via_display()}"),
            Fact(_("objector"), (str(row.objector) if in_portal else row.objector_name) if handles else str(UNNAMED)),
        ]
        if handles and not in_portal:
            facts.append(Fact(_("taken down by"), str(row.taken_by)))
            if row.scan:
                facts.append(Fact(_("scan or photo of the paper"), _("open the scan"), self.url("scan", row.pk)))
        if row.to_town_at:
            facts.append(Fact(_("handled by the town since"), timezone.localdate(row.to_town_at)))
        return facts

    def row_context(self, request: HttpRequest, row: Objection) -> dict[str, Any]:
        handles = self.handles(request, row)
        mark_read(user=actor_of(request), now=now_of(request), link=work_link(row))
        return {
            "objection": row,
            "handles": handles,
            "notes": row.notes.select_related("by") if handles else (),
            "revised": show_revised(read_revised_lines(row.correction)) if row.correction else (),
        }

    def row_buttons(self, request: HttpRequest, row: Objection) -> Sequence[Button]:
        buttons = []
        if self.handles(request, row):
            buttons = self._handler_buttons(request, row)
        if row.is_answered and not row.dissatisfied_at and self.takes_down(request, row):
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
        if row.dissatisfied_at and not row.town_replied_at and self._is_staff(request, row):
            buttons.append(Button(_("Reply for the town"), self.url("reply", row.pk), "reply", main=True))
        buttons.append(Button(_("Receipt (PDF)"), self.url("receipt", row.pk), "print"))
        if row.is_answered:
            buttons.append(Button(_("Written answer (PDF)"), self.url("answer_pdf", row.pk), "print"))
        return buttons

    def _correct_url(self, row: Objection) -> str:
        """The form that corrects a line because of this objection."""
        start = reverse(f"{self.admin_site.name}:points_correction_new", args=[row.notice.review_id])
        about = f"&member={row.about_id}" if row.about_id else ""
        return f"{start}?objection={row.uuid}{about}"

    def _is_staff(self, request: HttpRequest, row: Objection) -> bool:
        return may(actor_of(request), Action.CONSENT, row.notice.review.branch, on=today_of(request))

    # Taking one down

    def take_down_view(self, request: HttpRequest) -> HttpResponseBase:
        """Take down what somebody objects on paper, by phone or in person, and hand out a receipt."""
        user, today = actor_of(request), today_of(request)
        branches = branches_for(user, on=today, action=Action.RECORD)
        self.require(branches.exists())
        notices = list(
            Notice.objects.filter(review__branch__in=branches.values("pk"), postings__isnull=False)
            .distinct()
            .select_related("review__branch__town")
            .order_by("-review__year", "-review__half", "review__branch__position", "pk")
        )
        asked = request.GET.get("notice", "")
        notice = next((row for row in notices if str(row.pk) == asked), notices[0] if len(notices) == 1 else None)
        if asked and notice is None:
            raise Http404
        form = TakeDownForm(
            *(sent(request) if notice else (None, None)),
            members=members_of(notice) if notice else [],
            initial={"received_on": today},
        )

        def carry_out() -> Outcome:
            assert notice is not None
            data = form.cleaned_data
            objection = raise_objection(
                actor=user,
                now=now_of(request),
                notice=notice,
                text=data["text"],
                about=form.chosen_member(),
                about_officers=data["about_officers"],
                via=Objection.Via(data["via"]),
                objector_name=data["objector_name"],
                received_on=data["received_on"],
                scan=keep_picture(data["scan"]),
                token=data["token"],
            )
            return Outcome(
                self.url("taken", objection.pk),
                _("Taken down as no. %(receipt)s. It cannot be changed; what is missing is added as a note.")
                % {"receipt": objection.receipt},
            )

        page = FormPage(
            title=_("Take an objection down"),
            back=self.url("changelist"),
            submit=_("Take down"),
            intro=[
                _("Anybody may object, also anonymously and after the notice's days; objecting is never a ground."),
                _("About the secretary or the recorder: better have the town take it down."),
            ],
            facts=[Fact(_("notice"), _name_notice(notice))] if notice else (),
            template="workbench/take_down.html",
            extra={"notice": notice, "notices": [(row, _name_notice(row)) for row in notices]},
        )
        return self.run_form(request, form, page, carry_out)

    def taken_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """What whoever took it down gives the objector: the number, the last day for the answer, the receipt."""
        row = self.receipted_row(request, object_id)
        visible = objections_for(actor_of(request), on=today_of(request)).contains(row)
        context = {
            "facts": [
                Fact(_("receipt number"), row.receipt),
                Fact(_("received on"), row.received_on),
                Fact(_("answer due"), AnswerDays(on=today_of(request)).of(row).shown),
            ],
            "buttons": [
                Button(_("Receipt (PDF)"), self.url("receipt", row.pk), "print", main=True),
                *([Button(_("Open it"), self.url_of(row), "open_in_new")] if visible else []),
                Button(_("Take another down"), self.url("take_down"), "edit_note"),
            ],
            "hidden": not visible,
        }
        return self.render(request, "workbench/taken.html", title=_("Received"), context=context)

    # On paper

    def scan_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The paper as it was scanned: it may name the objector, so only those who handle it see it (D11)."""
        return send_picture(self.handled_row(request, object_id).scan)

    def receipt_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The receipt to hand out."""
        row = self.receipted_row(request, object_id)
        return send_file(write_receipt(objection=row, now=now_of(request)), f"receipt-{row.receipt}.pdf")

    def answer_pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The written answer to hand out to who has no account."""
        row = self.handled_row(request, object_id)
        if not row.is_answered:
            raise Http404
        return send_file(write_answer(objection=row), f"answer-{row.receipt}.pdf")

    # Handling

    def note_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Add an investigation note."""
        row = self.handled_row(request, object_id)
        form = NoteForm(request.POST or None)

        def carry_out() -> Outcome:
            note_investigation(
                actor=actor_of(request), now=now_of(request), objection=row, text=form.cleaned_data["text"]
            )
            return Outcome(self.url_of(row), _("Added. Notes are not changed; add another one to put something right."))

        page = FormPage(
            title=_("Add an investigation note"),
            back=self.url_of(row),
            submit=_("Add"),
            intro=[_("Only those who handle the objection read it.")],
            facts=[Fact(_("objection"), row.text)],
        )
        return self.run_form(request, form, page, carry_out)

    def answer_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Answer in writing: explain, or name the correction that was made."""
        row = self.handled_row(request, object_id)
        form = ExplanationForm(
            request.POST or None, corrections=list(corrections_for(row).select_related("member").order_by("at"))
        )

        def carry_out() -> Outcome:
            answer_objection(
                actor=actor_of(request),
                now=now_of(request),
                objection=row,
                answer=form.cleaned_data["answer"],
                correction=form.chosen_correction(),
            )
            return Outcome(
                self.url_of(row),
                _("Answered; an answer is not changed. Print it for an objector without an account."),
            )

        page = FormPage(
            title=_("Answer with an explanation"),
            back=self.url_of(row),
            submit=_("Answer"),
            intro=[_("If the figure was wrong, go back and choose “Correct and answer”.")],
            facts=[Fact(_("objection"), row.text)],
        )
        return self.run_form(request, form, page, carry_out)

    def to_town_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand it to the town because it is about the secretary or the recorder."""
        row = self.handled_row(request, object_id)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            hand_to_town(actor=actor_of(request), now=now_of(request), objection=row)
            return Outcome(
                self.url("changelist"), _("Handed to the town, whose staff were told. It cannot be taken back.")
            )

        page = FormPage(
            title=_("Hand to the town"),
            back=self.url_of(row),
            submit=_("Hand to the town"),
            warning=[
                _("When an objection is about the secretary or the recorder, the town's staff handle it."),
                _("From then on neither the secretary nor the recorder of the branch sees it."),
            ],
            facts=[Fact(_("objection"), row.text)],
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def dissatisfied_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the answer does not satisfy an objector who said so on paper or by phone."""
        row = self.get_object(request, str(object_id))
        if not self.takes_down(request, row):
            raise PermissionDenied(
                _("Objections are taken down by the branch's recorder or secretary, or by the town.")
            )
        form = DissatisfactionForm(request.POST if request.method == "POST" else None)
        form.fields["text"].widget.attrs["class"] = "workbench-input"

        def carry_out() -> Outcome:
            note_dissatisfaction(
                actor=actor_of(request), now=now_of(request), objection=row, text=form.cleaned_data["text"]
            )
            return Outcome(self.url_of(row), _("Passed to the town's staff. The notice is not held up by it."))

        page = FormPage(
            title=_("The objector is not satisfied"),
            back=self.url_of(row),
            submit=_("Pass it to the town"),
            intro=[_("The town's party office looks at it and replies; the notice goes on meanwhile (D11).")],
            facts=[Fact(_("objection"), row.text), Fact(_("written answer"), row.answer or "—")],
        )
        return self.run_form(request, form, page, carry_out)

    def reply_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Reply for the town."""
        row = self.handled_row(request, object_id)
        self.require(self._is_staff(request, row))
        form = TownReplyForm(request.POST or None)

        def carry_out() -> Outcome:
            reply_for_town(
                actor=actor_of(request), now=now_of(request), objection=row, reply=form.cleaned_data["reply"]
            )
            return Outcome(self.url_of(row), _("Replied; a reply is not changed. The objector was told."))

        page = FormPage(
            title=_("Reply for the town"),
            back=self.url_of(row),
            submit=_("Reply"),
            facts=[
                Fact(_("objection"), row.text),
                Fact(_("written answer"), row.answer or "—"),
                Fact(_("why the answer does not satisfy the objector"), row.dissatisfaction or "—"),
            ],
        )
        return self.run_form(request, form, page, carry_out)


def _name_notice(notice: Notice) -> str:
    return f"{notice.review.branch.name} {name_period(notice.period)}"
