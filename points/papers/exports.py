"""Taking the annual report, record forms, registers and tick workbooks out of the town: who may, and the log of it.

The export of records and the list of meetings do the same for themselves (`records/rows.py`, `meetings/workbook.py`).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import IO

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, may
from members.errors import NotAllowed
from members.jobs.asking import ask_for_job
from members.jobs.kinds import JobKind, Make, Report
from members.log.audit import log_change
from members.log.reasons import fit_text, require_reason
from members.models import Branch, Job, Town, User
from points.imports.templates import tick_template
from points.papers.annual.branch_files import TITLE as ANNUAL
from points.papers.annual.branch_files import write_branch_files
from points.papers.annual.report import AnnualReport, read_annual_report
from points.papers.ledger.booklet import TITLE as REGISTER
from points.papers.ledger.booklet import write_register
from points.papers.record_form.pdf import TITLE as RECORD_FORM
from points.papers.record_form.pdf import require_forms, write_branch_record_forms
from points.scoring.adoption import rulebook_for


def export_annual_report(
    *,
    actor: User,
    now: datetime,
    town: Town,
    year: int,
    branch: Branch | None = None,
    with_findings: bool = False,
    reason: str = "",
) -> AnnualReport:
    """The annual report, to be written into a file; logged, with the reason for which findings are counted (D21).

    Raises:
        NoRulebook, NotAllowed.
        TextTooLong.
        MissingReason: findings were asked for without saying why.
    """
    reason = fit_text(reason)
    if with_findings:
        require_reason(reason, _("Say why you need the categories of findings."))
    report = read_annual_report(actor=actor, now=now, town=town, year=year, branch=branch, with_findings=with_findings)
    log_change(
        actor=actor,
        now=now,
        town=town,
        verb="export_annual_report",
        subject=branch or town,
        new={"year": year, "with_findings": with_findings, "reason": reason},
    )
    return report


def ask_for_branch_files(*, actor: User, now: datetime, town: Town, year: int) -> Job:
    """Have the annual report of every branch made as workbooks in one archive, without findings (D21).

    Logged when the file lies ready.

    Raises:
        NotAllowed: the town is not the actor's to export.
        NoRulebook.
        JobRefused: too much of what the actor asked for still waits.
    """
    _require_export(actor, None, town=town, now=now)
    rulebook_for(town, year)
    return ask_for_job(
        actor=actor,
        now=now,
        kind="branch_files",
        town=town,
        branch=None,
        parameters={"year": year},
        file_name=f"{town.name}-{year}年-各支部{ANNUAL}.zip",
    )


def ask_for_record_forms(*, actor: User, now: datetime, branch: Branch, year: int) -> Job:
    """Have the record forms of a branch made as one PDF, without grounds, which are read one by one (D21).

    Logged when the file lies ready.

    Raises:
        NotAllowed: the branch is not the actor's to export.
        NoRulebook, NothingToPrint.
        JobRefused: too much of what the actor asked for still waits.
    """
    return _ask_for_paper("record_forms", RECORD_FORM, actor=actor, now=now, branch=branch, year=year)


def ask_for_register(*, actor: User, now: datetime, branch: Branch, year: int) -> Job:
    """Have the 积分登记册 of a branch made, without grounds (D21). Logged when the file lies ready.

    Raises:
        NotAllowed: the branch is not the actor's to export.
        NoRulebook, NothingToPrint.
        JobRefused: too much of what the actor asked for still waits.
    """
    return _ask_for_paper("register", REGISTER, actor=actor, now=now, branch=branch, year=year)


def _ask_for_paper(kind: str, title: str, *, actor: User, now: datetime, branch: Branch, year: int) -> Job:
    _require_export(actor, branch, now=now)
    require_forms(branch=branch, year=year)
    return ask_for_job(
        actor=actor,
        now=now,
        kind=kind,
        town=branch.town,
        branch=branch,
        parameters={"year": year},
        file_name=f"{branch.name}-{year}年-{title}.pdf",
    )


def _make_record_forms(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    branch = job.branch
    assert branch is not None
    year = job.parameters["year"]
    file.write(write_branch_record_forms(branch=branch, year=year, now=now, with_grounds=False, report=report))


def _make_register(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    branch = job.branch
    assert branch is not None
    file.write(write_register(branch=branch, year=job.parameters["year"], now=now, report=report))


def _make_branch_files(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    year = job.parameters["year"]
    annual = read_annual_report(actor=job.owner, now=now, town=job.town, year=year)
    write_branch_files(annual, file, step=report)


def _log_export(job: Job, now: datetime, verb: str) -> None:
    new = {"year": job.parameters["year"]}
    log_change(actor=job.owner, now=now, town=job.town, verb=verb, subject=job.branch or job.town, new=new)


def _make_kind(title: Promise, make: Make, *, verb: str) -> JobKind:
    return JobKind(
        title=title, action=Action.EXPORT, make=make, log=partial(_log_export, verb=verb), asks_password=True
    )


BRANCH_FILES = _make_kind(gettext_lazy("Annual report by branch"), _make_branch_files, verb="export_branch_files")
RECORD_FORMS = _make_kind(gettext_lazy("Record forms of a branch"), _make_record_forms, verb="export_record_forms")
REGISTERS = _make_kind(gettext_lazy("Points register of a branch"), _make_register, verb="export_register")


def export_tick_workbook(*, actor: User, now: datetime, branch: Branch, year: int) -> bytes:
    """The tick workbook of a branch, filled with its members and what is recorded; logged.

    Raises:
        NotAllowed: the branch is not the actor's to export.
        NoRulebook: the town adopted none for the year (D1).
    """
    _require_export(actor, branch, now=now)
    rulebook = rulebook_for(branch.town, year)
    content = tick_template(branch=branch, year=year, rulebook=rulebook, today=timezone.localdate(now))
    log_change(actor=actor, now=now, town=branch.town, verb="export_tick_workbook", subject=branch, new={"year": year})
    return content


def _require_export(actor: User, branch: Branch | None, *, now: datetime, town: Town | None = None) -> None:
    if not may(actor, Action.EXPORT, branch, on=timezone.localdate(now), town=town):
        raise NotAllowed(_("You may not export this. Ask the branch's recorder or secretary, or the town's staff."))
