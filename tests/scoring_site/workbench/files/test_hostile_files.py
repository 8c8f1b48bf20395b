"""Hostile files and file names are refused in words and leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from members.models import RecordBatch
from points.models import PointEvent
from tests.cast import Cast
from tests.members.roster_files.tables import make_csv
from tests.pages import browse
from tests.scoring_site.workbench.files.uploading import DUES, RECORDS, confirm, records_file, upload

HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "too_large": lambda: b"x" * (21 * 1024 * 1024),
    "truncated": lambda: records_file(DUES)[:200],
    "header_only": lambda: make_csv([RECORDS]),
}
"""What the form, the reader and the table refuse; `tests/foundation/workbooks/test_bad_files.py` has all of them."""


@pytest.mark.parametrize("kind", ["roster", "ticks"])
@pytest.mark.parametrize("bad", sorted(HOSTILE))
def test_a_hostile_file_is_refused_in_words(cast: Cast, uploads_dir: Path, kind: str, bad: str) -> None:
    before = (PointEvent.objects.count(), cast.town.members.count(), RecordBatch.objects.count())
    choices = {"branch": cast.branch_a.pk, "year": 2026} if kind == "ticks" else {"town": cast.town.pk}
    response = upload(browse(cast.staff), kind, HOSTILE[bad](), **choices)
    assert response.status_code == 200
    page = response.content.decode()
    assert "Traceback" not in page
    assert "确认导入" not in page
    if "form" in response.context:
        assert any("\u4e00" <= character <= "\u9fff" for character in str(response.context["form"].errors))
        assert not list(uploads_dir.glob("*/*"))
    assert (PointEvent.objects.count(), cast.town.members.count(), RecordBatch.objects.count()) == before


def test_no_file_at_all_keeps_the_choice(cast: Cast) -> None:
    response = browse(cast.staff).post(reverse("workbench:import_roster"), {"town": cast.town.pk})
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert response.context["form"]["new_branches"].value() is False


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/cron.d/evil.csv", "evil.csv"),
        ("..\\..\\evil.csv", "evil.csv"),
        ("好\r\nSet-Cookie: a=b.csv", None),
        ("党" * 255 + ".csv", None),
        ("党" * 85, None),
        ("a.jpg.html", "a.jpg.html"),
        ("=cmd|' /C calc'!A0.csv", None),
        ("<script>alert(1)</script>.csv", None),
        ("\u202egnp.csv", None),
        ("🙂𬱖.csv", "🙂𬱖.csv"),
    ],
)
def test_a_hostile_file_name_harms_nothing(cast: Cast, uploads_dir: Path, sent: str, shown: str | None) -> None:
    client = browse(cast.recorder_a)
    data = make_csv([RECORDS[:5], ["一支部", "张伟", "得分", "交纳党费", "2026-01-05"]])
    boundary = "boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="town"\r\n\r\n{cast.town.pk}\r\n'
    escaped = sent.replace('"', "%22")
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    url = reverse("workbench:import_records")
    response = client.post(url, body, content_type=f"multipart/form-data; boundary={boundary}", follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    assert "<script>alert(1)" not in page
    assert "Set-Cookie: a" not in str(response.headers)
    inside = [path for path in uploads_dir.rglob("*") if path.is_file()]
    assert all(path.name in {"file", "about"} or path.name.startswith("pages-") for path in inside)
    if "upload" in response.context:
        assert shown is None or response.context["upload"].name == shown
        confirm(client, response)
        batch = RecordBatch.objects.get()
        assert len(batch.file_name) <= 255
        assert batch.file_name.isprintable()
        assert "/" not in batch.file_name
    else:
        assert response.context["form"].errors["file"]
