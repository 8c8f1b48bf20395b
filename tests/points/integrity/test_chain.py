"""Whatever is changed underneath by SQL in what was frozen is found, and the line or link is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry, RecordBatch
from points.integrity.ledger import verify_ledger
from points.models import Correction, Freeze, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.rules.canonical import hash_text, to_canonical
from points.scoring.freezing import link_hash
from tests.cast import Cast, build_cast, write_again, write_cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.flush import without_ledger_triggers
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain, deviations
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, line_of, record_deed, record_dues
from tests.two_officers import correct_line

pytestmark = pytest.mark.engine
LATER = JULY + timedelta(days=10)
EXTRA = EventEntry(0, "dues", date(2025, 4, 10), "2025-04")


def build_reviews() -> tuple[Cast, tuple[Review, Review]]:
    """Both halves frozen, with a corrected first half (张伟: two revisions) and a second half that builds on it."""
    cast = build_cast()
    record_dues(cast, month=3, now=JULY)
    record_deed(cast, day=date(2025, 5, 1), now=JULY, points=25)
    first = bring_to(cast, "published", start=JULY + HOUR)
    correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=first,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="四月漏登",
        record=[EventEntry(cast.member_a.pk, "dues", date(2025, 4, 10), "2025-04")],
    )
    record_dues(cast, month=8, now=LATER + timedelta(days=60))
    second = bring_to(cast, "approved", half="H2")
    assert list(verify_ledger()) == []
    return cast, (first, second)


@pytest.fixture
def frozen(db: None, clock: FrozenClock) -> tuple[Cast, tuple[Review, Review]]:
    clock.now = NOW
    return write_again(build_reviews)


@pytest.fixture
def cast(frozen: tuple[Cast, tuple[Review, Review]]) -> Cast:
    return frozen[0]


@pytest.fixture
def reviews(frozen: tuple[Cast, tuple[Review, Review]]) -> tuple[Review, Review]:
    return frozen[1]


def differences() -> list[str]:
    return [str(difference) for difference in verify_ledger()]


def rewrite(line: ReviewLine, **changes: Any) -> None:
    """Forge a line's payload and its hash, but not the chain."""
    payload = to_canonical({**json.loads(line.payload), **changes})
    ReviewLine.objects.filter(pk=line.pk).update(payload=payload, hash=hash_text(payload))


def forge_chain(branch_id: int) -> None:
    """Recompute every link of a branch after its lines were forged: what a patient forger would do."""
    previous = ""
    for freeze in Freeze.objects.filter(branch=branch_id).select_related("branch", "actor").order_by("sequence"):
        freeze.previous_hash = previous
        lines = ReviewLine.objects.filter(freeze=freeze).values_list("hash", flat=True)
        freeze.hash = previous = link_hash(freeze, lines)
        freeze.save()


FIGURES = (
    "cumulative", "half_score", "base", "incentive", "deducted", "vetoed", "earned_before_veto", "base_items",
    "incentive_items", "first_half", "months_in_scope", "approvals", "events", "member", "revision", "rulebook",
    "branch", "year", "half", "correction", "in_scheme",
)  # fmt: skip
OTHER = {
    "vetoed": True, "base_items": {"dues": 990}, "incentive_items": {}, "months_in_scope": [1, 2], "events": [],
    "in_scheme": [["2025-02-01", None]],
    "approvals": [["H1", "2025-07-01"]], "member": "x", "rulebook": "x", "branch": "x", "half": "H3",
    "correction": {"uuid": "x", "decided_on": "2025-07-01", "reason": "x"},
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("figure", FIGURES)
def test_a_changed_figure_names_its_line(cast: Cast, reviews: tuple[Review, Review], figure: str) -> None:
    line = line_of(reviews[1], cast.member_a)
    with without_ledger_triggers():
        rewrite(line, **{figure: OTHER.get(figure, 990)})
    found = differences()
    assert any("一支部 3" in text for text in found), found  # the chain no longer fits
    assert any("2025H2" in text and str(cast.member_a.uuid) in text for text in found), found


@pytest.mark.django_db
@pytest.mark.parametrize("figure", ["cumulative", "base", "half_score", "first_half", "events", "deducted"])
def test_a_patient_forger_is_found_by_the_records(cast: Cast, reviews: tuple[Review, Review], figure: str) -> None:
    """Payload, hash and the whole chain rewritten: the figures still are not those of the records."""
    line = line_of(reviews[0] if figure == "cumulative" else reviews[1], cast.member_a)
    with without_ledger_triggers():
        rewrite(line, **{figure: OTHER.get(figure, 990)})
        forge_chain(cast.branch_a.pk)
    half = line.review.half
    assert any(
        f"2025{half}" in text and str(cast.member_a.uuid) in text and f"第{line.revision}版" in text
        for text in differences()
    )


def _swap_payloads(cast: Cast, first: Review, second: Review) -> None:
    lines = list(ReviewLine.objects.filter(review=first, revision=1).order_by("pk")[:2])
    ReviewLine.objects.filter(pk=lines[0].pk).update(payload=lines[1].payload, hash=lines[1].hash)
    ReviewLine.objects.filter(pk=lines[1].pk).update(payload=lines[0].payload, hash=lines[0].hash)


def _events(cast: Cast) -> Any:
    return PointEvent.objects.filter(member=cast.member_a)


TAMPERINGS: dict[str, tuple[Callable[[Cast, Review, Review], Any], str]] = {
    "a payload without its hash": (
        lambda cast, first, second: ReviewLine.objects.filter(pk=line_of(second, cast.member_a).pk).update(
            payload=line_of(second, cast.member_a).payload.replace('"cumulative":55', '"cumulative":95')
        ),
        "2025H2，党员{member}",
    ),
    "an unreadable payload": (
        lambda cast, first, second: ReviewLine.objects.filter(pk=line_of(second, cast.member_a).pk).update(payload="{"),
        "2025H2，党员{member}",
    ),
    "a hash": (
        lambda cast, first, second: ReviewLine.objects.filter(pk=line_of(first, cast.member_a).pk).update(
            hash="0" * 64
        ),
        "2025H1，党员{member}，第2版",
    ),
    "two lines changed places": (_swap_payloads, "2025H1，党员{member}，第1版"),
    "a line moved to another link": (
        lambda cast, first, second: ReviewLine.objects.filter(pk=line_of(first, cast.member_a).pk).update(
            freeze=Freeze.objects.get(sequence=1)
        ),
        "一支部 2",
    ),
    "a revision lost": (
        lambda cast, first, second: ReviewLine.objects.filter(review=first, member=cast.member_a, revision=1).delete(),
        "2025H1，党员{member}，第2版",
    ),
    "a revision renumbered": (
        lambda cast, first, second: ReviewLine.objects.filter(pk=line_of(first, cast.member_a).pk).update(revision=3),
        "2025H1，党员{member}，第3版",
    ),
    "a link's hash": (lambda cast, first, second: Freeze.objects.filter(sequence=2).update(hash="1" * 64), "一支部 2"),
    "a link's predecessor": (
        lambda cast, first, second: Freeze.objects.filter(sequence=3).update(previous_hash="1" * 64),
        "一支部 3",
    ),
    "a link's number": (lambda cast, first, second: Freeze.objects.filter(sequence=3).update(sequence=4), "一支部 4"),
    "a link's time": (
        lambda cast, first, second: Freeze.objects.filter(sequence=2).update(at=LATER + HOUR),
        "一支部 2",
    ),
    "a link's person": (
        lambda cast, first, second: Freeze.objects.filter(sequence=2).update(actor=cast.staff),
        "一支部 2",
    ),
    "a correction's reason": (lambda cast, first, second: Correction.objects.update(reason="另一原因"), "第2版"),
    "a correction's day": (
        lambda cast, first, second: Correction.objects.update(decided_on=date(2025, 7, 6)),
        "2025H1，党员{member}，第2版",
    ),
    "a correction's member": (
        lambda cast, first, second: Correction.objects.update(member=cast.members_a[1]),
        "2025H1，党员{member}，第2版",
    ),
    "a counted record voided": (
        lambda cast, first, second: (
            _events(cast)
            .filter(period="2025-08")
            .update(voided_at=JANUARY + timedelta(days=1), voided_by=cast.recorder_a, void_reason="误登")
        ),
        "2025H2，党员{member}",
    ),
    "a counted record's points": (
        lambda cast, first, second: _events(cast).filter(item="volunteering").update(points=30),
        "2025H1，党员{member}",
    ),
    "a counted record's member": (
        lambda cast, first, second: _events(cast).filter(item="volunteering").update(member=cast.members_a[1]),
        "2025H1，党员{member}",
    ),
    "a record slipped in under an old date": (
        lambda cast, first, second: PointEvent.objects.create(
            batch=RecordBatch.objects.order_by("pk")[0],
            member=cast.members_a[1],
            item="volunteering",
            year=2025,
            period="",
            date=date(2025, 5, 2),
            points=40,
        ),
        "2025H1，党员{other}，第1版",
    ),
    "an approval's day": (
        lambda cast, first, second: Review.objects.filter(pk=first.pk).update(approved_at=JULY),
        "一支部 2025 上半年",
    ),
    "an approver": (
        lambda cast, first, second: Review.objects.filter(pk=first.pk).update(approved_by=cast.staff),
        "一支部",
    ),
    "a state": (lambda cast, first, second: Review.objects.filter(pk=first.pk).update(state="draft"), "一支部"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found_and_named(cast: Cast, reviews: tuple[Review, Review], what: str) -> None:
    tamper, name = TAMPERINGS[what]
    with without_ledger_triggers():
        tamper(cast, *reviews)
    wanted = name.format(member=cast.member_a.uuid, other=cast.members_a[1].uuid)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", town="甲镇", stdout=out, stderr=StringIO())
    assert wanted in out.getvalue()


@pytest.mark.django_db
def test_a_final_year_hides_nothing() -> None:
    cast = write_cast()
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    now = JANUARY + timedelta(days=9)
    batch = record_dues(cast, month=3, now=now, member=cast.member_b, actor=cast.recorder_b).batch
    assert differences() == []
    with without_ledger_triggers():
        PointEvent.objects.create(
            batch=batch, member=cast.member_a, item="dues", year=2025, period="2025-05", date=date(2025, 5, 1)
        )
    assert any(f"2025H2，党员{cast.member_a.uuid}" in text and "已定稿" in text for text in differences())


@pytest.mark.django_db
def test_a_tail_cut_with_care_is_found_by_the_seals(cast: Cast, reviews: tuple[Review, Review]) -> None:
    """The last approval taken out with everything that speaks of it: the ledger alone agrees with itself."""
    begin_chain()
    head = Freeze.objects.get(sequence=3)
    with unseen():
        ReviewLine.objects.filter(freeze=head).delete()
        AuditEntry.objects.filter(verb="approve_review", new__half="H2").delete()
        head.delete()
        Review.objects.filter(pk=reviews[1].pk).update(state="submitted", approved_at=None, approved_by=None)
    assert differences() == []
    named = {kind for kind, _identity, _words in deviations()}
    assert named == {"points.reviewline", "members.auditentry", "points.freeze", "points.review"}


@pytest.mark.django_db
def test_a_tail_cut_plain_commits_is_found_by_the_log(cast: Cast, reviews: tuple[Review, Review]) -> None:
    head = Freeze.objects.get(sequence=3)
    with without_ledger_triggers():
        ReviewLine.objects.filter(freeze=head).delete()
        head.delete()
    found = differences()
    assert any(head.hash[:12] in text for text in found)
    assert any("状态为已核定" in text for text in found)


@pytest.mark.django_db
def test_a_rewritten_history_is_found_by_the_seals(cast: Cast, reviews: tuple[Review, Review]) -> None:
    begin_chain()
    links = Freeze.objects.filter(branch=cast.branch_a).count()
    with unseen():
        Freeze.objects.filter(sequence=1).update(actor=cast.staff)
        Review.objects.filter(pk=reviews[0].pk).update(approved_by=cast.staff)
        forge_chain(cast.branch_a.pk)
    named = [kind for kind, _identity, _words in deviations()]
    assert (named.count("points.freeze"), named.count("points.review")) == (links, 1)


@pytest.mark.django_db
def test_a_checkpoint_is_not_written_over_differences(
    cast: Cast, reviews: tuple[Review, Review], tmp_path: Path
) -> None:
    begin_chain()
    with without_ledger_triggers():
        Freeze.objects.filter(sequence=2).update(hash="1" * 64)
    call_command("verify_ledger", town="乙镇", stdout=StringIO(), stderr=StringIO())  # nothing is wrong there
    with pytest.raises(CommandError):
        call_command("verify_ledger", checkpoint=str(tmp_path / "none.json"), stdout=StringIO(), stderr=StringIO())
    assert not (tmp_path / "none.json").exists()
