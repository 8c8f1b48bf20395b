"""The first page of a PDF as a small picture, in a process of its own, and what becomes of those without one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from PIL import Image

from foundation import pdf_pages
from foundation.pdf_pages import SIDE, draw_first_page
from tests.members.evidence.uploads import PDF, make_pdf

AMPLE = 60


def look_at(data: bytes | None) -> tuple[tuple[int, int], str]:
    """Size and colour of a picture, as far as that is red, green or blue."""
    assert data is not None
    with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
        (*channels,) = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc] # three channels
        return picture.size, ("red", "green", "blue")[channels.index(max(channels))]


@pytest.fixture
def apart(settings: Any) -> Iterator[None]:
    """PDFs are drawn as on a real site."""
    settings.FILE_SECONDS = AMPLE
    yield
    pdf_pages.DRAWER.stop()


@pytest.mark.parametrize(
    ("size", "shown"), [("A4", (227, SIDE)), ("A4 landscape", (SIDE, 227)), ("4000mm 4000mm", (SIDE, SIDE))]
)
def test_the_first_page_is_drawn_small_whatever_its_size(size: str, shown: tuple[int, int]) -> None:
    assert look_at(draw_first_page(make_pdf("red", "blue", size=size))) == (shown, "red")


@pytest.mark.usefixtures("apart")
def test_in_a_process_of_its_own_it_is_the_same_and_that_has_no_secret() -> None:
    assert look_at(draw_first_page(make_pdf("blue"))) == ((227, SIDE), "blue")
    assert draw_first_page(PDF) is None
    assert pdf_pages.DRAWER._child is not None
    environment = Path(f"/proc/{pdf_pages.DRAWER._child.pid}/environ").read_bytes()
    assert [secret for secret in (site.SECRET_KEY, site.PERSONAL_DATA_HASH_KEY) if secret.encode() in environment] == []


@pytest.mark.parametrize("data", [PDF, b"", b"%PDF-1.7"], ids=["no page", "empty", "head"])
def test_what_cannot_be_drawn_is_no_picture(data: bytes) -> None:
    assert draw_first_page(data) is None
    assert draw_first_page(make_pdf("red")[:300]) is None


@pytest.mark.usefixtures("apart")
def test_one_that_takes_too_long_is_no_picture_and_the_next_is_drawn(settings: Any) -> None:
    draw_first_page(make_pdf("red"))
    assert pdf_pages.DRAWER._child is not None
    stopped = pdf_pages.DRAWER._child.pid
    os.kill(stopped, signal.SIGSTOP)  # whatever keeps it, it does not answer
    settings.FILE_SECONDS = 1
    assert draw_first_page(make_pdf("red")) is None
    assert not Path(f"/proc/{stopped}").exists()
    settings.FILE_SECONDS = AMPLE
    assert look_at(draw_first_page(make_pdf("green"))) == ((227, SIDE), "green")
