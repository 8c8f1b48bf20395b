"""Imports as on a real site: files are read in a process of its own, and one that is busy loses nobody anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from foundation.workbooks import uploaded
from points.models import PointEvent
from tests.cast import Cast
from tests.pages import browse
from tests.scoring_site.screens import told
from tests.scoring_site.workbench.files.uploading import DUES, confirm, records_file, tabs, upload_records

BUSY = "正在读取其他文件。请过一分钟再试。"


@pytest.fixture(autouse=True)
def apart(settings: Any) -> Iterator[None]:
    settings.FILE_SECONDS = 60
    yield
    uploaded.READER.stop()


def test_a_file_is_previewed_and_imported(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    assert tabs(preview) == {"新增": 1}
    confirm(client, preview)
    assert PointEvent.objects.count() == 1
    assert uploaded.READER._child is not None


def test_while_others_are_read_the_form_says_so_and_keeps_nothing(cast: Cast, settings: Any, uploads_dir: Path) -> None:
    settings.FILE_SECONDS = 1
    with uploaded.READER._lock:
        page = upload_records(browse(cast.recorder_a), cast, records_file(DUES))
    assert page.context["form"].errors["file"] == [BUSY]
    assert not list(uploads_dir.glob("*/*"))


def test_a_confirmation_that_comes_while_others_are_read_can_be_given_again(cast: Cast, settings: Any) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    settings.FILE_SECONDS = 1
    with uploaded.READER._lock:
        refused = confirm(client, preview)
    assert BUSY in told(refused)
    assert (tabs(refused), PointEvent.objects.count()) == ({"新增": 1}, 0)
    settings.FILE_SECONDS = 60
    confirm(client, refused)
    assert PointEvent.objects.count() == 1


def test_a_preview_that_cannot_be_made_in_another_language_just_now_is_still_there_later(
    cast: Cast, settings: Any
) -> None:
    client = browse(cast.recorder_a)
    address = upload_records(client, cast, records_file(DUES)).request["PATH_INFO"]
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
    settings.FILE_SECONDS = 1
    with uploaded.READER._lock:
        refused = client.get(address, follow=True)
    assert "Other files are being read just now." in told(refused)
    settings.FILE_SECONDS = 60
    assert tabs(client.get(address)) == {"added": 1}
