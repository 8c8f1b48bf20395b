"""What a second half waits for: the year's own items and the second half's meeting, recorded or declared not held (D3).

Which items these are the rulebook says: base items due once a year (民主评议党员, 承诺践诺), meetings due once a half
(组织生活会). Recorded is what the branch held, or any of its members has a live record of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger import live
from members.access import Action, may
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Branch, User
from points.errors import NothingToDeclare
from points.models import MeetingKind, NotHeldDeclaration, PointEvent, Review
from points.rules.periods import H2, half_end
from points.rules.rulebook import BaseItem, Rulebook
from points.scoring.adoption import rulebook_for, rulebooks_of
from points.scoring.wording import name_period

Pair = tuple[str, str]
"""Item and period."""


@dataclass(frozen=True, slots=True)
class YearEndItem:
    """One item a second half waits for: since when it is recorded, and the declaration, if there is one."""

    item: BaseItem
    period: str
    recorded_on: date | None
    declaration: NotHeldDeclaration | None

    @property
    def settled_on(self) -> date | None:
        """The day since which the half does not wait for it any more; None while it does."""
        if self.recorded_on is not None:
            return self.recorded_on
        return timezone.localdate(self.declaration.at) if self.declaration else None

    @property
    def shown(self) -> str:
        return f"{self.item.name}（{name_period(self.period)}）"

    @property
    def shown_state(self) -> str:
        """How it stands, with who and when."""
        if self.recorded_on is not None:
            return _("recorded on %(day)s") % {"day": self.recorded_on}
        if self.declaration is not None:
            return _("declared not held this year any more: %(who)s, %(day)s (%(reason)s)") % {
                "who": self.declaration.by,
                "day": timezone.localdate(self.declaration.at),
                "reason": self.declaration.reason,
            }
        return _("neither recorded nor declared")


def year_end_items(rulebook: Rulebook, year: int) -> list[tuple[BaseItem, str]]:
    """The items and periods a second half waits for."""
    found = []
    for item in rulebook.base:
        if item.per == "year":
            found.append((item, str(year)))
        elif item.per == "half" and item in rulebook.meeting_items:
            found.append((item, f"{year}{H2}"))
    return found


def read_year_end(review: Review) -> list[YearEndItem]:
    """How they stand for a branch; empty for a first half; four queries. Raises NoRulebook (D1)."""
    if review.half != H2:
        return []
    items = year_end_items(rulebook_for(review.branch.town, review.year), review.year)
    settled = read_recorded([review.branch_id], [(item.code, period) for item, period in items])
    declared = {
        (row.item, row.period): row
        for row in NotHeldDeclaration.objects.filter(branch=review.branch_id).select_related("by")
    }
    return [
        YearEndItem(
            item,
            period,
            settled.get((review.branch_id, item.code, period)),
            declared.get((item.code, period)),
        )
        for item, period in items
    ]


def read_recorded(branch_ids: Collection[int], pairs: Iterable[Pair]) -> dict[tuple[int, str, str], date]:
    """The day on which each branch first recorded an item and period; two queries."""
    pairs = list(pairs)
    items, periods = {item for item, _period in pairs}, {period for _item, period in pairs}
    kinds = MeetingKind.objects.filter(
        live("meeting__batch"), meeting__branch__in=branch_ids, item__in=items, period__in=periods
    )
    held = kinds.order_by().values_list("meeting__branch", "item", "period").annotate(at=Min("meeting__batch__at"))
    events = PointEvent.objects.live().filter(
        member__memberships__branch__in=branch_ids, item__in=items, period__in=periods
    )
    earned = (
        events.order_by()
        .annotate(of_branch=F("member__memberships__branch"))
        .values_list("of_branch", "item", "period")
        .annotate(at=Min("batch__at"))
    )
    found: dict[tuple[int, str, str], date] = {}
    for branch_id, item, period, at in (*held, *earned):
        key, day = (branch_id, item, period), timezone.localdate(at)
        if branch_id is not None and (key not in found or day < found[key]):
            found[key] = day
    return found


def read_settled_days(branches: Sequence[Branch], year: int) -> dict[int, date]:
    """The day since which nothing of a year's end is missing, for branches of one town where that is so; five queries.

    Empty where the town adopted no rulebook for the year.
    """
    rulebook = rulebooks_of(branches[0].town).get(year) if branches else None
    if rulebook is None:
        return {}
    pairs = [(item.code, period) for item, period in year_end_items(rulebook, year)]
    ids = [branch.pk for branch in branches]
    recorded = read_recorded(ids, pairs)
    declared = {
        (row.branch_id, row.item, row.period): timezone.localdate(row.at)
        for row in NotHeldDeclaration.objects.filter(branch__in=ids)
    }
    found = {}
    for branch_id in ids:
        days = [recorded.get((branch_id, *pair)) or declared.get((branch_id, *pair)) for pair in pairs]
        settled = [day for day in days if day is not None]
        if len(settled) == len(pairs):
            found[branch_id] = max(settled, default=half_end(year, H2))
    return found


def refuse_unsettled(review: Review) -> str:
    """Why a second half cannot be submitted yet, naming what is missing; empty when it can."""
    missing = [entry for entry in read_year_end(review) if entry.settled_on is None]
    if not missing:
        return ""
    return _(
        "Still missing: %(items)s. Record them first; what is not held this year any more is declared on the half's "
        "page."
    ) % {"items": "、".join(entry.shown for entry in missing)}


def is_time_to_declare(review: Review, *, on: date) -> bool:
    """From the second half's last month on; before it can still be held."""
    return on >= half_end(review.year, H2).replace(day=1)


def declare_not_held(
    *, actor: User, now: datetime, review: Review, items: Sequence[str], reason: str
) -> list[NotHeldDeclaration]:
    """Declare that items of the year's end (by code) are not held this year any more.

    Raises:
        PermissionDenied: not the branch's recorder or secretary, nor the town's staff.
        MissingReason, TextTooLong.
        NothingToDeclare: nothing chosen, not an item the half waits for, or one recorded or declared already; the half
            is not a draft, or the second half has not begun to end: it is declared from its last month on.
    """
    reason = require_reason(reason)
    today = timezone.localdate(now)
    if not may(actor, Action.SUBMIT_REVIEW, review.branch, on=today):
        raise PermissionDenied(_("Only the branch's recorder or secretary, or the town's staff, declare this."))
    if not is_time_to_declare(review, on=today):
        raise NothingToDeclare(_("Declare it in December or later: until then it can still be held."))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        fresh = Review.objects.select_related("branch__town").get(pk=review.pk)
        if fresh.state != Review.State.DRAFT:
            raise NothingToDeclare(_("This half was submitted: nothing is declared for it any more."))
        open_items = {entry.item.code: entry for entry in read_year_end(fresh) if entry.settled_on is None}
        if not items or not set(items) <= open_items.keys():
            raise NothingToDeclare(
                _("Choose among what is neither recorded nor declared: %(items)s.")
                % {"items": "、".join(entry.shown for entry in open_items.values()) or "—"}
            )
        declared = NotHeldDeclaration.objects.bulk_create(
            NotHeldDeclaration(
                branch=fresh.branch,
                item=code,
                period=open_items[code].period,
                reason=reason,
                by=actor,
                at=now,
            )
            for code in dict.fromkeys(items)
        )
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="declare_not_held",
            subject=fresh,
            new={"reason": reason, "kinds": [[row.item, row.period] for row in declared]},
        )
    return declared
