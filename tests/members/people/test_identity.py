"""What an ID number says of its holder: asked by one function, told in the same words at every door."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.id_numbers import check_id_number, find_contradictions
from foundation.months import Month
from members.errors import RosterRefused
from members.models import Member, Membership
from members.people.changes import change_member
from members.people.roster import create_member
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.members.roster_files.rosters import look, roster

pytestmark = pytest.mark.django_db
NUMBER = "429999199003077598"  # a man born on 7 March 1990
BIRTH = "出生日期与公民身份号码（1990-03-07）不符。"
SEX = "性别与公民身份号码不符。"
REMEDY = "请与身份证核对。"


@pytest.mark.parametrize(
    ("birth_date", "sex", "about"),
    [
        (None, "", []),
        (date(1990, 3, 7), "male", []),
        (Month.of(1990, 3), None, []),
        (Month.of(1990, 4), None, ["birth_date"]),
        (Month.of(1991, 3), "male", ["birth_date"]),
        (date(1990, 3, 8), "female", ["birth_date", "sex"]),
        (None, "female", ["sex"]),
    ],
)
def test_what_contradicts_a_number(birth_date: Any, sex: str | None, about: list[str]) -> None:
    found = find_contradictions(check_id_number(NUMBER), birth_date=birth_date, sex=sex)
    assert [each.about for each in found] == about


def test_every_door_says_the_same(cast: Cast, client: Client) -> None:
    person = {"name": "周新", "category": "full", "id_number": NUMBER, "birth_date": date(1990, 3, 8), "sex": "female"}
    with pytest.raises(RosterRefused) as refusal:
        create_member(
            actor=cast.staff,
            now=NOW,
            branch=cast.branch_a,
            values=person,
            from_date=TODAY,
            why=Membership.Why.REGISTERED,
            guard=find_closed_joinings,
        )
    words = f"{BIRTH} {SEX} {REMEDY}"
    assert str(refusal.value) == words

    row = {"公民身份号码": NUMBER, "出生日期": "1990-03-08", "性别": "女"}
    errors = look(cast, roster(row)).report.errors
    assert [(error.column, error.problem, error.remedy) for error in errors] == [
        ("出生日期", BIRTH, REMEDY),
        ("性别", SEX, REMEDY),
    ]

    client.force_login(cast.staff)
    page = client.post(
        reverse("workbench:members_member_new"),
        person | {"branch": cast.branch_a.pk, "from_date": "2026-03-01", "why": "registered"},
    )
    assert page.context["form"].non_field_errors() == [words]
    page = client.post(
        reverse("workbench:members_member_edit", args=[cast.member_b.pk]), person | {"name": cast.member_b.name}
    )
    assert page.context["form"].non_field_errors() == [words]
    assert not Member.objects.filter(name="周新").exists()


def test_a_number_stored_before_decides_too(cast: Cast) -> None:
    change_member(actor=cast.staff, now=NOW, member=cast.member_b, values={"id_number": NUMBER})
    cast.member_b.refresh_from_db()
    assert (cast.member_b.birth_date, cast.member_b.sex) == (date(1990, 3, 7), "male")
    for values, words in (({"birth_date": date(1990, 3, 8)}, BIRTH), ({"sex": "female"}, SEX)):
        with pytest.raises(RosterRefused) as refusal:
            change_member(actor=cast.staff, now=NOW, member=cast.member_b, values=values)
        assert str(refusal.value) == f"{words} {REMEDY}"
    # A blank leaves it to the number.
    assert change_member(actor=cast.staff, now=NOW, member=cast.member_b, values={"birth_date": None, "sex": ""}) == []
    assert change_member(actor=cast.staff, now=NOW, member=cast.member_b, values={"id_number": "", "sex": ""}) == [
        "id_number",
        "sex",
    ]


def test_a_number_nobody_gave_is_not_written_back(cast: Cast) -> None:
    """Somebody corrected it while this form was open: the correction stays."""
    stale = Member.objects.get(pk=cast.member_a.pk)
    assert stale.id_number
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values={"id_number": ""})
    change_member(actor=cast.staff, now=NOW, member=stale, values={"sex": stale.sex, "ethnicity": "苗族"})
    stands = Member.objects.get(pk=stale.pk)
    assert (stands.id_number, stands.id_number_hash, stands.ethnicity) == ("", "", "苗族")
