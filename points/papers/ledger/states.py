"""How far a half is, as the branch's books say it."""

from __future__ import annotations

from datetime import date

from members.models import Branch
from points.models import Review
from points.papers.record_form.form import ON_THE_WAY
from points.papers.words import FINAL, PROVISIONAL
from points.rules.periods import HALVES, half_end
from points.scoring.wording import name_period


def name_half_states(branch: Branch, year: int, *, today: date) -> dict[str, str]:
    """How far each half of a year is, by half: 2026年上半年积分：未定稿（待支部核定）. One query."""
    states = dict(Review.objects.filter(branch=branch, year=year).values_list("half", "state"))
    return {half: _say(year, half, states.get(half, ""), today=today) for half in HALVES}


def _say(year: int, half: str, state: str, *, today: date) -> str:
    if state == Review.State.FINAL:
        said = FINAL
    elif today <= half_end(year, half):
        said = f"{PROVISIONAL}（半年尚未结束）"
    else:
        said = f"{PROVISIONAL}（{ON_THE_WAY.get(state, '待支部核定')}）"
    return f"{name_period(f'{year}{half}')}积分：{said}"
