"""The ten working days within which an objection is answered in writing (D11), and who is reminded of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from members.errors import UnknownWorkYear
from members.models import User
from members.places.workdays import TownCalendar
from publicity.models import Objection
from publicity.objections.access import objections_to_handle

ANSWER_WITHIN = 10
"""Working days for the written answer, after the day of receipt (D11)."""


@dataclass(frozen=True, slots=True)
class AnswerDay:
    """Until when an objection is to be answered, seen from a day.

    `due` is None for a year whose days off are not known yet; `left` counts the working days from the day to `due`.
    """

    objection: Objection
    due: date | None
    left: int
    is_past: bool

    @property
    def is_overdue(self) -> bool:
        return self.is_past and not self.objection.is_answered

    @property
    def shown(self) -> str:
        if self.objection.is_answered:
            return _("answered")
        if self.due is None:
            return _("ten working days; the days off of that year are not entered yet")
        values = {"due": self.due, "days": self.left}
        if self.is_past:
            return _("overdue: it was due on %(due)s") % values
        if self.left == 0:
            return _("due today, %(due)s") % values
        return _("%(days)d working days left, until %(due)s") % values


class AnswerDays:
    """Answer days as seen from one day; each town's working days are read once."""

    def __init__(self, *, on: date) -> None:
        self._on = on
        self._calendars: dict[int, TownCalendar] = {}

    def of(self, objection: Objection) -> AnswerDay:
        """The answer day of an objection that was read with its notice, review, branch and town."""
        town = objection.notice.review.branch.town
        if town.pk not in self._calendars:
            self._calendars[town.pk] = TownCalendar(town)
        calendar = self._calendars[town.pk]
        try:
            due = calendar.add_workdays(objection.received_on, ANSWER_WITHIN)
        except UnknownWorkYear:
            return AnswerDay(objection, None, 0, is_past=False)
        left = sum(1 for _day in calendar.workdays_after(self._on, through=due))
        return AnswerDay(objection, due, left, is_past=self._on > due)


def read_answer_days(objections: Iterable[Objection], *, on: date) -> list[AnswerDay]:
    """The answer day of each, in their order."""
    days = AnswerDays(on=on)
    return [days.of(objection) for objection in objections]


def reminders_for(user: User, *, on: date) -> list[AnswerDay]:
    """The unanswered objections that wait for this user, the most urgent first."""
    waiting = objections_to_handle(user, on=on).filter(answered_at__isnull=True)
    rows = waiting.select_related("notice__review__branch__town", "about").order_by("received_on", "pk")
    return sorted(read_answer_days(rows, on=on), key=lambda day: day.due or date.max)
