"""What a verification finds, as a workbook that the worker makes: for who audits the town, without the server."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.writing import Column, TableSheet, stream_workbook
from members.access import Action
from members.jobs.asking import ask_for_job
from members.jobs.kinds import JobKind, Report
from members.log.audit import log_change
from members.models import Job, Town, User
from members.seals.checkpoint import read_checkpoints
from scoring_site.verification import verify_everything

COLUMNS = (Column("核验对象", 24), Column("编号", 40), Column("不一致之处", 80))


def ask_for_verification(*, actor: User, now: datetime, town: Town) -> Job:
    """Have what is stored verified, as `verify_ledger --town` does; logged when the file lies ready.

    Raises:
        NotAllowed: the actor does not audit the town.
        JobRefused: too much of what the actor asked for still waits.
    """
    what = _("verification result")
    return ask_for_job(
        actor=actor,
        now=now,
        kind="verification",
        town=town,
        branch=None,
        parameters={},
        file_name=f"{what}-{timezone.localdate(now):%Y%m%d}.xlsx",
    )


def _make(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    def show_progress(_check: str, rows: int) -> None:
        # How many rows there are in all nobody knows beforehand.
        report(rows, 0)

    checkpoints = read_checkpoints()
    found = verify_everything(now=now, town=job.town, checkpoints=checkpoints, progress=show_progress)
    with stream_workbook(file, title="核验结果", author="") as workbook:
        sheet = TableSheet(workbook, "核验结果", COLUMNS, frozen_columns=1)
        for difference in found:
            sheet.append([difference.kind, difference.identity, difference.message])
        if not sheet.row_count:
            sheet.append(["—", "—", _("What is stored agrees with its seals, its rulebooks and its log.")])
        sheet.finish()


def _log(job: Job, now: datetime) -> None:
    log_change(actor=job.owner, now=now, town=job.town, verb="verify_stored", subject=job.town)


VERIFICATION = JobKind(
    title=gettext_lazy("Verification of what is stored"),
    action=Action.VERIFY,
    make=_make,
    log=_log,
    asks_password=True,
)
