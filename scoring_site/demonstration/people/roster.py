"""The branches and the invented people: who is on the roster when the demonstration begins, and who comes later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from members.models import Member
from scoring_site.demonstration.people.habits import (
    ACTIVE,
    COMMON,
    MODEL,
    OUT_OF_TOUCH,
    QUIET,
    SELDOM,
    STEADY,
    TIRELESS,
    Habit,
)
from scoring_site.demonstration.people.names import Namer

SEED = "demonstration-1"
GENERAL_BRANCH = "云岭社区党总支"

_ID_REGION = "990101"  # no such region exists, so no such person does
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PHONE_PREFIX = "1540000"  # 154 was never given to a carrier
_POSTS = ("党支部书记", "组织委员", "宣传委员", "纪检委员")
_OTHER_ETHNIC_GROUPS = ("土家族", "苗族", "回族", "侗族")


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """A branch: how many members it begins with, and its fixed days and months."""

    key: str
    name: str
    size: int
    party_day: int
    """Day of the month on which it meets and collects dues."""
    quarter_month: int
    """Which month of the quarter has the lecture and the assembly, 1–3."""
    in_general_branch: bool = False
    has_committee: bool = True
    groups: int = 1
    lecture_apart: bool = False
    """Holds the lecture as a meeting of its own, two days after."""


BRANCHES = (
    BranchPlan("office", "云岭镇机关党支部", 30, party_day=5, quarter_month=3, lecture_apart=True),
    BranchPlan("taoyuan", "桃源村党支部", 46, party_day=10, quarter_month=2, groups=3),
    BranchPlan("shiqiao", "石桥村党支部", 40, party_day=15, quarter_month=3, groups=3),
    BranchPlan("liuwan", "柳湾村党支部", 34, party_day=12, quarter_month=2, groups=2),
    BranchPlan("fenglin", "枫林村党支部", 26, party_day=18, quarter_month=3, groups=2),
    BranchPlan("first", "云岭社区第一党支部", 30, party_day=8, quarter_month=1, in_general_branch=True, groups=2),
    BranchPlan("second", "云岭社区第二党支部", 24, party_day=20, quarter_month=2, in_general_branch=True),
    BranchPlan("tea", "云岭茶叶专业合作社党支部", 6, party_day=6, quarter_month=3, has_committee=False),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member: what the roster says, and the habit their records are drawn by."""

    key: str
    branch: str
    born: date
    details: Mapping[str, Any]
    habit: Habit

    @property
    def is_floating(self) -> bool:
        return bool(self.details["floating"] == "是")


@dataclass(frozen=True, slots=True)
class Part:
    """A part somebody plays: a fixed seat in a branch, and what is fixed about the person. `age` at last year's end.

    A person `comes` later, when the diary says so, instead of being on the roster from the beginning.
    """

    key: str
    branch: str
    seat: int
    age: int
    habit: Habit
    name: str = ""
    sex: str = "male"
    ethnicity: str = "汉族"
    floating: bool = False
    out_of_contact: bool = False
    comes: bool = False
    joined: tuple[int, int, int] | None = None
    """Joined the Party on: years before this year, month, day; such a member is probationary."""


PARTS = (
    Part("tireless", "taoyuan", 4, 39, TIRELESS, name="石长青"),
    Part("assistant", "taoyuan", 5, 28, ACTIVE, sex="female"),
    Part("member", "taoyuan", 6, 46, ACTIVE, name="潘青山"),
    Part("namesake_elder", "taoyuan", 7, 61, STEADY, name="刘建军"),
    Part("namesake_younger", "taoyuan", 8, 50, ACTIVE, name="刘建军"),
    Part("gambler", "taoyuan", 9, 44, STEADY, name="吴长顺"),
    Part("pending", "taoyuan", 10, 37, QUIET, name="谢小满"),
    Part("mover", "taoyuan", 11, 33, MODEL, sex="female"),
    Part("exempt_by_age", "taoyuan", 12, 81, STEADY),
    Part("old_but_scored", "taoyuan", 13, 79, STEADY),
    Part("out_of_touch", "taoyuan", 14, 35, OUT_OF_TOUCH, name="吴远帆", floating=True, out_of_contact=True),
    Part("leaver_this_year", "second", 5, 29, ACTIVE),
    Part("minority", "first", 4, 34, ACTIVE, name="阿依努尔·吐尔逊", sex="female", ethnicity="维吾尔族"),
    Part("rare_character", "office", 4, 30, MODEL, name="向𬭎"),
    Part("rarer_character", "second", 4, 27, ACTIVE, name="庹㛃", sex="female"),
    Part("unable", "shiqiao", 4, 63, STEADY, sex="female"),
    Part("vetoed", "shiqiao", 5, 42, ACTIVE, name="刘春生"),
    Part("dismissed", "shiqiao", 6, 48, STEADY, name="胡水根"),
    Part("leaver", "shiqiao", 7, 36, ACTIVE),
    Part("far_away", "shiqiao", 8, 31, SELDOM, floating=True),
    Part("deceased", "liuwan", 4, 86, STEADY),
    Part("revoked", "liuwan", 5, 52, STEADY, name="黄大庆"),
    Part("fireworks", "fenglin", 4, 45, STEADY, name="田丰年"),
    Part("awaiting_decision", "first", 5, 41, STEADY, name="魏平安"),
    Part("becoming_full", "office", 5, 26, ACTIVE, sex="female", joined=(2, 9, 12)),
    Part("newcomer", "taoyuan", 46, 40, ACTIVE, comes=True),
    Part("admitted_early", "fenglin", 26, 25, ACTIVE, comes=True, joined=(1, 6, 28)),
    Part("admitted_late", "taoyuan", 47, 24, MODEL, sex="female", comes=True, joined=(1, 11, 20)),
    Part("admitted_this_year", "liuwan", 34, 29, ACTIVE, comes=True, joined=(0, 6, 26)),
)
_PART_AT = {(part.branch, part.seat): part for part in PARTS}


def invent_people(*, this_year: int) -> dict[str, Person]:
    """Everybody of the two years by key, in roster order: a part's key, or branch and seat (`taoyuan-0`)."""
    random = Random(SEED)  # noqa: S311 (the same town every time is the point)
    namer = Namer(f"{SEED}/names", {part.name for part in PARTS})
    people: dict[str, Person] = {}
    for plan in BRANCHES:
        seats = max([plan.size, *(part.seat + 1 for part in PARTS if part.branch == plan.key)])
        for seat in range(seats):
            part = _PART_AT.get((plan.key, seat)) or _draw_part(random, plan, seat)
            person = _invent(random, namer, plan, part, number=len(people) + 1, this_year=this_year)
            people[person.key] = person
    return people


def comes_later(person: Person) -> bool:
    """Whether somebody joins the roster during the two years instead of standing on it from the beginning."""
    return person.key in _LATER


_LATER = frozenset(part.key for part in PARTS if part.comes)


def _draw_part(random: Random, plan: BranchPlan, seat: int) -> Part:
    """Somebody without a part of their own; the first seats are the committee's."""
    sex = "female" if random.random() < 0.3 else "male"
    if seat < len(_POSTS):
        habit = MODEL if seat < 2 else ACTIVE
        return Part(f"{plan.key}-{seat}", plan.key, seat, random.randint(33, 57), habit, sex=sex)
    is_old = plan.key not in ("office", "tea") and random.random() < 0.16
    age = random.randint(70, 84) if is_old else random.randint(25, 58 if plan.key in ("office", "tea") else 69)
    habit = random.choices([habit for habit, _share in COMMON], [share for _habit, share in COMMON])[0]
    if age > 74 and habit is SELDOM:
        habit = QUIET
    return Part(
        f"{plan.key}-{seat}",
        plan.key,
        seat,
        age,
        habit,
        sex=sex,
        ethnicity=random.choice(_OTHER_ETHNIC_GROUPS) if random.random() < 0.07 else "汉族",
        floating=plan.key not in ("office", "tea") and age < 50 and random.random() < 0.1,
    )


def _invent(random: Random, namer: Namer, plan: BranchPlan, part: Part, *, number: int, this_year: int) -> Person:
    born = date(this_year - 1 - part.age, random.randint(1, 12), random.randint(1, 28))
    details: dict[str, Any] = {
        "name": part.name or namer.name_person(age=part.age, is_woman=part.sex == "female"),
        "category": Member.Category.PROBATIONARY if part.joined else Member.Category.FULL,
        "ethnicity": part.ethnicity,
        "id_number": make_id_number(born, number, is_woman=part.sex == "female"),
        "phone": f"{_PHONE_PREFIX}{number:04}",
        "party_group": f"第{'一二三'[part.seat % plan.groups]}党小组" if plan.groups > 1 else "",
        "branch_post": _post(plan, part.seat),
        "party_standing": "正常",
        "floating": "是" if part.floating else "否",
        "out_of_contact": "是" if part.out_of_contact else "否",
    }
    if part.joined:
        years_before, month, day = part.joined
        details |= {"joined_on": date(this_year - years_before, month, day)}
    else:
        year = born.year + random.randint(19, min(40, part.age - 3))
        joined_on = date(year, random.choice((6, 7, 11, 12)), random.randint(1, 28))
        details |= {"joined_on": joined_on, "full_since": joined_on.replace(year=year + 1)}
    return Person(part.key, plan.key, born, details, part.habit)


def _post(plan: BranchPlan, seat: int) -> str:
    return _POSTS[seat] if seat < (len(_POSTS) if plan.has_committee else 1) else ""


def make_id_number(born: date, number: int, *, is_woman: bool) -> str:
    """An ID number with a right check character, of a region that does not exist; `number` tells people apart."""
    head = f"{_ID_REGION}{born:%Y%m%d}{number % 500 * 2 + (not is_woman):03}"
    total = sum(int(digit) * weight for digit, weight in zip(head, _ID_WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]
