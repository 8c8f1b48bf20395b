"""Who reviews that somebody was there after all reads all it brings: one added record, four points (D10, D24)."""

from __future__ import annotations

import pytest

from points.models import Review
from tests.cast import Cast
from tests.pages import browse
from tests.points.half_stages import HOUR, JULY, bring_to
from tests.publicity.corrections.test_presence import KINDS, hold, there
from tests.scoring_site.objecting import LATER
from tests.scoring_site.workbench.publicity.test_corrections import entered_url, review_page
from tests.two_officers import enter_line

pytestmark = pytest.mark.django_db
SAID = "2025-05-20 · 党员活动日 · 2025年5月 · 当次名单由缺席改为参加，党课尚未得分的一并得分"


def test_the_list_and_what_else_is_earned_stand_in_the_words_before_and_after(cast: Cast) -> None:
    hold(cast, KINDS)
    review: Review = bring_to(cast, "approved", start=JULY + HOUR)
    entered = enter_line(
        actor=cast.secretary_a,
        now=LATER,
        review=review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="签到表原件上有本人签名",
        record=[there(cast)],
    )
    shown = browse(cast.committee_a).get(entered_url("review", entered))
    assert SAID in shown.content.decode()
    (line,) = shown.context["revised"]
    assert (line.old.base, line.new.base) == ("0.0", "4.0")
    assert review_page(cast.committee_a, entered).status_code == 302
    assert SAID in browse(cast.committee_a).get(entered_url("change", entered)).content.decode()
