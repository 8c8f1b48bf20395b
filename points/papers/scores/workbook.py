"""积分一览 as a workbook: who may take it out, the log of it, its cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from django.utils import translation

from foundation.tenths import in_points
from foundation.workbooks.writing import Column, Look, TableSheet, Value, stream_workbook
from members.models import Town, User
from points.papers import words
from points.papers.scores.reading import ScoreLine
from points.papers.taking_out import take_out_lines
from points.scoring.scores import YearStatus
from points.scoring.wording import gives_half

COLUMNS = (
    Column("序号", 6, Look.WHOLE),
    Column("党支部", 22),
    Column("姓名", 12),
    Column("上半年积分", 12, Look.POINTS),
    Column("下半年积分", 12, Look.POINTS),
    Column("基础分", 10, Look.POINTS),
    Column("激励分", 10, Look.POINTS),
    Column("扣分", 10, Look.POINTS),
    Column("一票否决", 10),
    Column("年度积分", 12, Look.POINTS),
    Column("距下一分数线", 18),
    Column("空缺", 24),
    Column("说明", 16),
)


def export_scores(*, actor: User, now: datetime, town: Town, year: int, lines: Sequence[ScoreLine]) -> None:
    """Let the lines leave the town by the actor's hand; logged.

    Raises:
        NotAllowed: a line is of a branch that is not the actor's to export.
    """
    branch_ids = [line.branch_id for line in lines]
    take_out_lines(actor=actor, now=now, town=town, year=year, branch_ids=branch_ids, verb="export_scores")


def write_scores_workbook(lines: Sequence[ScoreLine], file: IO[bytes]) -> None:
    """Write the lines, in their order, into an open binary file."""
    with stream_workbook(file, title="积分一览", author="") as workbook:
        sheet = TableSheet(workbook, "积分一览", COLUMNS, frozen_columns=3)
        # Like its headings, whatever language the screen is in.
        with translation.override("zh-hans"):
            for line in lines:
                sheet.append(_make_cells(line))
        sheet.finish()


def _make_cells(line: ScoreLine) -> list[Value]:
    halves = (tenths if gives_half(tenths) else None for tenths in (line.first_half, line.second_half))
    points = (*halves, line.base, line.incentive)
    is_scored = line.total is not None
    deducted = None if line.deducted is None else -line.deducted
    return [
        line.number,
        line.branch,
        line.member.listed_name,
        *(None if tenths is None else in_points(tenths) for tenths in points),
        None if deducted is None else in_points(deducted),
        (words.YES if line.is_vetoed else words.NO) if is_scored else None,
        None if line.total is None else in_points(line.total),
        line.shown_distance,
        line.shown_gaps,
        name_status(line),
    ]


def name_status(line: ScoreLine) -> str:
    """Why a line has no figures; empty where it has."""
    if line.status is YearStatus.LEFT:
        return words.LEFT[line.left_why]
    return words.EXEMPT if line.status is YearStatus.EXEMPT else ""
