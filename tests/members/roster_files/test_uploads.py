"""Kept uploads: private, encrypted, short-lived, paged."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from members.roster_files.uploads import (
    KEPT_FOR,
    KEPT_PER_USER,
    PAGE_ROWS,
    Upload,
    UploadGone,
    drop_upload,
    find_upload,
    keep_upload,
    write_preview,
)
from tests.cast import Cast
from tests.factories import NOW

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("uploads_dir")]
ID_NUMBER = "110101199003077598"


def keep(cast: Cast, **changes: Any) -> Upload:
    upload: dict[str, Any] = {
        "actor": cast.staff,
        "now": NOW,
        "kind": "roster",
        "name": "名册.xlsx",
        "data": ID_NUMBER.encode(),
        "file_hash": "f" * 64,
        "choices": {"town": 1},
    }
    return keep_upload(**upload | changes)


def test_a_kept_file_is_found_again_by_its_owner_alone(cast: Cast) -> None:
    kept = keep(cast)
    found = find_upload(actor=cast.staff, now=NOW, kind="roster", token=kept.token)
    assert (found.read(), found.name, found.file_hash, found.choices) == (
        ID_NUMBER.encode(),
        "名册.xlsx",
        "f" * 64,
        {"town": 1},
    )
    for actor, kind, token in (
        (cast.other_staff, "roster", kept.token),
        (cast.staff, "records", kept.token),
        (cast.staff, "roster", uuid4()),
    ):
        with pytest.raises(UploadGone, match="请重新上传"):
            find_upload(actor=actor, now=NOW, kind=kind, token=token)


def test_nothing_on_disk_is_readable(cast: Cast, uploads_dir: Path) -> None:
    kept = keep(cast)
    write_preview(kept, language="zh-hans", facts={}, lines=iter([("added", ("张三", ID_NUMBER))]))
    files = [path for path in uploads_dir.rglob("*") if path.is_file()]
    assert len(files) == 3
    for file in files:
        content = file.read_bytes()
        assert ID_NUMBER.encode() not in content
        assert "名册".encode() not in content
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.folder.parent.stat().st_mode) == 0o700


def test_a_file_expires_and_is_cleared_away_for_everybody(cast: Cast) -> None:
    kept = keep(cast)
    late = NOW + KEPT_FOR
    assert find_upload(actor=cast.staff, now=late, kind="roster", token=kept.token).token == kept.token
    with pytest.raises(UploadGone):
        find_upload(actor=cast.staff, now=late + timedelta(seconds=1), kind="roster", token=kept.token)
    assert kept.folder.exists()
    keep(cast, actor=cast.other_staff, now=late + timedelta(seconds=1))
    assert not kept.folder.exists()


def test_one_keeps_only_a_few_files(cast: Cast) -> None:
    kept = [keep(cast, now=NOW + timedelta(minutes=number)) for number in range(KEPT_PER_USER + 2)]
    assert [upload.folder.exists() for upload in kept] == [False] * 2 + [True] * KEPT_PER_USER


def test_a_dropped_file_is_gone(cast: Cast) -> None:
    kept = keep(cast)
    drop_upload(kept)
    assert not kept.folder.exists()
    with pytest.raises(UploadGone):
        kept.read()


def test_a_file_under_another_key_is_gone_not_a_fault(cast: Cast, settings: Any) -> None:
    kept = keep(cast)
    settings.PERSONAL_DATA_KEYS = ["b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktMTI="]
    with pytest.raises(UploadGone):
        find_upload(actor=cast.staff, now=NOW, kind="roster", token=kept.token)


def test_a_preview_is_read_page_by_page(cast: Cast) -> None:
    lines = [("added" if number % 2 else "errors", (f"第{number}行",)) for number in range(2 * PAGE_ROWS + 3)]
    written = write_preview(keep(cast), language="zh-hans", facts={"rows": 203}, lines=iter(lines))
    found = find_upload(actor=cast.staff, now=NOW, kind="roster", token=written.token)
    assert found.preview is not None
    assert found.preview.facts == {"rows": 203}
    assert {part: (each.rows, len(each.pages)) for part, each in found.preview.parts.items()} == {
        "added": (PAGE_ROWS + 1, 2),
        "errors": (PAGE_ROWS + 2, 2),
    }
    assert found.read_page("added", 1)[:2] == [["第1行"], ["第3行"]]
    assert found.read_page("added", 2) == [["第201行"]]
    assert found.read_page("errors", 2) == [["第200行"], ["第202行"]]
    assert found.read_page("added", 0) == found.read_page("added", 3) == found.read_page("updated", 1) == []


def test_a_renewed_preview_replaces_the_old_one(cast: Cast) -> None:
    first = write_preview(keep(cast), language="zh-hans", facts={}, lines=iter([("added", ("旧",))]))
    second = write_preview(first, language="en", facts={}, lines=iter([("added", ("new",))]))
    assert second.read_page("added", 1) == [["new"]]
    assert len(list(second.folder.glob("pages-*"))) == 1
    with pytest.raises(UploadGone):
        first.read_page("added", 1)
