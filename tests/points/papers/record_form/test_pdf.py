"""The record form on paper: what stands on its pages, and what WeasyPrint may read."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from members.models import Branch, Member, Town
from points.errors import NoRulebook, NothingToPrint
from points.papers.layout import StaticFetcher
from points.papers.pdf import write_pdf
from points.papers.record_form.pdf import write_branch_record_forms, write_record_form
from tests.factories import NOW, make_branch, make_member
from tests.points.papers.pdf_text import read_pages, squeeze

RARE = "䶮㛃𬱖𫖯"


def write(name: str, *, with_grounds: bool = False) -> list[str]:
    member = Member.objects.get(name=name)
    return read_pages(write_record_form(member=member, year=2025, now=NOW, with_grounds=with_grounds))


def test_the_sheet_of_a_member(town: Town) -> None:
    first, second = map(squeeze, write("全勤"))
    assert first.startswith(
        "党员积分制教育管理记录表未定稿（2025年度积分待支部核定）乱石镇党支部：一支部姓名：全勤2025年度"
    )
    columns = "登记时间积（扣）分内容分数支部书记签字"
    assert columns in first
    assert "2026-03-15革命传统教育（5月4日，带头作用，3分双倍）6.0" in first
    assert first.endswith("第1页共2页")
    # The continuation repeats the column heads and says whose it is.
    assert second.startswith("一支部全勤2025年度" + columns)
    assert "是否一票否决是□否√一票否决原因累计：71.0分党员签字：各项合计72.5分" in second
    assert second.endswith("第2页共2页")


def test_a_veto_without_and_with_its_ground(town: Town) -> None:
    plain = squeeze("".join(write("次年否决")))
    assert "是否一票否决是√否□一票否决原因累计：0.0分党员签字：" in plain
    assert "酒驾" not in plain
    assert "因“黄赌毒”“酒驾醉驾”等受到党纪处" in squeeze("".join(write("次年否决", with_grounds=True)))


def test_who_is_not_scored_gets_a_blank_sum(town: Town) -> None:
    assert "是□否□一票否决原因累计：分（不实行积分制）党员签字：" in squeeze(write("免积分")[0])


def test_a_branch_is_one_file_with_each_members_own_page_numbers(town: Town) -> None:
    pdf = write_branch_record_forms(branch=Branch.objects.get(name="一支部"), year=2025, now=NOW, with_grounds=False)
    pages = [squeeze(page) for page in read_pages(pdf)]
    assert [re.findall("姓名：(.+?)2025年度", page) for page in pages] == [
        ["次年否决"],
        ["扣完为止"],
        ["未予确认"],
        ["=同分"],
        ["全勤"],
        [],
    ]
    assert [re.findall(r"第(\d)页共(\d)页", page) for page in pages] == [
        [("1", "1")],
        [("1", "1")],
        [("1", "1")],
        [("1", "1")],
        [("1", "2")],
        [("2", "2")],
    ]


def test_rare_characters_come_out_in_the_one_embedded_family(town: Town, tmp_path: Path) -> None:
    branch = make_branch(town, "三支部")
    member = make_member(branch, RARE, since=date(2025, 1, 1))
    path = tmp_path / "form.pdf"
    path.write_bytes(write_record_form(member=member, year=2025, now=NOW, with_grounds=False))
    assert f"姓名：{RARE}" in squeeze(read_pages(path.read_bytes())[0])
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True, text=True).stdout
    names = {line.split()[0].partition("+")[2] for line in fonts.splitlines()[2:]}
    assert names == {"Noto-Serif-CJK-SC", "Noto-Serif-CJK-SC-Bold"}


def test_a_name_is_text_never_markup(town: Town) -> None:
    member = make_member(make_branch(town, "三支部"), "<b>无</b>")
    pages = read_pages(write_record_form(member=member, year=2025, now=NOW, with_grounds=False))
    assert "姓名：<b>无</b>" in squeeze(pages[0])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x.css",
        "static:../manage.py",
        "static:nothing.css",
        "data:,x",
        "picture:nobody",
    ],
)
def test_nothing_but_our_static_files_is_read(url: str) -> None:
    with pytest.raises(Exception, match="Neither a static file of ours"):
        StaticFetcher({}, [str(root) for root in settings.STATICFILES_DIRS]).fetch(url)


def test_a_paper_cannot_pull_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'leaked' }")
    paper = f"<html><head><link rel='stylesheet' href='{secret.as_uri()}'></head><body>paper</body></html>"
    pdf = write_pdf(papers=[paper], stylesheet="points/papers/record_form.css", title="t")
    assert "paper" in read_pages(pdf)[0]
    assert "leaked" not in read_pages(pdf)[0]


def test_refusals_say_why(town: Town) -> None:
    gone = Member.objects.get(name="早已转出")
    with pytest.raises(NothingToPrint, match="早已转出在2025年不在本镇任何党支部"):
        write_record_form(member=gone, year=2025, now=NOW, with_grounds=False)
    with pytest.raises(NoRulebook):
        write_record_form(member=gone, year=2019, now=NOW, with_grounds=False)
    empty = make_branch(town, "空支部")
    with pytest.raises(NothingToPrint, match="空支部在2025年度没有实行积分制的党员"):
        write_branch_record_forms(branch=empty, year=2025, now=NOW, with_grounds=False)
