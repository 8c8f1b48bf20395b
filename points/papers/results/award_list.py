"""评先评优积分名单 as a workbook: who may take it out, the log of it, its cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from foundation.tenths import in_points
from foundation.workbooks.writing import Column, Look, TableSheet, stream_workbook
from members.models import Town, User
from points.papers import words
from points.papers.taking_out import take_out_lines
from points.results.award_list import AwardLine
from points.scoring.bands import EXCELLENT

TITLE = "评先评优积分名单"
COLUMNS = (
    Column("序号", 6, Look.WHOLE),
    Column("党支部", 22),
    Column("姓名", 12),
    Column("人员类别", 12),
    Column("年度积分", 12, Look.POINTS),
    Column("评先评优资格", 14),
    Column("优先推荐", 10),
    Column("民主评议等次", 14),
    Column("有未办结事项", 14),
)


def export_award_list(*, actor: User, now: datetime, town: Town, year: int, lines: Sequence[AwardLine]) -> None:
    """Let the lines leave the town by the actor's hand; logged.

    Raises:
        NotAllowed: a line is of a branch that is not the actor's to export.
    """
    branch_ids = [line.review.branch_id for line in lines]
    take_out_lines(actor=actor, now=now, town=town, year=year, branch_ids=branch_ids, verb="export_award_list")


def write_award_workbook(lines: Sequence[AwardLine], file: IO[bytes]) -> None:
    """Write the lines, in their order, into an open binary file."""
    with stream_workbook(file, title=TITLE, author="") as workbook:
        sheet = TableSheet(workbook, TITLE, COLUMNS, frozen_columns=3)
        for number, line in enumerate(lines, 1):
            sheet.append(
                [
                    number,
                    line.review.branch_name,
                    line.member.listed_name,
                    words.CATEGORIES.get(line.score.category, ""),
                    in_points(line.score.cumulative),
                    words.YES if line.is_eligible else words.NO,
                    words.YES if line.band == EXCELLENT else words.NO,
                    words.RATINGS[line.rating],
                    words.YES if line.is_open else words.NO,
                ]
            )
        sheet.finish()
