"""The press: a process of its own lays papers out, and what goes wrong there stays there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from foundation.limited_process import LimitedProcess, ProcessFailed
from points.errors import PaperNotMade
from points.papers import pdf
from points.papers.layout import Layout, lay_out
from points.papers.press import make_press, print_layout
from points.papers.record_form.pdf import write_record_form
from tests.cast import Cast
from tests.factories import NOW
from tests.members.evidence.uploads import picture
from tests.pages import browse
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.scoring_site.screens import told

AMPLE = 60


def a_layout(*bodies: str, pictures: dict[str, bytes] | None = None) -> Layout:
    papers = [f"<html lang='zh'><body>{body}</body></html>" for body in bodies]
    roots = [str(root) for root in site.STATICFILES_DIRS]
    return Layout(papers, ("points/papers/paper.css",), "试印", pictures or {}, roots)


LONG = a_layout("<table>" + "<tr><td>党员</td><td>积分</td></tr>" * 30_000 + "</table>")
SHORT = a_layout("甲", "乙")


@pytest.fixture
def press() -> Iterator[LimitedProcess]:
    press = make_press()
    yield press
    press.stop()


def test_it_prints_what_this_process_would(press: LimitedProcess) -> None:
    layout = a_layout("甲<img src='picture:one'>", "乙", pictures={"one": picture().read()})
    printed = print_layout(press, layout, seconds=AMPLE)
    assert [squeeze(page) for page in read_pages(printed)] == ["甲第1页共1页", "乙第1页共1页"]
    assert read_pages(printed) == read_pages(lay_out(layout))
    assert b"/Image" in printed


def test_it_reads_no_file_but_ours(press: LimitedProcess, tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'leaked' }")
    links = [f"<link rel='stylesheet' href='{url}'>" for url in (secret.as_uri(), "static:../manage.py")]
    printed = print_layout(press, a_layout("".join(links) + "纸"), seconds=AMPLE)
    assert [squeeze(page) for page in read_pages(printed)] == ["纸第1页共1页"]


@pytest.mark.sweep
def test_a_paper_that_takes_too_long_is_ended_and_the_next_is_printed(press: LimitedProcess) -> None:
    with pytest.raises(ProcessFailed):
        print_layout(press, LONG, seconds=1)
    assert len(read_pages(print_layout(press, SHORT, seconds=AMPLE))) == 2


@pytest.mark.sweep
def test_a_paper_that_takes_too_much_memory_is_ended_and_the_next_is_printed() -> None:
    press = make_press(megabytes=512)
    try:
        assert len(read_pages(print_layout(press, SHORT, seconds=AMPLE))) == 2
        with pytest.raises(ProcessFailed):
            print_layout(press, LONG, seconds=10 * AMPLE)
        assert len(read_pages(print_layout(press, SHORT, seconds=AMPLE))) == 2
    finally:
        press.stop()


def test_a_faulty_paper_is_refused_and_the_next_is_printed(press: LimitedProcess) -> None:
    with pytest.raises(ProcessFailed):
        print_layout(press, a_layout(), seconds=AMPLE)
    assert len(read_pages(print_layout(press, SHORT, seconds=AMPLE))) == 2


@pytest.fixture
def pressing(settings: Any) -> Iterator[None]:
    """Papers go to the press, as on a real site."""
    settings.PAPER_SECONDS = AMPLE
    yield
    pdf.PRESS.stop()


@pytest.mark.usefixtures("pressing")
def test_papers_of_the_site_go_through_it(cast: Cast) -> None:
    form = write_record_form(member=cast.member_a, year=2026, now=NOW, with_grounds=False)
    assert pdf.PRESS._child is not None
    assert re.search("姓名：张伟2026年度", squeeze(read_pages(form)[0]))


@pytest.mark.usefixtures("pressing")
def test_a_paper_that_is_not_made_is_told_on_the_page_before_or_as_503(cast: Cast, settings: Any) -> None:
    settings.PAPER_SECONDS = 1
    with pdf.PRESS._lock:
        with pytest.raises(PaperNotMade, match="很多文件正在生成"):
            write_record_form(member=cast.member_a, year=2026, now=NOW, with_grounds=False)
        client = browse(cast.secretary_a)
        response = client.get(f"/workbench/members/member/{cast.member_a.pk}/record-form/2026/")
        assert (response.status_code, "很多文件正在生成" in told(response)) == (302, True)
        member = Client(raise_request_exception=False)
        member.force_login(cast.member_user_a)
        response = member.get("/record-form/2026/")
        assert (response.status_code, "很多文件正在生成" in response.content.decode()) == (503, True)
        assert response["Retry-After"] == "60"
