"""How a person is named in a list, on screens and papers: by the name, where two share it with what tells them apart.

The party group is added, or the year of birth where that does not tell them apart, both where neither alone does; at
last the month of birth or the place among them. Nothing is added to a name that stands once (D21).

What is printed again years later (lines and papers of an approved half, papers over a year or of a meeting) takes
`lasting` marks: the birth first. A member moves between party groups, and two on one paper would swap marks then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.selectors import with_branch_on

RowT = TypeVar("RowT")
_Mark = tuple[str, tuple[int, ...]]
"""A party group or "", and a birth by its year, or its year and month, or ()."""


def tell_apart(members: Iterable[Member], *, lasting: bool = False) -> list[Member]:
    """The members of a list in its order, those who share a name in it told apart: see `Member.listed_name`."""
    listed = list(members)
    _tell(listed, listed, key=lambda member: member.name, lasting=lasting)
    return listed


def tell_apart_at_home(members: Iterable[Member], *, on: date, lasting: bool = False) -> list[Member]:
    """The same for members shown alone or out of many branches: told apart from all of the name in their branch.

    `on` is the day whose branches count. One query, none without members.
    """
    listed = list(members)
    if not listed:
        return listed
    names, towns = {member.name for member in listed}, {member.town_id for member in listed}
    namesakes = with_branch_on(Member.objects.filter(town__in=towns, name__in=names), on).order_by("position", "pk")
    columns = ("pk", "name", "party_group", "birth_date")
    _tell(
        listed,
        list(namesakes.only(*columns)),
        key=lambda member: (member.name, member.branch_id_on_day),  # type: ignore[attr-defined]
        lasting=lasting,
    )
    return listed


def tell_rows_apart(rows: Iterable[RowT], member_of: Callable[[RowT], Member], *, lasting: bool = False) -> list[RowT]:
    """The rows of a list in its order, their members told apart."""
    listed = list(rows)
    tell_apart((member_of(row) for row in listed), lasting=lasting)
    return listed


def tell_rows_apart_at_home(
    rows: Iterable[RowT], member_of: Callable[[RowT], Member | None], *, on: date, lasting: bool = False
) -> list[RowT]:
    """The same for rows; those about nobody stay as they are."""
    listed = list(rows)
    members = (member for row in listed if (member := member_of(row)) is not None)
    tell_apart_at_home(members, on=on, lasting=lasting)
    return listed


def list_names(members: Iterable[Member], *, on: date | None = None, most: int | None = None) -> str:
    """The names of several members in a sentence, the first `most`; with `on` told apart from all of their branch."""
    told = tell_apart(members) if on is None else tell_apart_at_home(members, on=on)
    return "、".join(member.listed_name for member in told[:most])


def _tell(
    shown: Sequence[Member], among: Sequence[Member], *, key: Callable[[Member], Hashable], lasting: bool
) -> None:
    bearers: dict[Hashable, dict[int, Member]] = defaultdict(dict)
    for member in among:
        bearers[key(member)].setdefault(member.pk, member)
    told: dict[int, str] = {}
    for namesakes in bearers.values():
        if len(namesakes) > 1:
            people = list(namesakes.values())
            told |= dict(zip(namesakes, _find_marks(people, lasting=lasting), strict=True))
    for member in shown:
        member.told_apart = told.get(member.pk, "")


def _find_marks(people: Sequence[Member], *, lasting: bool) -> list[str]:
    """The shortest marks that tell all of them apart; worded when shown, since papers speak Chinese whoever prints."""
    groups = [member.party_group for member in people]
    births = [member.birth_date for member in people]
    years: list[tuple[int, ...]] = [(day.year,) if day else () for day in births]
    months: list[tuple[int, ...]] = [(day.year, day.month) if day else () for day in births]
    of_groups: list[_Mark] = [(group, ()) for group in groups]
    of_years: list[_Mark] = [("", year) for year in years]
    of_months: list[_Mark] = [("", month) for month in months]
    both: list[list[_Mark]] = [list(zip(groups, years, strict=True)), list(zip(groups, months, strict=True))]
    first = [of_years, of_months, of_groups] if lasting else [of_groups, of_years]
    for marks in (*first, both[0], of_months, both[1]):
        if len(set(marks)) == len(marks) and ("", ()) not in marks:
            return [_say_mark(group, birth) for group, birth in marks]
    # What all of them share tells nobody apart, and is left out.
    groups = groups if len(set(groups)) > 1 else [""] * len(people)
    years = years if len(set(years)) > 1 else [()] * len(people)
    return [_say_mark(group, birth, number) for number, (group, birth) in enumerate(zip(groups, years, strict=True), 1)]


def _say_mark(group: str, birth: tuple[int, ...], number: int = 0) -> str:
    parts: list[Any] = [group] if group else []
    if birth:
        text = _("born in {0}") if len(birth) == 1 else _("born in {1}/{0}")
        parts.append(format_lazy(text, *birth))
    if number:
        parts.append(format_lazy(_("no. {0} of this name"), number))
    mark: Any = format_lazy("，".join("{}" for _part in parts), *parts)
    return mark  # type: ignore[no-any-return] # text in the language of whoever reads it
