"""The annual report of each branch as a workbook of its own, all of a town in one archive: what is handed to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import IO
from zipfile import ZipFile, ZipInfo

from django.utils import timezone

from points.papers.annual.report import AnnualReport, BranchReport
from points.papers.annual.workbook import write_annual_workbook

TITLE = "年度积分汇总"


def write_branch_files(report: AnnualReport, file: IO[bytes], *, step: Callable[[int, int], None]) -> None:
    """Write the archive into an open binary file: a workbook for each branch, numbered in the town's order.

    Each is what the branch exports for itself. `step` is told how many are done, of how many.
    """
    made_at = timezone.localtime(report.made_at).timetuple()[:6]
    with ZipFile(file, "w") as archive:
        for number, branch in enumerate(report.branches, start=1):
            workbook = BytesIO()
            write_annual_workbook(_of_branch(report, branch), workbook)
            # A workbook is compressed already.
            name = f"{number:02}-{branch.name}-{report.year}年-{TITLE}.xlsx"
            archive.writestr(ZipInfo(name, made_at), workbook.getvalue())
            step(number, len(report.branches))


def _of_branch(report: AnnualReport, branch: BranchReport) -> AnnualReport:
    return replace(report, branches=(branch,), summary=branch.summary)
