"""What waits for the town itself, each kind in a line with how long and the way to where it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.access import Action, branches_for, findings_for, members_for, reach_of
from members.models import Appointment, Branch, DataRequest, Town, User
from members.notifications import Task
from members.selectors import members_in
from publicity.models import Objection
from publicity.objections.access import objections_for
from publicity.objections.deadlines import read_answer_days
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.setting_up import read_next_year_tasks
from scoring_site.workbench.tasks import count_waiting
from veto.models import Deduction, Finding, VetoRecord

MOST_NAMED = 6
"""So many branches without officers are named; of more, their number says enough."""
KINDS: tuple[tuple[type[Finding], str], ...] = (
    (Deduction, "veto_deduction_changelist"),
    (VetoRecord, "veto_vetorecord_changelist"),
)


def read_waiting(user: User, town: Town, *, on: date) -> Iterator[Task]:
    """For the town's own roles, as far as each may know of it; a general branch has none. A constant number of queries.

    Requests about data and the days off are the staff's alone.
    """
    if town.pk not in reach_of(user, on=on).read_towns:
        return
    yield from _read_objections(user, town, on=on)
    for model, page in KINDS:
        rows: QuerySet[Any] = model._default_manager.filter(member__town=town)
        name = model._meta.verbose_name_plural
        held = findings_for(user, rows.at_step(Finding.Step.TO_CLEAR), on=on)  # type: ignore[attr-defined]
        text = _("%(count)d %(kind)s to be let through by the town")
        yield from count_waiting(
            held, "batch__at", text, f"{page_url(page)}?state={Finding.Step.TO_CLEAR}", on=on, kind=name
        )
        appealed = findings_for(user, rows.with_appeal(), on=on)  # type: ignore[attr-defined]
        text = _("%(count)d appeals against %(kind)s to be answered by the town")
        yield from count_waiting(
            appealed, "appeals__entered_at", text, f"{page_url(page)}?state=appealed", on=on, kind=name
        )
    keeping = members_for(user, on=on, action=Action.KEEP_ROSTER).filter(town=town)
    asked = DataRequest.objects.filter(member__in=keeping.values("pk"), answered_at__isnull=True)
    text = _("%(count)d requests about data to be answered")
    yield from count_waiting(asked, "at", text, f"{page_url('members_datarequest_changelist')}?answered=no", on=on)
    yield from read_next_year_tasks(user, on=on)
    yield from _read_unstaffed(user, town, on=on)


def list_objections(user: User, town: Town, *, on: date) -> QuerySet[Objection]:
    """The unanswered ones of the town that the user may know of."""
    rows = objections_for(user, on=on).filter(answered_at__isnull=True, notice__review__branch__town=town)
    return rows.select_related("notice__review__branch__town").order_by("received_on", "pk")


def _read_objections(user: User, town: Town, *, on: date) -> Iterator[Task]:
    days = read_answer_days(list_objections(user, town, on=on), on=on)
    if not days:
        return
    first = min(days, key=lambda day: (not day.is_past, day.due or date.max))
    text = _("%(count)d objections to be answered: %(due)s") % {"count": len(days), "due": first.shown}
    url = f"{page_url('publicity_objection_changelist')}?state=waiting"
    yield Task(text, url, first.left, is_late=first.is_overdue, count=len(days))


def _read_unstaffed(user: User, town: Town, *, on: date) -> Iterator[Task]:
    """Branches with members that have no recorder, or no secretary (5.1)."""
    branches = list(branches_for(user, on=on).filter(town=town).order_by("position", "pk"))
    placed = members_in([branch.pk for branch in branches], on).order_by()
    peopled = set(placed.values_list("branch_id_on_day", flat=True).distinct())  # type: ignore[misc] # an annotation
    offices = Appointment.objects.on(on).filter(branch__in=peopled, user__is_active=True)
    seats = set(offices.values_list("branch_id", "role"))
    for role, text in (
        (Appointment.Role.SECRETARY, _("%(count)d branches without a secretary: %(names)s")),
        (Appointment.Role.RECORDER, _("%(count)d branches without a recorder: %(names)s")),
    ):
        without = [branch for branch in branches if branch.pk in peopled and (branch.pk, role) not in seats]
        if without:
            values = {"count": len(without), "names": _name(without)}
            yield Task(text % values, page_url("members_appointment_changelist"), count=len(without))


def _name(branches: list[Branch]) -> str:
    names = "、".join(branch.name for branch in branches[:MOST_NAMED])
    return names if len(branches) <= MOST_NAMED else _("%(names)s and others") % {"names": names}
