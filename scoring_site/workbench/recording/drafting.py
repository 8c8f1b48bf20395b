"""What the recording screens share so that an assistant's form becomes a draft and a recorder's a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.access import BRANCH_ROLES_FOR, Action, branches_for, may, reach_of
from members.models import Branch
from points.drafts.drafts import make_draft
from points.drafts.payloads import DraftContent
from points.rules.rulebook import Rulebook
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.choices import choose_branch
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.steps import FormStep, FormT, Outcome


def may_write(request: HttpRequest) -> bool:
    """Whether the recording screens are the user's for any branch; the menu asks."""
    reach = reach_of(actor_of(request), on=today_of(request))
    roles = BRANCH_ROLES_FOR[Action.RECORD] | BRANCH_ROLES_FOR[Action.DRAFT]
    return bool(reach.staff_towns or reach.branches_with(roles))


def require_writable_branches(request: HttpRequest) -> list[Branch]:
    """The branches where the user records or makes drafts; refused (403) where there is none."""
    user, today = actor_of(request), today_of(request)
    allowed = branches_for(user, on=today, action=Action.RECORD) | branches_for(user, on=today, action=Action.DRAFT)
    branches = list(allowed.select_related("town").order_by("town_id", "position", "id"))
    require(bool(branches))
    return branches


def hand_in_draft(request: HttpRequest, branch: Branch, content: DraftContent, token: UUID) -> Outcome:
    """Make the draft and lead to its page."""
    draft = make_draft(actor=actor_of(request), now=now_of(request), branch=branch, content=content, token=token)
    return Outcome(
        row_url(draft),
        _("Handed in. It counts once the recorder has confirmed it; until then you can withdraw it."),
    )


class RecordingStep(FormStep[FormT], Generic[FormT]):
    """A form of one branch: a recorder's is recorded, an assistant's becomes a draft."""

    branches: Sequence[Branch]
    branch: Branch | None
    drafts: bool
    rulebooks: dict[int, Rulebook]
    """Of the branch's town, by year."""

    def prepare(self) -> None:
        """The branch the address chose, or the only one."""
        self.take(require_writable_branches(self.request))

    def take(self, branches: Sequence[Branch]) -> None:
        """Choose among these branches, and say what becomes of the form there."""
        self.branches, self.branch = branches, choose_branch(self.request, branches)
        self.drafts = self.branch is not None and not may(self.actor, Action.RECORD, self.branch, on=self.today)
        self.rulebooks = catalogue_for(self.request).of_town(self.branch.town_id) if self.branch else {}

    def get_submit(self) -> Text:
        return _("Hand in as a draft") if self.drafts else super().get_submit()
