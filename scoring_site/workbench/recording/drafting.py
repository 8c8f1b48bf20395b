"""What the recording screens share so that an assistant's form becomes a draft and a recorder's a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.access import BRANCH_ROLES_FOR, Action, branches_for, may, reach_of
from members.models import Branch, User
from points.drafts.drafts import make_draft
from points.drafts.payloads import DraftContent
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.choices import choose_branch
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.steps import Outcome


def writable_branches(user: User, *, on: date) -> QuerySet[Branch]:
    """The branches whose recording screens the user may use: to record, or to make drafts."""
    allowed = branches_for(user, on=on, action=Action.RECORD) | branches_for(user, on=on, action=Action.DRAFT)
    return allowed.select_related("town").order_by("town_id", "position", "id")


def may_write(request: HttpRequest) -> bool:
    """Whether the recording screens are the user's for any branch; the menu asks."""
    reach = reach_of(actor_of(request), on=today_of(request))
    roles = BRANCH_ROLES_FOR[Action.RECORD] | BRANCH_ROLES_FOR[Action.DRAFT]
    return bool(reach.staff_towns or reach.branches_with(roles))


def choose_writable_branch(request: HttpRequest) -> tuple[Sequence[Branch], Branch | None]:
    """The branches whose recording screens the user may use (none: 403); the one the address names, or the only one."""
    branches = list(writable_branches(actor_of(request), on=today_of(request)))
    require(bool(branches))
    return branches, choose_branch(request, branches)


def drafts_only(request: HttpRequest, branch: Branch | None) -> bool:
    """Whether the user's form for this branch becomes a draft."""
    return branch is not None and not may(actor_of(request), Action.RECORD, branch, on=today_of(request))


def hand_in_draft(request: HttpRequest, branch: Branch, drafted: DraftContent, token: UUID) -> Outcome:
    """Make the draft and lead to its page."""
    draft = make_draft(actor=actor_of(request), now=now_of(request), branch=branch, drafted=drafted, token=token)
    return Outcome(
        row_url(draft),
        _("Handed in. It counts once the recorder has confirmed it; until then you can withdraw it."),
    )
