"""不实行积分制审批表: the member, the ground and their words; blanks before the decision, the vote after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import Exemption, ExemptionApplication
from members.places.branches import change_branch
from points.errors import NothingToPrint
from points.papers.roster.exemption_form import name_branch, write_exemption_form
from points.roster.exemption_applications import decline_application, grant_application
from tests.cast import Cast
from tests.exemptions import apply_on_paper, vote_on
from tests.factories import NOW, TODAY
from tests.points.papers.pdf_text import read_pages, read_text

pytestmark = pytest.mark.django_db


def write(application: ExemptionApplication) -> bytes:
    application.refresh_from_db()
    return write_exemption_form(application=application, branch_name=name_branch(application), now=NOW)


def text_of(application: ExemptionApplication) -> str:
    return read_text(write(application))


def test_before_the_decision_the_vote_is_filled_in_by_hand(cast: Cast) -> None:
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a, text="腿脚不便，行走困难")
    pdf = write(application)
    assert len(read_pages(pdf)) == 1
    text = read_text(pdf)
    assert "党员不实行积分制审批表" in text
    for part in (
        "张伟",
        "正式党员",
        "确实身体不便",
        "腿脚不便，行走困难",
        "一支部",
        "应到人，实到人，赞成票，反对票，弃权票",
    ):
        assert part in text, part
    assert "本人签名的申请书附后" in text
    assert "□同意□不同意" in text
    for place in ("申请人（签字或者捺印）", "支部书记（签字）", "负责人（签字）", "镇党委"):
        assert place in text, place


def test_granted_it_says_the_vote_and_the_day(cast: Cast) -> None:
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    vote = vote_on(TODAY, in_favour=2)
    grant_application(actor=cast.secretary_a, now=NOW, application=application, vote=vote, is_unrelated=True)
    later = NOW + timedelta(days=30)
    change_branch(actor=cast.staff, now=later, branch=cast.branch_a, values={"name": "红旗村党支部"})
    text = text_of(application)
    assert "应到3人，实到3人，赞成2票，反对1票，弃权0票。同意张伟同志自2026年7月1日起不实行积分制教育管理。" in text
    assert "□" not in text
    assert "一支部" in text
    assert "红旗村" not in text


def test_declined_it_gives_the_explanation(cast: Cast) -> None:
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    decline_application(
        actor=cast.secretary_a,
        now=NOW,
        application=application,
        vote=vote_on(TODAY, in_favour=1),
        explanation="可以送学上门",
        is_unrelated=True,
    )
    text = text_of(application)
    assert "赞成1票，反对2票，弃权0票。不同意张伟同志的申请，继续实行积分制教育管理。" in text
    assert "说明：可以送学上门" in text


def test_the_age_is_the_one_the_town_set(cast: Cast) -> None:
    cast.member_a.birth_date = date(1940, 5, 1)
    cast.member_a.save()
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a, ground=Exemption.Ground.AGE)
    text = text_of(application)
    assert "本人年满75周岁，申请不实行积分制教育管理。" in text
    assert "申请事由年满75周岁" in text
    assert "1940年5月" in text


def test_of_a_withdrawn_application_there_is_nothing_to_approve(cast: Cast) -> None:
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    application.state = ExemptionApplication.State.WITHDRAWN
    application.save()
    with pytest.raises(NothingToPrint):
        write(application)
