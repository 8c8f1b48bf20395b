"""What the town lays down for every half: where notices go up, by when the branches are done, which days are off."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from members.places.workdays import is_shipped, set_work_year
from points.reviews.dates import set_review_dates
from points.rules.periods import H1, H2
from publicity.models import Channel
from publicity.notices.channels import set_required_channels
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk

CHANNELS = (Channel.BOARD, Channel.CHAT, Channel.WEB)

_DAYS_OFF = (("元旦", 1, (1,)), ("劳动节", 5, (1, 2, 3, 4, 5)), ("国庆节", 10, (1, 2, 3, 4, 5, 6, 7)))


def plan_town_rules(diary: Diary, folk: Townsfolk, *, founded: datetime) -> None:
    """Put what the town's staff lay down for each year into the diary, the December before; channels once."""
    diary.add(founded, partial(_require_channels, folk))
    for year in (folk.last_year, folk.this_year):
        diary.add(at(date(year - 1, 12, 10), 9, 30), partial(_set_dates, folk, year))
    for year in (folk.last_year, folk.this_year, folk.this_year + 1):
        diary.add(at(date(year - 1, 12, 10), 9, 40), partial(_enter_days_off, folk, year))


def _require_channels(folk: Townsfolk, now: datetime) -> None:
    set_required_channels(actor=folk.staff, now=now, town=folk.town, channels=CHANNELS)


def _set_dates(folk: Townsfolk, year: int, now: datetime) -> None:
    for half, submit_by, approve_by, post_by in (
        (H1, date(year, 7, 25), date(year, 7, 31), date(year, 8, 5)),
        (H2, date(year + 1, 1, 25), date(year + 1, 1, 31), date(year + 1, 2, 5)),
    ):
        set_review_dates(
            actor=folk.staff,
            now=now,
            town=folk.town,
            year=year,
            half=half,
            submit_by=submit_by,
            approve_by=approve_by,
            post_by=post_by,
        )


def _enter_days_off(folk: Townsfolk, year: int, now: datetime) -> None:
    """Of a year whose holidays are not published yet only the fixed ones are entered, as an example."""
    if not is_shipped(year):
        off = {date(year, month, day): f"{name}（演示）" for name, month, days in _DAYS_OFF for day in days}
        set_work_year(actor=folk.staff, now=now, town=folk.town, year=year, off=off, worked={})
