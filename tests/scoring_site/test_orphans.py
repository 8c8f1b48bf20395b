"""Orphans: what nothing names goes after a while, what anything names stays, whatever happens at the same time."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from foundation import file_store
from foundation.file_store import keep_bytes, remove_bytes
from members.models import AuditEntry, StoredFile
from points.evidence.links import attach_evidence, void_evidence_link
from points.models import Confirmation, Freeze, Review, ReviewLine
from publicity.models import Closing, LinePosting, Notice, Objection, Posting
from scoring_site.orphans import NAMED_BY, Removed, remove_orphans
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event
from tests.members.evidence.uploads import PDF, store_file, upload

LATER = NOW + timedelta(days=31)
DAY = date(2025, 8, 1)


def pdf(number: int) -> bytes:
    return PDF + f"%{number}\n%%EOF\n".encode()


def keep(name_of: int) -> str:
    return keep_bytes(pdf(name_of))


def grow_old(place: Path, moment: datetime = NOW) -> None:
    """Every file was last taken in at a moment."""
    for path in place.glob("??/*"):
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def names(place: Path) -> set[str]:
    return {path.name for path in place.glob("??/*")}


@pytest.fixture
def event(cast: Cast) -> Any:
    return make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a)


def name_on_papers(cast: Cast) -> set[str]:
    """A file for each column that names one."""
    review = Review.objects.create(branch=cast.branch_a, year=2025, half="H1", photo=keep(1))
    notice = Notice.objects.create(review=review, days=5, contact="书记", prepared_at=NOW, prepared_by=cast.secretary_a)
    freeze = Freeze.objects.create(branch=cast.branch_a, sequence=1, hash="1" * 64, at=NOW, actor=cast.secretary_a)
    line = ReviewLine.objects.create(
        review=review, member=cast.member_a, revision=1, payload="{}", hash="2" * 64, freeze=freeze
    )
    entered: dict[str, Any] = {"posted_on": DAY, "entered_by": cast.secretary_a, "at": NOW, "notice": notice}
    Posting.objects.create(channel="board", photo=keep(2), **entered)
    LinePosting.objects.create(line=line, photo=keep(3), **entered)
    Closing.objects.create(notice=notice, by=cast.secretary_a, at=NOW, photo=keep(4))
    Confirmation.objects.create(
        line=line, how="slip", confirmed_on=DAY, entered_by=cast.secretary_a, at=NOW, scan=keep(5)
    )
    Objection.objects.create(
        receipt="2025H1-1111-2222",
        notice=notice,
        via="paper",
        text="漏记",
        received_on=DAY,
        at=NOW,
        taken_by=cast.secretary_a,
        scan=keep(6),
    )
    return {keep(number) for number in range(1, 7)}


def test_every_column_that_names_a_file_is_known() -> None:
    found = {
        (model, field.name)
        for model in apps.get_models()
        if model._meta.app_label in ("members", "veto", "points", "publicity")
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField) and field.max_length == 64 and field.name in ("photo", "scan")
    }
    assert found == set(NAMED_BY)


def test_what_is_named_stays_and_what_nothing_names_goes(cast: Cast, event: Any, evidence_dir: Path) -> None:
    kept = name_on_papers(cast)
    by: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    live, voided, late = attach_evidence(files=[upload(pdf(number)) for number in (10, 11, 12)], subject=event, **by)
    void_evidence_link(link=voided, reason="传错", **by)
    void_evidence_link(link=late, actor=cast.recorder_a, now=LATER - timedelta(days=1), reason="传错")
    unlinked = store_file(town=cast.town, upload=upload(pdf(13)), **by)
    other = store_file(actor=cast.other_recorder, now=LATER, town=cast.other_town, upload=upload(pdf(14)))
    nobodys = keep(15)
    grow_old(evidence_dir)
    fresh = keep(16)
    before = names(evidence_dir)
    assert remove_orphans(now=LATER, only_count=True) == Removed(1, 3, 0)
    assert names(evidence_dir) == before
    assert remove_orphans(now=LATER) == Removed(1, 3, 0)
    gone = {voided.file.sha256, unlinked.sha256, nobodys}
    assert before - names(evidence_dir) == gone
    assert kept | {live.file.sha256, late.file.sha256, other.sha256, fresh} == names(evidence_dir)
    assert set(StoredFile.objects.all()) == {live.file, voided.file, late.file, other}
    assert AuditEntry.objects.filter(verb="remove_file", object_id=str(unlinked.uuid)).count() == 1
    assert remove_orphans(now=LATER) == Removed(0, 0, 0)


def test_two_towns_with_one_file_keep_it_as_long_as_either_does(cast: Cast, event: Any, evidence_dir: Path) -> None:
    store_file(actor=cast.other_recorder, now=NOW, town=cast.other_town, upload=upload(PDF))
    (link,) = attach_evidence(actor=cast.recorder_a, now=NOW, files=[upload(PDF)], subject=event)
    grow_old(evidence_dir)
    assert remove_orphans(now=LATER, only_count=True) == remove_orphans(now=LATER) == Removed(1, 0, 0)
    assert names(evidence_dir) == {link.file.sha256}


def test_nothing_goes_before_its_time(cast: Cast, event: Any, evidence_dir: Path) -> None:
    store_file(actor=cast.recorder_a, now=NOW, town=cast.town, upload=upload(PDF))
    keep(1)
    (evidence_dir / "ab").mkdir(exist_ok=True)
    (evidence_dir / "ab" / "tmp123").write_bytes(b"half")
    grow_old(evidence_dir)
    assert remove_orphans(now=NOW + timedelta(days=29)) == Removed(0, 0, 0)
    assert remove_orphans(now=LATER) == Removed(1, 2, 1)
    assert names(evidence_dir) == set()


def test_what_is_taken_in_while_it_is_being_removed_stays(evidence_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = keep(1)
    grow_old(evidence_dir)
    move = Path.replace

    def take_in_first(path: Path, target: Path) -> Path:
        if path.name == name and str(target).endswith(file_store.LEAVING):
            keep(1)  # somebody sends the same file right now
        return move(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", take_in_first)
        assert remove_bytes(name, kept_before=LATER - timedelta(days=30)) is False
    assert names(evidence_dir) == {name}


def test_the_command_says_what_it_did(cast: Cast, event: Any, evidence_dir: Path, clock: FrozenClock) -> None:
    keep(1)
    grow_old(evidence_dir)
    clock.now = LATER
    out = StringIO()
    call_command("remove_orphans", "--dry-run", stdout=out)
    call_command("remove_orphans", stdout=out)
    assert out.getvalue().splitlines() == [
        "将清除：0条记录、1个文件。",
        "已清除：0条记录、1个文件、0个中断写入的残留。",
    ]
    with pytest.raises(CommandError, match="至少一天"):
        call_command("remove_orphans", "--days", "0")
