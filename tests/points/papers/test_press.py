"""The press: a process of its own lays papers out, and what goes wrong there stays there."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from points.errors import PaperNotMade
from points.papers import pdf
from points.papers.layout import Layout, lay_out
from points.papers.press import PAPERS_EACH, Press, PressBusy, PressFailed
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
def press() -> Iterator[Press]:
    press = Press()
    yield press
    press.stop()


def child_of(press: Press) -> int:
    assert press._child is not None
    return press._child.pid


def test_it_prints_what_this_process_would(press: Press) -> None:
    layout = a_layout("甲<img src='picture:one'>", "乙", pictures={"one": picture().read()})
    printed = press.print(layout, seconds=AMPLE)
    assert [squeeze(page) for page in read_pages(printed)] == ["甲第1页共1页", "乙第1页共1页"]
    assert read_pages(printed) == read_pages(lay_out(layout))
    assert b"/Image" in printed


def test_one_process_prints_many_papers_and_then_another_takes_over(press: Press) -> None:
    press.print(SHORT, seconds=AMPLE)
    first = child_of(press)
    press.print(SHORT, seconds=AMPLE)
    assert child_of(press) == first
    press._made = PAPERS_EACH
    press.print(SHORT, seconds=AMPLE)
    assert child_of(press) != first


def test_it_knows_neither_database_nor_keys(press: Press) -> None:
    press.print(SHORT, seconds=AMPLE)
    process = Path(f"/proc/{child_of(press)}")
    names = {entry.partition(b"=")[0].decode() for entry in (process / "environ").read_bytes().split(b"\0") if entry}
    assert names & {"SECRET_KEY", "PERSONAL_DATA_KEYS", "PERSONAL_DATA_HASH_KEY", "DATABASE_URL"} == set()
    files = {str(each.readlink()) for each in (process / "fd").iterdir()}
    assert not [name for name in files if "sqlite" in name or "socket" in name]


def test_it_reads_no_file_but_ours(press: Press, tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'leaked' }")
    links = [f"<link rel='stylesheet' href='{url}'>" for url in (secret.as_uri(), "static:../manage.py")]
    printed = press.print(a_layout("".join(links) + "纸"), seconds=AMPLE)
    assert [squeeze(page) for page in read_pages(printed)] == ["纸第1页共1页"]


def test_a_paper_that_takes_too_long_is_ended_and_the_next_is_printed(press: Press) -> None:
    press.print(SHORT, seconds=AMPLE)
    first = child_of(press)
    with pytest.raises(PressFailed):
        press.print(LONG, seconds=1)
    assert not Path(f"/proc/{first}").exists()
    assert len(read_pages(press.print(SHORT, seconds=AMPLE))) == 2


def test_a_paper_that_takes_too_much_memory_is_ended_and_the_next_is_printed() -> None:
    press = Press(megabytes=512)
    try:
        assert len(read_pages(press.print(SHORT, seconds=AMPLE))) == 2
        with pytest.raises(PressFailed):
            press.print(LONG, seconds=10 * AMPLE)
        assert len(read_pages(press.print(SHORT, seconds=AMPLE))) == 2
    finally:
        press.stop()


def test_one_that_was_killed_between_papers_is_not_missed(press: Press) -> None:
    press.print(SHORT, seconds=AMPLE)
    assert press._child is not None
    os.kill(child_of(press), signal.SIGKILL)
    press._child.wait()
    assert len(read_pages(press.print(SHORT, seconds=AMPLE))) == 2


def test_a_faulty_paper_is_refused_and_the_process_goes_on(press: Press) -> None:
    press.print(SHORT, seconds=AMPLE)
    first = child_of(press)
    with pytest.raises(PressFailed, match="IndexError"):
        press.print(a_layout(), seconds=AMPLE)
    press.print(SHORT, seconds=AMPLE)
    assert child_of(press) == first


def test_one_at_a_time_and_nobody_waits_for_ever(press: Press) -> None:
    with press._lock, pytest.raises(PressBusy):
        press.print(SHORT, seconds=1)
    printed: list[int] = []

    def act(number: int) -> None:
        layout = a_layout(*["页"] * number)
        printed.append(len(read_pages(press.print(layout, seconds=AMPLE))))

    threads = [Thread(target=act, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(AMPLE)
    assert sorted(printed) == [1, 2, 3, 4, 5]


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
