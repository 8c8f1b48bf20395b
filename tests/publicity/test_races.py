"""Two people at the same instant around a notice's end: whoever comes second finds what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from points.integrity.ledger import verify_ledger
from points.models import Correction, Freeze, ReviewLine
from publicity.errors import NoticeRefused
from publicity.models import Closing, EnteredCorrection, LinePosting, Notice, Objection
from publicity.notices.publication import close_notice, unposted_lines
from publicity.objections.objections import answer_objection, raise_objection
from publicity.rechecking.steps import refuse_correction, review_correction
from tests.cast import Cast, build_cast
from tests.members.seals.verified import begin_chain, deviations
from tests.publicity.objections.raising import LATER, put_up, raise_in_portal
from tests.publicity.stages import FIRST_MINUTE, dues
from tests.threads import run_at_once
from tests.two_officers import enter_line

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(clock: Any) -> Cast:
    clock.now = FIRST_MINUTE
    return build_cast()


def close(cast: Cast, notice: Notice, who: str = "secretary_a") -> Callable[[], Any]:
    return lambda: close_notice(actor=getattr(cast, who), now=FIRST_MINUTE, notice=notice)


def object_to(cast: Cast, notice: Notice) -> Callable[[], Any]:
    return lambda: raise_objection(actor=cast.member_user_a, now=FIRST_MINUTE, notice=notice, text="三月漏登")


def enter(cast: Cast, notice: Notice, *, now: datetime = LATER) -> EnteredCorrection:
    return enter_line(
        actor=cast.secretary_a,
        now=now,
        review=notice.review,
        member=cast.members_a[1],
        decided_on=now.date(),
        reason="漏登党费",
        record=[dues(cast.members_a[1], 4)],
    )


def review(cast: Cast, entered: EnteredCorrection, who: str) -> Callable[[], Any]:
    return lambda: review_correction(
        actor=getattr(cast, who), now=FIRST_MINUTE, entered=EnteredCorrection.objects.get(pk=entered.pk),
        is_unrelated=True,
    )  # fmt: skip


def state_of(notice: Notice) -> str:
    return Notice.objects.get(pk=notice.pk).review.state


def test_two_closings_at_the_same_instant_are_one(cast: Cast) -> None:
    notice = put_up(cast)
    outcomes = run_at_once(close(cast, notice), close(cast, notice, "staff"))
    assert {type(outcome) for outcome in outcomes} == {Notice, NoticeRefused}
    assert (Closing.objects.count(), state_of(notice)) == (1, "final")
    assert list(verify_ledger()) == []


def test_an_objection_at_the_instant_of_the_closing_keeps_it_open_or_comes_after_it(cast: Cast) -> None:
    notice = put_up(cast)
    begin_chain()
    closed, objection = run_at_once(close(cast, notice), object_to(cast, notice))
    assert isinstance(objection, Objection)
    is_final = isinstance(closed, Notice)
    assert is_final or isinstance(closed, NoticeRefused)
    assert (state_of(notice), Closing.objects.count()) == (("final", 1) if is_final else ("published", 0))
    if not is_final:
        answer_objection(
            actor=cast.secretary_a, now=FIRST_MINUTE, objection=objection, answer="已核对，无误。", is_unrelated=True
        )
        close(cast, notice)()
    assert (state_of(notice), list(verify_ledger()), deviations()) == ("final", [], [])


def test_an_answer_given_twice_at_the_same_instant_is_one(cast: Cast) -> None:
    notice = put_up(cast)
    objection = raise_in_portal(cast, notice)

    def answer(who: str, text: str) -> Callable[[], Any]:
        return lambda: answer_objection(
            actor=getattr(cast, who), now=FIRST_MINUTE, objection=objection, answer=text, is_unrelated=True
        )

    outcomes = run_at_once(answer("secretary_a", "无误"), answer("staff", "已更正"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "ObjectionRefused"]
    objection.refresh_from_db()
    assert objection.answer == ("无误" if outcomes[0] is None else "已更正")


def test_a_correction_reviewed_by_two_at_the_same_instant_is_carried_out_once(cast: Cast) -> None:
    notice = put_up(cast)
    lines = ReviewLine.objects.count()
    entered = enter(cast, notice)
    outcomes = run_at_once(review(cast, entered, "committee_a"), review(cast, entered, "staff"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Correction", "CorrectionRefused"]
    assert (Correction.objects.count(), Freeze.objects.count(), ReviewLine.objects.count()) == (1, 2, lines + 1)
    assert list(verify_ledger()) == []


def test_a_correction_is_carried_out_or_refused_never_both(cast: Cast) -> None:
    entered = enter(cast, put_up(cast))
    carried_out, refused = run_at_once(
        review(cast, entered, "committee_a"),
        lambda: refuse_correction(
            actor=cast.staff, now=FIRST_MINUTE, entered=entered, reason="依据不足", is_unrelated=True
        ),
    )
    outcome = EnteredCorrection.objects.get().outcome
    if isinstance(carried_out, Correction):
        assert (type(refused).__name__, outcome, Correction.objects.count()) == ("CorrectionRefused", "carried_out", 1)
    else:
        assert (type(carried_out).__name__, outcome, Correction.objects.count()) == ("CorrectionRefused", "refused", 0)
    assert list(verify_ledger()) == []


def test_no_half_is_final_with_a_corrected_line_that_never_went_up(cast: Cast) -> None:
    """Closing waits for a correction's review, and for the days of the line that comes of it."""
    notice = put_up(cast)
    entered = enter(cast, notice)
    corrected, closed = run_at_once(review(cast, entered, "committee_a"), close(cast, notice, "staff"))
    assert isinstance(corrected, Correction)
    assert isinstance(closed, NoticeRefused)
    assert (state_of(notice), Closing.objects.count(), LinePosting.objects.count()) == ("published", 0, 4)
    assert [line.member for line in unposted_lines(notice)] == [cast.members_a[1]]
    assert list(verify_ledger()) == []


def test_a_correction_entered_at_the_instant_of_the_closing(cast: Cast) -> None:
    notice = put_up(cast)
    entered, closed = run_at_once(lambda: enter(cast, notice, now=FIRST_MINUTE), close(cast, notice, "staff"))
    assert isinstance(entered, EnteredCorrection)
    if isinstance(closed, Notice):
        assert (state_of(notice), Closing.objects.count()) == ("final", 1)
    else:
        assert isinstance(closed, NoticeRefused)
        assert "等待复核" in str(closed)
        assert (state_of(notice), Closing.objects.count()) == ("published", 0)
    assert list(verify_ledger()) == []
