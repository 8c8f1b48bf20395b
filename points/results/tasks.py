"""What waits for a branch about a final year: members without a rating (4.1, D14)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import BRANCH_ROLES_FOR, Action, reach_of
from members.models import User
from members.notifications import Task
from points.models import Review
from points.results.ratings import read_rating_sheet, whom_to_rate
from points.rules.periods import H2


def read_rating_tasks(user: User, *, on: date) -> list[Task]:
    """How many members of the user's own branches have no rating of last year yet, of those the user may rate.

    A committee member finds the secretary's here, nobody their own (D14). A few queries for each final year; the town's
    staff, who could enter every branch's, finds them in the list of ratings.
    """
    reach = reach_of(user, on=on)
    own = reach.branches_with(BRANCH_ROLES_FOR[Action.APPROVE_REVIEW] | BRANCH_ROLES_FOR[Action.APPROVE_OWN_LINE])
    final = Review.objects.filter(branch__in=own, year=on.year - 1, half=H2, state=Review.State.FINAL)
    tasks = []
    for review in final.select_related("branch__town").order_by("branch__position", "branch_id"):
        sheet = read_rating_sheet(review.branch, review.year)
        mine = whom_to_rate(user, sheet, on=on)
        waiting = sum(1 for row in sheet.rows if row.allowed and row.current is None and row.member.pk in mine)
        if waiting:
            text = _("%(branch)s: %(count)d members have no rating of %(year)s yet")
            values = {"branch": review.branch.name, "count": waiting, "year": review.year}
            address = reverse("workbench:points_rating_sheet", args=[review.branch_id, review.year])
            tasks.append(Task(text % values, address, step=pgettext("task", "Rate")))
    return tasks
