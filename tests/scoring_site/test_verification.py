"""`verify_ledger` and `checkpoint` as whoever runs them sees them: seals, kept files, checkpoints, printed codes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from foundation.differences import Difference
from foundation.file_store import keep_bytes
from members.models import Member
from members.seals.printed import print_link_since
from points.evidence.links import attach_evidence
from points.models import PointEvent
from points.records.recording import record_events
from scoring_site.verification import verify_everything
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry
from tests.members.evidence.uploads import picture
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain

HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def cast(clock: FrozenClock, evidence_dir: Path) -> Cast:
    """The cast with a record that a picture proves, and everything sealed."""
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    attach_evidence(actor=cast.recorder_a, now=NOW, subject=PointEvent.objects.get(), files=[picture()])
    return cast


def verify(*arguments: str) -> str:
    out = StringIO()
    try:
        call_command("verify_ledger", *arguments, stdout=out, stderr=StringIO())
    except CommandError as failure:
        out.write(str(failure))
    return out.getvalue()


def kept_file(place: Path) -> Path:
    (found,) = place.glob("??/*")
    return found


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def put_a_link(file: Path) -> None:
    elsewhere = file.parent.parent / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)


FILES = {
    "a bit": (flip_a_bit, "与当初交来的不一致"),
    "cut short": (lambda file: file.write_bytes(file.read_bytes()[:-1]), "与当初交来的不一致"),
    "gone": (lambda file: file.unlink(), "不见了"),
    "a link": (put_a_link, "是链接或别的东西"),
}


@pytest.mark.parametrize("way", FILES)
def test_every_byte_of_evidence_is_looked_at(way: str, cast: Cast, evidence_dir: Path) -> None:
    assert "核对无误" in verify()
    file = kept_file(evidence_dir)
    change, words = FILES[way]
    change(file)
    said = verify()
    assert f"留存文件 {file.name}：" in said.replace(": ", "：")
    assert words in said
    assert "共 1 处不符" in said


def test_a_file_nobody_names_any_more_is_no_difference(cast: Cast, evidence_dir: Path) -> None:
    keep_bytes(b"left over")
    assert "核对无误" in verify()


def test_a_changed_row_is_named(cast: Cast) -> None:
    with transaction.atomic(), unseen():
        Member.objects.filter(pk=cast.member_a.pk).update(ethnicity="某")
    said = verify("--town", "乙镇")
    assert f"members.member {cast.member_a.uuid}" in said
    assert "被改动过" in said


def test_a_check_that_breaks_is_a_difference_and_the_others_go_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from points.integrity import ledger

    def break_down(scope: Any) -> Any:
        raise ValueError("三月三十一日")

    def find_one(scope: Any) -> Any:
        yield Difference("样品", "1", "不对。")

    monkeypatch.setattr(ledger, "CHECKS", (("甲", break_down), ("乙", find_one)))
    assert [str(found) for found in verify_everything(now=NOW)] == [
        "检查项 甲: 未能完成：三月三十一日",
        "样品 1: 不对。",
    ]


def test_checkpoints_are_written_and_compared_with(cast: Cast, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="CHECKPOINT_DIR"):
        call_command("checkpoint")
    settings.CHECKPOINT_DIR = str(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="无法写入"):
        call_command("checkpoint")
    (tmp_path / "elsewhere").mkdir()
    out = StringIO()
    call_command("checkpoint", stdout=out)
    (file,) = (tmp_path / "elsewhere").iterdir()
    assert str(file) in out.getvalue()
    assert "与 1 个检查点相符" in verify()
    other = tmp_path / "other.json"
    assert "核对无误" in verify("--checkpoint", str(other))
    settings.CHECKPOINT_DIR = ""
    assert "与 1 个检查点相符" in verify("--against", str(other))
    file.write_text("{}")
    assert "无法读取" in verify("--against", str(file))


def test_the_code_of_a_paper_is_compared_with(cast: Cast, clock: FrozenClock) -> None:
    assert print_link_since(NOW + HOUR) == ""
    clock.now = NOW + HOUR
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.members_a[1])])
    code = print_link_since(NOW + HOUR)
    assert int(code.split("-")[0]) > int(print_link_since(NOW).split("-")[0])
    assert "核对无误" in verify("--printed", code)
    number, *rest = code.split("-")
    assert "与检查点中的不一致" in verify("--printed", "-".join([str(int(number) - 1), *rest]))
    assert "检查点中有这一环，现在没有了" in verify("--printed", "-".join([str(int(number) + 99), *rest]))
    assert "不是材料上的校验码" in verify("--printed", "12")
