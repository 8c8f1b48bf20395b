"""Objections on paper, by phone or in person: taken down with a receipt, answered on paper (3.3, D11, D26)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.access import Action, branches_for
from points.scoring.wording import name_period
from publicity.models import Notice, Objection
from publicity.notices.audience import members_of
from publicity.objections.access import objections_for
from publicity.objections.deadlines import AnswerDays
from publicity.objections.objections import raise_objection
from publicity.objections.papers import write_answer, write_receipt
from scoring_site.downloads import send_file
from scoring_site.forms.pictures import keep_picture, send_picture, sent
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome
from scoring_site.workbench.publicity.objections.forms import TakeDownForm
from scoring_site.workbench.publicity.objections.table import ObjectionTableAdmin


class ObjectionIntakeAdmin(ObjectionTableAdmin):
    """Taking an objection down, its receipt, and the papers that are handed out."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("take-down/", self.take_down_view, "take_down"),
            self.page("<int:object_id>/taken/", self.taken_view, "taken"),
            self.page("<int:object_id>/receipt.pdf", self.receipt_view, "receipt"),
            self.page("<int:object_id>/scan/", self.scan_view, "scan"),
            self.page("<int:object_id>/answer.pdf", self.answer_pdf_view, "answer_pdf"),
        ]

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
            template="workbench/publicity/take_down.html",
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
        return self.render(request, "workbench/publicity/taken.html", title=_("Received"), context=context)

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


def _name_notice(notice: Notice) -> str:
    return f"{notice.review.branch.name} {name_period(notice.period)}"
