"""Taking an objection down on paper, by phone or in person, and what the objector is given (3.3, D11, D26)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from publicity.models import Notice, Objection
from publicity.notices.audience import members_of
from publicity.objections.access import objections_for
from publicity.objections.deadlines import AnswerDays
from publicity.objections.objections import raise_objection
from scoring_site.forms.pictures import keep_scan
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.publicity.notices.questions import name_notice
from scoring_site.workbench.publicity.objections.forms import RegistrationForm
from scoring_site.workbench.publicity.objections.handled import ReceiptedPage


class RegisterObjection(TableStep[RegistrationForm]):
    """Register what somebody objects on paper, by phone or in person, and hand out a receipt."""

    name = "register"
    form_class = RegistrationForm
    template = "workbench/publicity/register.html"
    title = gettext_lazy("Register an objection")
    submit = gettext_lazy("Register")
    intro = (
        gettext_lazy("Anybody may object, also anonymously and after the notice's days; objecting is never a ground."),
        gettext_lazy("About the secretary or the recorder: better have the town register it."),
    )

    notices: Sequence[Notice]
    notice: Notice | None

    def prepare(self) -> None:
        branches = branches_for(self.actor, on=self.today, action=Action.RECORD)
        require(branches.exists())
        self.notices = notices = list(
            Notice.objects.filter(review__branch__in=branches.values("pk"), postings__isnull=False)
            .distinct()
            .select_related("review__branch__town")
            .prefetch_related("review__branch__former_names")
            .order_by("-review__year", "-review__half", "review__branch__position", "pk")
        )
        asked = self.request.GET.get("notice", "")
        only = notices[0] if len(notices) == 1 else None
        self.notice = next((row for row in notices if str(row.pk) == asked), only)
        if asked and self.notice is None:
            raise Http404

    def is_ready(self) -> bool:
        return self.notice is not None

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("notice"), name_notice(self.notice))] if self.notice else ()

    def get_context(self) -> dict[str, Any]:
        return {"notice": self.notice, "notices": [(row, name_notice(row)) for row in self.notices]}

    def get_form_arguments(self) -> dict[str, Any]:
        assert self.notice is not None
        return {"members": members_of(self.notice), "initial": {"received_on": self.today}}

    def carry_out(self, form: RegistrationForm) -> Outcome:
        assert self.notice is not None
        data = form.cleaned_data
        objection = raise_objection(
            actor=self.actor,
            now=self.now,
            notice=self.notice,
            text=data["text"],
            about=form.chosen_member(),
            about_officers=data["about_officers"],
            via=Objection.Via(data["via"]),
            objector_name=data["objector_name"],
            received_on=data["received_on"],
            scan=keep_scan(data["scan"]),
            token=data["token"],
        )
        said = _("Registered as no. %(receipt)s. It cannot be changed; what is missing is added as a note.")
        return Outcome(self.table.url("registered", objection.pk), said % {"receipt": objection.receipt})


class RegisteredObjection(ReceiptedPage):
    """What whoever registered it gives the objector: the number, the last day for the answer, the receipt."""

    name = "registered"
    template = "workbench/publicity/registered.html"
    title = gettext_lazy("Received")

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The number and the days; for who may not see it afterwards without the way to it."""
        row = self.row
        visible = objections_for(self.actor, on=self.today).contains(row)
        return self.render(
            facts=[
                Fact(_("receipt number"), row.receipt),
                Fact(_("received on"), row.received_on),
                Fact(_("answer due"), AnswerDays(on=self.today).of(row).shown),
            ],
            buttons=[
                Button(_("Receipt (PDF)"), self.table.url("receipt", row.pk), "print", main=True),
                *([Button(_("Open it"), row_url(row), "open_in_new")] if visible else []),
                Button(_("Register another"), self.table.url("register"), "edit_note"),
            ],
            hidden=not visible,
        )
