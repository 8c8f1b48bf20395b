"""Whoever objected lately: a proposal against them goes to the town's staff first, and no word says why (D11, D18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from members.models import Member
from publicity.models import Notice, Objection
from tests.cast import Cast
from tests.factories import make_batch
from tests.publicity.stages import posted
from veto.deciding import propose_deduction, propose_veto
from veto.models import Finding
from veto.protections import is_protected

RECEIVED = date(2025, 7, 9)


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return posted(cast)


def objection(cast: Cast, notice: Notice, **fields: Any) -> Objection:
    made = make_batch(cast.staff, cast.town).at
    return Objection.objects.create(
        **{
            "receipt": f"2025H1-{Objection.objects.count():04d}",
            "notice": notice,
            "via": "portal",
            "objector": cast.member_user_a,
            "text": "漏登",
            "received_on": RECEIVED,
            "at": made,
            "taken_by": cast.member_user_a,
        }
        | fields
    )


def settle(row: Objection, cast: Cast) -> None:
    Objection.objects.filter(pk=row.pk).update(
        answer_kind="explained", answer="已核实", answered_at=row.at, answered_by=cast.secretary_a
    )


@pytest.mark.parametrize(("days", "protected"), [(0, True), (182, True), (183, False), (400, False)])
def test_an_answered_objection_protects_for_half_a_year(days: int, protected: bool, cast: Cast, notice: Notice) -> None:
    settle(objection(cast, notice), cast)
    assert is_protected(cast.member_a, on=RECEIVED + timedelta(days=days)) is protected
    assert not is_protected(cast.members_a[1], on=RECEIVED)


def test_an_unanswered_one_protects_without_end(cast: Cast, notice: Notice) -> None:
    objection(cast, notice)
    assert is_protected(cast.member_a, on=RECEIVED + timedelta(days=900))


def test_one_on_paper_under_ones_name_protects_in_ones_own_branch(cast: Cast, notice: Notice) -> None:
    objection(cast, notice, via="paper", objector=None, objector_name="李娜")
    assert is_protected(cast.members_a[1], on=RECEIVED)
    namesake = Member.objects.get(pk=cast.members_b[1].pk)
    namesake.name = "李娜"
    assert not is_protected(namesake, on=RECEIVED)
    objection(cast, notice, via="paper", objector=None, objector_name="匿名")
    assert not is_protected(cast.members_a[2], on=RECEIVED)


@pytest.mark.parametrize(("kind", "of_others"), [("deduction", "to_tell"), ("veto", "to_clear")])
def test_a_proposal_against_them_waits_for_the_town(kind: str, of_others: str, cast: Cast, notice: Notice) -> None:
    """A deduction because it is against them; a veto as every veto does, so that it says nothing of them."""
    row = objection(cast, notice, to_town_at=notice.prepared_at)  # about the secretary: hidden from the branch
    now = row.at
    common: dict[str, Any] = {
        "actor": cast.secretary_a,
        "now": now,
        "date": date(2025, 6, 1),
        "particulars": "核查记录",
        "papers": "文号",
    }

    def propose(member: Member) -> Finding:
        if kind == "veto":
            return propose_veto(member=member, ground="disrepute", **common)
        return propose_deduction(member=member, item="noncompliance", **common)

    held, free = propose(cast.member_a), propose(cast.members_a[1])
    assert (held.step, free.step) == ("to_clear", of_others)
