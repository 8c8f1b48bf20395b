"""Adding files to what stands already, and voiding one."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.people.naming import tell_apart_at_home
from points.evidence.links import (
    Subject,
    attach_evidence,
    may_add_evidence,
    may_void_evidence,
    subject_of,
    void_evidence_link,
)
from points.models import EvidenceLink
from scoring_site.forms.evidence import EvidenceField
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome, ReasonStep, TableStep
from scoring_site.workbench.recording.evidence.subjects import find_subject, find_subject_url, name_subject


class EvidenceForm(WorkbenchForm):
    """Files to attach to what stands already."""

    evidence = EvidenceField(label=gettext_lazy("files"), required=True)


class AttachEvidence(TableStep[EvidenceForm]):
    """Add files to what `?event=`, `?meeting=`, `?deduction=`, `?veto=` or `?batch=` names."""

    name = "attach"
    form_class = EvidenceForm
    title = gettext_lazy("Add evidence")
    submit = gettext_lazy("Add")

    subject: Subject

    def prepare(self) -> None:
        self.subject = find_subject(self.request)
        require(may_add_evidence(self.actor, self.subject, on=self.today))
        member = getattr(self.subject, "member", None)
        tell_apart_at_home([member] if member is not None else [], on=self.today)

    def get_back(self) -> str:
        return row_url(self.subject)

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("proves"), name_subject(self.subject), self.get_back())]

    def carry_out(self, form: EvidenceForm) -> Outcome:
        links = attach_evidence(
            actor=self.actor, now=self.now, files=form.cleaned_data["evidence"], subject=self.subject
        )
        if not links:
            return Outcome(self.get_back(), _("These files were attached already; nothing was added twice."))
        said = _("%(count)d files added. To take one back, void it with a reason.")
        return Outcome(self.get_back(), said % {"count": len(links)})


class VoidEvidence(ReasonStep[EvidenceLink]):
    """Void one link, after showing it."""

    name = "void"
    action = Action.READ
    title = gettext_lazy("Void evidence")
    submit = gettext_lazy("Void")
    warning = (
        gettext_lazy("The file will no longer be shown; the line stays readable with your name and the reason."),
    )

    def prepare(self) -> None:
        super().prepare()
        require(self.row.is_void or may_void_evidence(self.actor, self.row, on=self.today))

    def carry_out(self, form: ReasonForm) -> Outcome:
        void_evidence_link(actor=self.actor, now=self.now, link=self.row, reason=form.cleaned_data["reason"])
        proved = find_subject_url(self.request, subject_of(self.row))
        return Outcome(proved or self.table.url("changelist"), _("Voided. If it was a mistake, add the file again."))
