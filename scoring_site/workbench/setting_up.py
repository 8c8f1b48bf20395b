"""What a town's office sets up: the steps of a fresh town, and in autumn the next year (T2, D9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import branches_for, members_for, reach_of
from members.models import Appointment, Town, User, WorkDay
from members.notifications import Task
from members.places.workdays import is_shipped
from members.selectors import members_in
from points.models import AssessmentYear, PointEvent
from scoring_site.workbench.base.pages import page_url

AUTUMN = 10
"""The month from which the next year is asked for."""

Role = Appointment.Role


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a fresh town, with how far it is and where it is done."""

    title: str
    so_far: str
    url: str
    is_done: bool


def read_setup(user: User, *, on: date) -> list[SetupStep]:
    """The steps of the user's town until its first record stands; afterwards, and for whoever is no staff, none."""
    towns = reach_of(user, on=on).staff_towns
    if not towns or PointEvent.objects.filter(member__town__in=towns).exists():
        return []
    branches = list(branches_for(user, on=on).values_list("pk", flat=True))
    members = members_for(user, on=on).count()
    placed = members_in(branches, on).order_by()
    peopled = set(placed.values_list("branch_id_on_day", flat=True).distinct())  # type: ignore[misc] # an annotation
    in_office = Appointment.objects.on(on).filter(branch__in=peopled, role__in=(Role.SECRETARY, Role.RECORDER))
    seats = set(in_office.values_list("branch_id", "role"))
    staffed = [pk for pk in peopled if {(pk, Role.SECRETARY), (pk, Role.RECORDER)} <= seats]
    has_rulebook = AssessmentYear.objects.filter(town__in=towns, year=on.year).exists()
    return [
        SetupStep(
            _("Bring in the roster"),
            _("%(members)d members in %(branches)d branches") % {"members": members, "branches": len(peopled)},
            page_url("import_roster"),
            members > 0,
        ),
        SetupStep(
            _("Appoint secretary and recorder of each branch"),
            _("%(done)d of %(all)d branches have both") % {"done": len(staffed), "all": len(peopled)},
            page_url("members_appointment_changelist"),
            bool(peopled) and len(staffed) == len(peopled),
        ),
        SetupStep(
            _("Adopt the measure for %(year)d") % {"year": on.year},
            _("adopted") if has_rulebook else _("not adopted yet"),
            page_url("points_assessmentyear_adopt"),
            has_rulebook,
        ),
        SetupStep(_("Record the first month"), _("nothing recorded yet"), page_url("month"), False),
    ]


def read_next_year_tasks(user: User, *, on: date) -> Iterator[Task]:
    """From October on: towns of the user's that have no rulebook, or no days off, for the next year; three queries.

    Without the days off a notice of the second half has no closing day (D9).
    """
    towns = reach_of(user, on=on).staff_towns if on.month >= AUTUMN else frozenset()
    if not towns:
        return
    year = on.year + 1
    left = (date(year, 1, 1) - on).days
    adopted = set(AssessmentYear.objects.filter(town__in=towns, year=year).values_list("town_id", flat=True))
    entered = set(WorkDay.objects.filter(town__in=towns, day__year=year).values_list("town_id", flat=True))
    for town in Town.objects.filter(pk__in=towns).order_by("pk"):
        if town.pk not in adopted:
            yield Task(
                _("%(town)s has not adopted a measure for %(year)d yet") % {"town": town.name, "year": year},
                page_url("points_assessmentyear_adopt"),
                left,
                step=pgettext("task", "Adopt"),
            )
        if town.pk not in entered and not is_shipped(year):
            yield Task(
                _("The days off of %(year)d are not entered in %(town)s: notices that run into it cannot close")
                % {"town": town.name, "year": year},
                page_url("members_workday_changelist"),
                left,
                step=pgettext("task", "Enter them"),
            )
