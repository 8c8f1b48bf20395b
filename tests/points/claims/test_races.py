"""Two people at the same instant: one answer to a claim, one row for a file, and no file removed while it is linked."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from members.evidence.store import read_file
from members.models import RecordBatch, StoredFile
from points.claims.claims import Deed, accept_claim, file_claim, reject_claim, withdraw_claim
from points.errors import ClaimRefused
from points.evidence.links import attach_evidence
from points.models import Claim, EvidenceLink, PointEvent
from scoring_site.orphans import Removed, remove_orphans
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, make_batch, make_event
from tests.members.evidence.uploads import PDF, store_file, upload
from tests.threads import run_at_once

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
LATER = NOW + timedelta(days=31)


def file_one(cast: Cast) -> Claim:
    return file_claim(actor=cast.member_user_a, now=NOW, deed=Deed("volunteering", TODAY, "清理河道", points=10))


def test_two_answers_at_the_same_instant_give_one() -> None:
    cast = build_cast()
    file_one(cast)
    first, second, third = (Claim.objects.select_related("member__town").get() for _copy in range(3))
    outcomes = run_at_once(
        lambda: accept_claim(actor=cast.recorder_a, now=NOW, claim=first, points=10, led=False),
        lambda: accept_claim(actor=cast.secretary_a, now=NOW, claim=second, points=10, led=False),
    )
    assert {type(outcome) for outcome in outcomes} == {RecordBatch, ClaimRefused}
    assert PointEvent.objects.count() == 1
    assert Claim.objects.get().state == "accepted"
    with pytest.raises(ClaimRefused):
        withdraw_claim(actor=cast.member_user_a, now=NOW, claim=third)


def test_an_answer_and_a_withdrawal_at_the_same_instant() -> None:
    cast = build_cast()
    file_one(cast)
    first, second = (Claim.objects.select_related("member__town").get() for _copy in range(2))
    outcomes = run_at_once(
        lambda: reject_claim(actor=cast.recorder_a, now=NOW, claim=first, reason="不属于"),
        lambda: withdraw_claim(actor=cast.member_user_a, now=NOW, claim=second),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ClaimRefused", "NoneType"]


def test_the_same_file_sent_by_two_at_once_is_one_row_and_two_links(evidence_dir: Path) -> None:
    cast = build_cast()
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    events = [make_event(batch, member) for member in cast.members_a[:2]]

    def attach(event: PointEvent) -> Any:
        return lambda: attach_evidence(actor=cast.recorder_a, now=NOW, files=[upload(PDF)], subject=event)

    assert [len(links) for links in run_at_once(*map(attach, events))] == [1, 1]
    assert (StoredFile.objects.count(), EvidenceLink.objects.count()) == (1, 2)


def test_a_file_linked_while_orphans_are_removed_is_there(evidence_dir: Path) -> None:
    cast = build_cast()
    event = make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a)
    for _turn in range(3):
        store_file(actor=cast.recorder_a, now=NOW, town=cast.town, upload=upload(PDF))
        for path in evidence_dir.glob("??/*"):
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        removed, links = run_at_once(
            lambda: remove_orphans(now=LATER),
            lambda: attach_evidence(actor=cast.recorder_a, now=LATER, files=[upload(PDF)], subject=event),
        )
        assert isinstance(removed, Removed)
        for link in EvidenceLink.objects.all():
            assert read_file(link.file) == PDF
        assert isinstance(links, list)
