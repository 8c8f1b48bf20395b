"""What an earlier version stored, rulebooks and records: frozen lines and hashes go on as they are."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from members.models import Membership, RecordBatch
from points.errors import RulebookFrozen
from points.integrity.ledger import verify_ledger
from points.models import AssessmentYear, PointEvent, Rulebook
from points.papers.annual.report import read_annual_report
from points.records.entries import EventEntry
from points.rules.canonical import hash_text, to_canonical
from points.rules.formats import FORMAT
from points.rules.payments import UNSAID
from points.rules.rulebook import change_settings, load_shipped_rulebook, parse_rulebook, without_other_names
from points.rules.scope import Span
from points.scoring.adoption import adopt_rulebook, set_up_town
from points.scoring.explanations import explain_sheet
from points.scoring.freezing import recompute_sheets
from tests.cast import Cast, build_cast
from tests.factories import make_member
from tests.flush import without_ledger_triggers
from tests.older_migrations import migrate_back, migrate_forth
from tests.points.half_stages import JANUARY, JULY, bring_to, line_of, record_deed, record_dues, score_of
from tests.points.rules.stored_formats import FIRST, FIRST_HASH
from tests.two_officers import correct_line

pytestmark = pytest.mark.engine
LATER = JULY + timedelta(days=10)


@pytest.fixture
def stored(cast: Cast) -> Rulebook:
    """The first format's rulebook, adopted by 甲镇 for its two years."""
    rulebook = Rulebook.objects.create(hash=FIRST_HASH, text=FIRST)
    AssessmentYear.objects.filter(town=cast.town).update(rulebook=rulebook)
    return rulebook


def test_lines_frozen_under_it_are_verified_with_its_hash(cast: Cast, stored: Rulebook) -> None:
    record_dues(cast, month=3, now=JULY)
    record_deed(cast, day=date(2025, 5, 1), now=JULY, points=25)
    first = bring_to(cast, "final")
    record_dues(cast, month=8, now=JANUARY)
    second = bring_to(cast, "final", half="H2")
    assert (score_of(first, cast.member_a).cumulative, score_of(second, cast.member_a).cumulative) == (35, 45)
    assert {json.loads(line_of(each, cast.member_a).payload)["rulebook"] for each in (first, second)} == {FIRST_HASH}
    assert list(verify_ledger()) == []
    report = read_annual_report(actor=cast.staff, now=JANUARY, town=cast.town, year=2025)
    assert report.rulebook_hash == FIRST_HASH
    stored.refresh_from_db()
    assert (stored.text, hash_text(stored.text)) == (FIRST, FIRST_HASH)


def test_adopting_the_same_in_the_present_format_changes_nothing(cast: Cast, stored: Rulebook) -> None:
    bring_to(cast, "submitted")
    set_up_town(now=JULY, name=cast.town.name, years=(2025, 2026), settings={})
    frozen, running = cast.town.assessment_years.order_by("year")
    assert frozen.rulebook == stored
    # Names that imports know beside come with the year that runs: they change no score.
    assert without_other_names(parse_rulebook(running.rulebook.text)) == without_other_names(parse_rulebook(FIRST))
    with pytest.raises(RulebookFrozen):
        adopt_rulebook(
            actor=cast.staff,
            now=JULY,
            town=cast.town,
            year=2025,
            rulebook=change_settings(load_shipped_rulebook(), notice_days=7),
        )


def test_another_reading_is_stored_in_the_present_format(cast: Cast, stored: Rulebook) -> None:
    adopted = adopt_rulebook(
        actor=cast.staff,
        now=JULY,
        town=cast.town,
        year=2026,
        rulebook=change_settings(load_shipped_rulebook(), notice_days=7),
    )
    assert json.loads(adopted.rulebook.text)["format"] == FORMAT


@pytest.mark.django_db(transaction=True)
def test_records_from_before_dues_had_amounts_are_verified_as_they_are() -> None:
    cast = build_cast()
    record_dues(cast, month=3, now=JULY)
    record_deed(cast, day=date(2025, 5, 1), now=JULY, points=25)
    review = bring_to(cast, "final")
    frozen = line_of(review, cast.member_a).hash
    try:
        migrate_back("points", "0003_second_half_waits")
    finally:
        migrate_forth()
    assert [(event.item, event.payment) for event in PointEvent.objects.order_by("pk")] == [
        ("dues", UNSAID),
        ("volunteering", UNSAID),
    ]
    assert list(verify_ledger()) == []
    assert line_of(review, cast.member_a).hash == frozen
    with pytest.raises(IntegrityError):
        PointEvent.objects.update(due_fen=500, paid_fen=500)


@pytest.mark.django_db
def test_a_line_of_the_first_version_counts_what_was_written_late(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    record_dues(cast, month=3, now=LATER)
    correct_line(
        actor=cast.secretary_a,
        now=LATER + timedelta(days=1),
        review=review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="收入补记",
    )
    present = line_of(review, cast.member_a)
    earlier = line_of(review, cast.member_a)
    said = {**json.loads(present.payload), "version": 1}
    del said["out_of_scope"]
    earlier.payload = to_canonical(said)
    totals = []
    for line in (present, earlier):
        sheet = recompute_sheets([line], rulebook=load_shipped_rulebook(), year=2025)[line.pk]
        assert sheet is not None
        totals.append((sheet.total, [entry.reason for entry in sheet.uncounted]))
    assert totals == [(0, ["late_dues"]), (10, [])]


@pytest.mark.django_db
def test_a_line_of_the_second_version_knows_its_months_alone(cast: Cast) -> None:
    """It is computed again alike, and nothing of the months before somebody came is asked of them (D16)."""
    late = make_member(cast.branch_a, "后来", since=date(2025, 3, 10), why=Membership.Why.ADMITTED)
    record_dues(cast, month=4, now=JULY, member=late)
    present = line_of(bring_to(cast, "approved", start=JULY + timedelta(hours=1)), late)
    said = json.loads(present.payload)
    assert (said["version"], said.pop("in_scheme")) == (3, [["2025-03-10", None]])
    earlier = line_of(present.review, late)
    earlier.payload = to_canonical({**said, "version": 2})
    rulebook = load_shipped_rulebook()
    spans = [Span(date(2025, 3, 10))], [Span(date(2025, 3, 31), date(2026, 1, 1))]
    for line, in_scheme in zip((present, earlier), spans, strict=True):
        sheet = recompute_sheets([line], rulebook=rulebook, year=2025)[line.pk]
        assert sheet is not None
        assert (sheet.total, sheet.in_scheme) == (10, tuple(in_scheme))
        explained = explain_sheet(rulebook, sheet, on=date(2025, 7, 1), with_grounds=False)
        ticks = {item.code: [tick.state_label for tick in item.ticks][:4] for item in explained.base.items}
        assert ticks["dues"] == ["不计分期间", "不计分期间", "未登记", "得分"]
        assert ticks["lecture"] == ["未登记", "未登记", "未到期", "未到期"]


@pytest.mark.django_db(transaction=True)
def test_what_corrections_wrote_before_their_batches_said_so_still_earns() -> None:
    cast = build_cast()
    typed = record_dues(cast, month=2, now=JULY)
    review = bring_to(cast, "approved", start=JULY + timedelta(hours=1))
    correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="三月漏登",
        record=[EventEntry(cast.member_a.pk, "dues", date(2025, 3, 10), "2025-03")],
    )
    try:
        migrate_back("points", "0004_dues_amounts")
        with without_ledger_triggers():
            RecordBatch.objects.update(source="screen")
        assert {difference.kind for difference in verify_ledger()} == {"核定行"}
    finally:
        migrate_forth()
    sources = dict(RecordBatch.objects.values_list("pk", "source"))
    assert (sources.pop(typed.batch_id), sources) == ("screen", dict.fromkeys(sources, "correct"))
    assert len(sources) == 1
    assert score_of(review, cast.member_a).cumulative == 20
    assert list(verify_ledger()) == []
    with pytest.raises(IntegrityError):
        RecordBatch.objects.update(source="screen")
