from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import Member, Membership, Town, User
from members.selectors import branch_on, members_in, search_members, system_account, with_branch_on
from tests.cast import Cast
from tests.factories import LONG_AGO, TODAY, make_membership


def test_the_branch_of_a_day_is_that_of_the_last_row_before_it(cast: Cast) -> None:
    make_membership(cast.member_a, cast.branch_b, date(2026, 2, 1), Membership.Why.MOVED)
    make_membership(cast.member_a, None, date(2026, 3, 1), Membership.Why.DECEASED)
    for day, branch in (
        (LONG_AGO - timedelta(days=1), None),
        (LONG_AGO, cast.branch_a),
        (date(2026, 1, 31), cast.branch_a),
        (date(2026, 2, 1), cast.branch_b),
        (date(2026, 2, 28), cast.branch_b),
        (date(2026, 3, 1), None),
    ):
        assert branch_on(cast.member_a, day) == branch
        row = with_branch_on(Member.objects.all(), day).get(pk=cast.member_a.pk)
        assert row.branch_id_on_day == (branch.pk if branch else None)  # type: ignore[attr-defined] # annotated
        for candidate in (cast.branch_a, cast.branch_b):
            assert members_in([candidate.pk], day).filter(pk=cast.member_a.pk).exists() == (candidate == branch)


def test_the_members_of_two_branches(cast: Cast) -> None:
    both = members_in([cast.branch_a.pk, cast.branch_b.pk], TODAY)
    assert set(both) == {*cast.members_a, *cast.members_b}
    assert not members_in([], TODAY).exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张伟", {"张伟"}),
        ("伟", {"张伟"}),
        (" 张伟 ", {"张伟"}),
        ("zw", {"张伟", "周外"}),
        ("ZW", {"张伟", "周外"}),
        ("z", {"张伟", "曾国华", "赵敏", "周外"}),
        ("zh", {"张伟", "赵敏", "周外"}),
        ("zhangw", {"张伟"}),
        ("zhang wei", {"张伟"}),
        ("zenggh", set()),
        ("zgh", {"曾国华"}),
        ("zengguohua", {"曾国华"}),  # a surname is read as surnames are
        ("wei", set()),
        ("%", set()),
        ("_", set()),
        pytest.param("伟" * 60_000, set(), id="longer than any pattern"),
    ],
)
def test_members_are_found_by_character_pinyin_or_initials(text: str, found: set[str], cast: Cast) -> None:
    assert {member.name for member in search_members(Member.objects.all(), text)} == found


def test_each_town_has_its_own_system_account(cast: Cast) -> None:
    assert system_account(cast.town) == cast.system
    assert system_account(cast.other_town) != cast.system
    with pytest.raises(User.DoesNotExist):
        system_account(Town.objects.create(name="丙镇"))
