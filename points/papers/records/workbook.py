"""A year's records as a workbook: the first sheet in the form `import_records` reads, the rest on 作废与待定."""

from __future__ import annotations

from typing import IO

from django.utils import timezone

from foundation.tenths import in_points
from foundation.workbooks.writing import Column, Look, TableSheet, Value, stream_workbook
from foundation.yuan import in_yuan
from points.papers import words
from points.papers.records.rows import Record, RecordsExport
from points.rules.rulebook import Rulebook

RECORD_COLUMNS = (
    Column("党支部", 22),
    Column("姓名", 10),
    Column("公民身份号码", 20),
    Column("类别", 10),
    Column("项目", 24),
    Column("日期", 12, Look.DATE),
    Column("期次", 10),
    Column("分值", 8, Look.POINTS),
    Column("带头作用", 10),
    Column("说明", 40),
    Column("核实日期", 12, Look.DATE),
    Column("应交", 9, Look.HUNDREDTHS),
    Column("实交", 9, Look.HUNDREDTHS),
    Column("代交人", 12),
)
STATE_COLUMNS = (
    Column("状态", 10),
    Column("处理人", 12),
    Column("处理时间", 18),
    Column("原因", 40),
    Column("登记人", 12),
    Column("登记时间", 18),
)


def write_records_workbook(export: RecordsExport, file: IO[bytes]) -> tuple[int, int]:
    """Write the export into an open binary file; returns how many records count and how many do not."""
    with stream_workbook(file, title=f"{export.town}{export.year}年度积分记录", author=export.town) as workbook:
        live = TableSheet(workbook, "积分记录", RECORD_COLUMNS, frozen_columns=2)
        for record in export.records:
            live.append(_record_values(record, export.rulebook))
        live.finish()
        others = TableSheet(workbook, "作废与待定", (*RECORD_COLUMNS, *STATE_COLUMNS), frozen_columns=2)
        for other in export.others:
            others.append(
                [
                    *_record_values(other.record, export.rulebook),
                    words.RECORD_STATES[other.state],
                    other.by,
                    f"{timezone.localtime(other.at):%Y-%m-%d %H:%M}" if other.at else None,
                    other.why,
                    other.recorded_by,
                    f"{timezone.localtime(other.recorded_at):%Y-%m-%d %H:%M}",
                ]
            )
        others.finish()
    return live.row_count, others.row_count


def _record_values(record: Record, rulebook: Rulebook) -> list[Value]:
    return [
        *record.holder,
        words.RECORD_KINDS[record.kind],
        # An item that a replaced rulebook had keeps its code.
        rulebook.item_names(record.kind).get(record.item, record.item),
        record.day,
        record.period,
        None if record.points is None else in_points(record.points),
        None if record.led is None else words.YES if record.led else words.NO,
        record.note,
        record.decided_on,
        *(None if fen is None else in_yuan(fen) for fen in (record.payment.due_fen, record.payment.paid_fen)),
        record.payment.paid_by,
    ]
