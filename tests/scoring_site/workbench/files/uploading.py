"""Files to import, their upload to a preview, the press of its button, and what the pages say."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.members.roster_files.tables import make_xlsx

CASES = Path(__file__).parents[3] / "data/cases"
"""Files as offices write them."""

ROSTER = ("党支部", "姓名", "人员类别", "出生日期")
RECORDS = ("党支部", "姓名", "类别", "项目", "日期", "说明", "核实日期")
DUES = ("一支部", "张伟", "得分", "交纳党费", date(2026, 1, 5))


def roster_file(*rows: tuple[Any, ...]) -> bytes:
    return make_xlsx({"党员名册": [["甲镇党员名册"], list(ROSTER), *[list(row) for row in rows]]})


def records_file(*rows: tuple[Any, ...], header: tuple[str, ...] = RECORDS) -> bytes:
    return make_xlsx({"积分记录": [list(header), *[list(row) for row in rows]]})


def run_command(command: str, case: str, *words: str) -> str:
    """What an import command says of a case, whatever becomes of the file."""
    out = StringIO()
    try:
        call_command(command, str(CASES / case), "--town", "甲镇", *words, stdout=out, stderr=out)
    except CommandError as refusal:
        out.write(str(refusal))
    return out.getvalue()


def upload(client: Client, kind: str, data: bytes, *, name: Any = "表.xlsx", **choices: Any) -> Any:
    """Post a file; follows to the preview when there is one."""
    file = SimpleUploadedFile(name, data)
    return client.post(reverse(f"workbench:import_{kind}"), {"file": file, **choices}, follow=True)


def upload_roster(client: Client, cast: Cast, data: bytes, **choices: Any) -> Any:
    return upload(client, "roster", data, **{"town": cast.town.pk, "new_branches": "on"} | choices)


def upload_records(client: Client, cast: Cast, data: bytes, **choices: Any) -> Any:
    return upload(client, "records", data, **{"town": cast.town.pk} | choices)


def confirm(client: Client, preview: Any, **fields: Any) -> Any:
    """Press the button of a preview."""
    url = preview.request["PATH_INFO"]
    return client.post(url, {"hash": preview.context["upload"].file_hash} | fields, follow=True)


def tabs(preview: Any) -> dict[str, int]:
    return {tab.label: tab.rows for tab in preview.context["tabs"]}


def cells(preview: Any) -> list[list[str]]:
    return [[cell for _heading, cell in line] for line in preview.context["lines"]]
