"""What waits for a member stands above their points, and only as long as it waits."""

from __future__ import annotations

import pytest
from django.test import Client

from members.models import User
from points.claims.claims import return_claim
from points.models import Claim, Confirmation, Review
from points.reviews.confirmations import confirm_line
from points.scoring.freezing import current_lines
from scoring_site.portal.waiting import list_waiting
from tests.factories import NOW, TODAY
from tests.scoring_site.portal.own_points import read
from tests.scoring_site.portal.world import World, build_world
from veto.hearings import answer_own_finding, own_hearings
from veto.models import Answer


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def lines(user: User) -> list[tuple[str, str]]:
    return [(each.what, each.verb) for each in list_waiting(user, on=TODAY)]


STATEMENT = ("党支部请您就2026-03-15的事项陈述、申辩", "去答复")
CLAIM = ("2026-03-15的申报已退回", "去补充")
RESULT = ("您的2025年上半年积分结果", "去确认")
NOTICE = ("2025年上半年积分正在公示", "去查看")


def test_what_waits_comes_first_and_goes_when_it_is_done(world: World, client: Client) -> None:
    cast, user = world.cast, world.cast.member_user_a
    assert lines(user) == [STATEMENT, RESULT, NOTICE]
    return_claim(actor=cast.recorder_a, now=NOW, claim=Claim.objects.get(), remark="请补照片")
    assert lines(user) == [STATEMENT, CLAIM, RESULT, NOTICE]
    page = read(client, user)
    assert page.index("等您处理 党支部请您就") < page.index("张伟的2026年度积分")
    for waiting in list_waiting(user, on=TODAY):
        assert client.get(waiting.url).status_code == 200
    [finding] = own_hearings(user)
    answer_own_finding(
        actor=user, now=NOW, finding=finding, kind=Answer.Kind.WAIVED, statement="", agrees_earlier=False
    )
    [line] = [line for line in current_lines(Review.objects.get()) if line.member_id == user.member_id]
    how = Confirmation.How.PORTAL
    confirm_line(actor=user, now=NOW, line=line, how=how, confirmed_on=TODAY)
    assert lines(user) == [CLAIM, NOTICE]
    Review.objects.update(state=Review.State.FINAL)
    assert lines(user) == [CLAIM]


def test_a_limited_account_and_who_has_no_line_are_asked_for_nothing(world: World) -> None:
    user = world.cast.member_user_a
    user.is_limited = True
    assert lines(user) == [NOTICE]
    assert lines(world.cast.member_user_b) == []
    assert lines(world.cast.staff) == []
