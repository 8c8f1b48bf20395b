"""Empty workbooks to fill in: the columns of a resource, and a sheet that explains each with an example.

The examples stand on the sheet of explanations, which imports pass over, so that a template sent back as it is adds
nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

from foundation.workbooks.resource import SheetResource
from foundation.workbooks.writing import Column, Look, TableSheet
from members.people.fields import SHEET_COLUMNS
from members.roster_files.reading import RosterResource

NOTES_SHEET = "填写说明"

Explanations = Mapping[str, tuple[str, str]]
"""By field name: how to fill in the column, and an example."""

ROSTER_EXPLANATIONS: Explanations = {name: (column.how, column.example) for name, column in SHEET_COLUMNS.items()}


def roster_template() -> bytes:
    """An empty roster workbook (.xlsx) with explanations."""
    return make_template(RosterResource, "党员名册", ROSTER_EXPLANATIONS, above=("党员名册",))


def make_template(
    resource: type[SheetResource],
    title: str,
    explanations: Explanations,
    *,
    above: Sequence[str],
    more_examples: Mapping[str, Mapping[str, str]] | None = None,
) -> bytes:
    """A workbook with a sheet to fill in, all columns of the resource as text, and the sheet of explanations.

    `more_examples` are further rows by what they are of, for columns that one row cannot all fill.
    """
    others = more_examples or {}
    book = Workbook(write_only=True)
    columns = resource.columns()
    names = [f"{column.names[0]}*" if column.required else column.names[0] for column in columns]
    offered = [resource.fields[column.key].widget for column in columns]
    TableSheet(
        book,
        title,
        [
            Column(name, 16, Look.TEXT, choices=getattr(widget, "offered", ()))
            for name, widget in zip(names, offered, strict=True)
        ],
        above=above,
        frozen_columns=2,
    )
    notes = TableSheet(
        book,
        NOTES_SHEET,
        [
            Column("列名", 16),
            Column("必填", 8),
            Column("怎样填写", 60, Look.WRAPPED_TEXT),
            *(Column(name, 24, Look.WRAPPED_TEXT) for name in ("例", *(f"例（{name}）" for name in others))),
        ],
        above=("填写说明", "带 * 的列必须填写；列的次序可以调换，多出的列不读取；本表不会导入。"),
    )
    for column in columns:
        explanation, example = explanations[column.key]
        also = "、".join(column.names[1:])
        notes.append(
            (
                column.names[0],
                "是" if column.required else "",
                f"{explanation}（列名也可写作：{also}）" if also else explanation,
                example,
                *(other.get(column.key, "") for other in others.values()),
            )
        )
    return save(book)


def save(book: Workbook) -> bytes:
    """The workbook as a file's content."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
