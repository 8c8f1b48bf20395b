"""The why of a missing period names the meeting, who recorded it, and what can still be done (D24, W2)."""

from __future__ import annotations

from datetime import date

import pytest

from members.models import Member
from points.scoring.adoption import rulebook_for, set_up_town
from points.scoring.explanations import explain_sheet, read_held_periods
from points.scoring.gaps import read_gap_reasons
from tests.cast import Cast
from tests.factories import NOW
from tests.points.half_stages import bring_to
from tests.points.meetings.held import hold
from tests.points.scoring.scores import score_one


def gaps_of(member: Member, item: str, *, on: date) -> list[tuple[str, str, str]]:
    scored = score_one(member, on.year)
    assert scored is not None
    assert scored.score is not None
    branch_id = scored.roster_year.branch_id
    explained = explain_sheet(
        rulebook_for(member.town, on.year),
        scored.score.annual,
        on=on,
        with_grounds=False,
        held=read_held_periods(branch_id=branch_id, year=on.year),
        reasons=read_gap_reasons(member, branch_id=branch_id, year=on.year),
    )
    [found] = [entry for entry in explained.base.items if entry.code == item]
    return [(gap.label, gap.state_label, gap.words) for gap in found.gaps]


def test_each_missing_period_is_told(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    hold(cast, {zhang: "absent", li: "attended"}, date(2026, 1, 9), (("party_day", "2026-01"),))
    hold(cast, {zhang: "excused", li: "attended"}, date(2026, 2, 9))
    hold(cast, {zhang: "absent"}, date(2026, 3, 9), (("party_day", "2026-03"),))
    assert gaps_of(zhang, "party_day", on=date(2026, 3, 15)) == [
        (
            "1月",
            "缺席",
            "2026-01-09的党员活动日，登记为缺席（甲记录员登记）。上半年提交核定前可以补课，补课后得分。",
        ),
        (
            "2月",
            "请假",
            (
                "2026-02-09的党员活动日，登记为请假（甲记录员登记）。请假不得分，也不算缺席。"
                "上半年提交核定前可以补课，补课后得分。"
            ),
        ),
        ("3月", "缺席", "2026-03-09的党员活动日，登记为缺席（甲记录员登记）。本期未到期：再参加一次即可得分。"),
    ]
    assert gaps_of(zeng, "party_day", on=date(2026, 3, 1)) == [
        (
            "1月",
            "未登记",
            (
                "支部2026-01-09开展过（甲记录员登记），参加名单中没有本人。已经参加的，请告诉组织委员。"
                "上半年提交核定前可以补课，补课后得分。"
            ),
        ),
        (
            "2月",
            "未登记",
            (
                "支部2026-02-09开展过（甲记录员登记），参加名单中没有本人。已经参加的，请告诉组织委员。"
                "上半年提交核定前可以补课，补课后得分。"
            ),
        ),
    ]
    assert [gap[1:] for gap in gaps_of(li, "dues", on=date(2026, 2, 1))] == [
        ("未登记", "没有登记交纳。已经交纳的，请把凭证交组织委员登记。")
    ]


@pytest.mark.parametrize("stage", ["submitted", "approved"])
def test_once_the_half_is_submitted_nothing_is_promised(stage: str, cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    hold(cast, {zhang: "absent", li: "attended"}, date(2025, 2, 9), (("party_day", "2025-02"),))
    bring_to(cast, stage)
    gaps = {label: (state, words) for label, state, words in gaps_of(zhang, "party_day", on=date(2025, 8, 1))}
    assert gaps["2月"] == (
        "缺席",
        (
            "2025-02-09的党员活动日，登记为缺席（甲记录员登记）。"
            "上半年已提交核定，不能再补课。与事实不符的，请向党支部或镇党建办反映。"
        ),
    )
    assert gaps["1月"] == ("支部未组织", "支部本期没有登记开展，不算本人缺席。")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("submitted", "没有登记交纳。已经交纳的，请把凭证交组织委员登记。"),
        (
            "approved",
            (
                "没有登记交纳。上半年已核定，现在补交、补登只核销欠交，不再得分。"
                "核定以前已经交纳的，请持凭证向党支部申请更正。"
            ),
        ),
    ],
)
def test_once_the_half_is_approved_a_receipt_earns_no_point(stage: str, said: str, cast: Cast) -> None:
    """As it was seen: the why asked for the receipt of a month whose tick earned nothing any more (D25)."""
    bring_to(cast, stage)
    gaps = {label: words for label, _state, words in gaps_of(cast.member_a, "dues", on=date(2025, 11, 5))}
    assert gaps["1月"] == said
    assert gaps["7月"] == "没有登记交纳。已经交纳的，请把凭证交组织委员登记。"


def test_where_late_dues_earn_the_receipt_is_asked_for(cast: Cast) -> None:
    set_up_town(now=NOW, name=cast.town.name, years=(2025,), settings={"late_dues": "always"})
    bring_to(cast, "approved")
    gaps = {label: words for label, _state, words in gaps_of(cast.member_a, "dues", on=date(2025, 11, 5))}
    assert gaps["1月"] == "没有登记交纳。已经交纳的，请把凭证交组织委员登记。"
