"""The papers of a finding: they name its ground, so only who may read it gets them, and the look is logged (D21)."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from members.access import Action, is_own_case, may_read_grounds
from points.errors import NothingToPrint
from scoring_site.downloads import name_paper, send_file
from scoring_site.workbench.base.pages import RowPage, require
from scoring_site.workbench.findings.questions import may_change_finding, may_report
from veto.grounds import log_look
from veto.letters import (
    APPEAL_ANSWER,
    APPEAL_RECEIPT,
    DECISION,
    NOTICE,
    branch_name_of,
    short_number_of,
    write_appeal_answer,
    write_appeal_receipt,
    write_decision_letter,
    write_hearing_notice,
    write_report,
)
from veto.models import Appeal, Finding, VetoRecord
from veto.steps import may_judge

SHORT_REPORT = "情况报告"


class HearingNotice(RowPage[Finding]):
    """The notice of the finding (告知书) as PDF, to be handed over and signed."""

    name = "notice"
    action = Action.READ

    def prepare(self) -> None:
        super().prepare()
        require(may_read_grounds(self.actor, self.row, on=self.today))
        require(may_change_finding(self.request, self.row, Action.PROPOSE_FINDING) and not self.row.is_held_back)

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        log_look(actor=self.actor, now=self.now, finding=self.row)
        pdf = write_hearing_notice(finding=self.row, on=self.today)
        return send_file(pdf, _name_file(self.row, NOTICE, on=self.today))


class DecisionLetter(RowPage[Finding]):
    """The decision letter (认定结果通知书) as PDF, with its receipt and the way to appeal (D18)."""

    name = "letter"
    action = Action.READ

    def prepare(self) -> None:
        super().prepare()
        require(may_read_grounds(self.actor, self.row, on=self.today))
        require(may_change_finding(self.request, self.row, Action.PROPOSE_FINDING))

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        try:
            pdf = write_decision_letter(finding=self.row, on=self.today)
        except NothingToPrint as error:
            raise Http404(str(error)) from error
        log_look(actor=self.actor, now=self.now, finding=self.row)
        return send_file(pdf, _name_file(self.row, DECISION, on=self.today))


class AppealReceipt(RowPage[Finding]):
    """What the town gives who appealed (申诉受理通知书) as PDF; it names no ground."""

    name = "appeal_receipt"
    route = "appeal-receipt.pdf"
    action = Action.CONSENT

    def prepare(self) -> None:
        super().prepare()
        require(not is_own_case(self.actor, self.row.member))

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        if self.row.appeal is None:
            raise Http404
        pdf = write_appeal_receipt(finding=self.row, on=self.today)
        return send_file(pdf, _name_file(self.row, APPEAL_RECEIPT, self.row.appeal, on=self.today))


class AppealAnswerLetter(RowPage[Finding]):
    """The town's answer to an appeal (申诉答复书) as PDF, for whoever of the town's staff may read the finding."""

    name = "appeal_answer"
    route = "appeal-answer.pdf"
    action = Action.CONSENT

    def prepare(self) -> None:
        super().prepare()
        require(may_judge(self.actor, self.row, on=self.today) and not is_own_case(self.actor, self.row.member))

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        if self.row.appeal is None or self.row.appeal.outcome is None:
            raise Http404
        pdf = write_appeal_answer(finding=self.row, on=self.today)
        log_look(actor=self.actor, now=self.now, finding=self.row, reason=APPEAL_ANSWER)
        return send_file(pdf, _name_file(self.row, APPEAL_ANSWER, self.row.appeal, on=self.today))


class TownReport(RowPage[VetoRecord]):
    """The report of a confirmed veto to the town's party committee (情况报告, D18)."""

    name = "report"
    action = Action.READ

    def prepare(self) -> None:
        super().prepare()
        require(may_report(self.request, self.row))

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        try:
            pdf = write_report(finding=self.row, on=self.today)
        except NothingToPrint as error:
            raise Http404(str(error)) from error
        log_look(actor=self.actor, now=self.now, finding=self.row)
        return send_file(pdf, _name_file(self.row, SHORT_REPORT, on=self.today))


def _name_file(finding: Finding, what: str, appeal: Appeal | None = None, *, on: date) -> str:
    number = appeal.receipt if appeal else short_number_of(finding)
    return name_paper(branch_name_of(finding, on=on), finding.date.year, what, number) + ".pdf"
