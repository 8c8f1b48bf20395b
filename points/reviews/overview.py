"""Where the half-years of some branches stand, and what is to be done about them; for lists and the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import Action, branches_for, reach_of
from members.models import AuditEntry, Branch, User
from members.notifications import Task
from members.selectors import members_in
from points.models import AssessmentYear, Review
from points.reviews.dates import DAYS_TOLD_BEFORE, DueDay, find_due_day, read_town_days
from points.reviews.guards import recorded_by, refuse_deputy, refuse_own_line
from points.reviews.members import members_of_half
from points.rules.periods import begun_halves, half_end
from points.scoring.wording import name_period


@dataclass(frozen=True, slots=True)
class UnopenedHalf:
    """A half a branch has members in and no review of."""

    branch: Branch
    year: int
    half: str
    due: DueDay | None


def with_returned(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Annotate `returned_at`: when the secretary last returned the half; None when never."""
    annotated: QuerySet[Review] = reviews.annotate(returned_at=Max("remarks__at"))
    return annotated


def find_returned_day(review: Review) -> date | None:
    """The day a draft (of `with_returned`) came back; None for one never submitted, or submitted again."""
    moment = getattr(review, "returned_at", None)
    return timezone.localdate(moment) if moment and review.state == Review.State.DRAFT else None


def read_reopening_reason(review: Review) -> str:
    """Why the town's staff opened a half again that is not final anew yet; empty for one opened by a correction."""
    if review.reopened_at is None:
        return ""
    entry = AuditEntry.objects.filter(
        object_type=review._meta.label_lower,
        object_id=str(review.uuid),
        verb="reopen_review",
        at=review.reopened_at,
    ).first()
    return str(entry.new["reason"]) if entry else ""


def read_unopened(branches: QuerySet[Branch], *, on: date) -> list[UnopenedHalf]:
    """The halves of this year and the last that have begun, per branch with members, without a review.

    Those that are over come first, since they wait, latest first; then the one that is running.

    A constant number of queries: the years adopted, the reviews, the dates, and the members of each of at most four
    half ends.
    """
    places = list(branches.select_related("town").order_by("town_id", "position", "id"))
    town_ids = {branch.town_id for branch in places}
    adopted = set(AssessmentYear.objects.filter(town__in=town_ids).values_list("town_id", "year"))
    begun = begun_halves((on.year, on.year - 1), on)
    begun.sort(key=lambda each: half_end(*each) >= on)
    opened = set(
        Review.objects.filter(branch__in=[branch.pk for branch in places], year__gte=on.year - 1).values_list(
            "branch_id", "year", "half"
        )
    )
    days = read_town_days(places)
    unopened = []
    for year, half in begun:
        peopled = set(
            members_in([branch.pk for branch in places], min(on, half_end(year, half)))
            .order_by()
            .values_list("branch_id_on_day", flat=True)  # type: ignore[misc] # an annotation
            .distinct()
        )
        for branch in places:
            wanted = (branch.town_id, year) in adopted and branch.pk in peopled
            if wanted and (branch.pk, year, half) not in opened:
                due = find_due_day(None, days.of(branch, year, half), on=on)
                unopened.append(UnopenedHalf(branch, year, half, due))
    return unopened


def read_late_halves(branches: QuerySet[Branch], *, on: date) -> dict[int, list[tuple[str, DueDay]]]:
    """Branch id to its halves that are late by the town's days, in words, the latest first; few queries."""
    found: dict[int, list[tuple[str, DueDay]]] = {}
    reviews = list(
        Review.objects.filter(
            branch__in=branches.values("pk"),
            state__in=(Review.State.DRAFT, Review.State.SUBMITTED, Review.State.APPROVED),
        ).select_related("branch__town")
    )
    days = read_town_days({review.branch for review in reviews})
    late = [
        (review.branch_id, f"{review.year}{review.half}", review.get_state_display(), due)
        for review in reviews
        if (due := find_due_day(review.state, days.of(review.branch, review.year, review.half), on=on)) and due.is_late
    ]
    late += [
        (half.branch.pk, f"{half.year}{half.half}", _("not opened"), half.due)
        for half in read_unopened(branches, on=on)
        if half.due and half.due.is_late
    ]
    for branch_id, period, state, due in sorted(late, key=lambda entry: entry[3].days_left):
        found.setdefault(branch_id, []).append((f"{name_period(period)}：{state} · {due.shown}", due))
    return found


def read_review_tasks(user: User, *, on: date) -> list[Task]:
    """What the user can do about half-years now, most urgent first: halves to open, drafts, returned ones, approvals.

    A constant number of queries, and a few for each half that waits for this user as a committee member.
    """
    submits = branches_for(user, on=on, action=Action.SUBMIT_REVIEW)
    approves = branches_for(user, on=on, action=Action.APPROVE_REVIEW)
    tasks = _read_committee_tasks(user, on=on)
    mine = set(submits.values_list("pk", flat=True))
    deciding = set(approves.values_list("pk", flat=True))
    if not mine | deciding:
        return tasks
    reviews = Review.objects.filter(
        branch__in=mine | deciding,
        state__in=(Review.State.DRAFT, Review.State.SUBMITTED, Review.State.APPROVED),
    ).select_related("branch__town")
    rows = list(with_returned(reviews))
    days = read_town_days({review.branch for review in rows})
    for review in rows:
        allowed = mine if review.state == Review.State.DRAFT else deciding
        due = find_due_day(review.state, days.of(review.branch, review.year, review.half), on=on)
        if review.branch_id in allowed and _is_time(review, due, on=on):
            tasks.append(_describe_task(review, due))
    for half in read_unopened(submits, on=on):
        if half_end(half.year, half.half) < on:
            due_in = half.due.days_left if half.due else DAYS_TOLD_BEFORE
            text = _("%(branch)s %(half)s: not opened yet") % {
                "branch": half.branch.name,
                "half": name_period(f"{half.year}{half.half}"),
            }
            tasks.append(_make_task(text, half.due, due_in, None))
    return sorted(tasks, key=lambda task: task.order)


def _read_committee_tasks(user: User, *, on: date) -> list[Task]:
    """Submitted halves of the user's own committees: the secretary's own line, or the whole decision (D19, D27)."""
    own = reach_of(user, on=on).branches_to(Action.APPROVE_OWN_LINE)
    waiting = Review.objects.filter(branch__in=own, state=Review.State.SUBMITTED).select_related("branch__town")
    days = read_town_days({review.branch for review in waiting})
    deciding = set(branches_for(user, on=on, action=Action.APPROVE_REVIEW).values_list("pk", flat=True))
    tasks = []
    for review in waiting.order_by("pk"):
        members = members_of_half(review.branch, review.year, review.half)
        texts = []
        if review.own_line_at is None and not refuse_own_line(review, user, members, today=on):
            texts.append(_("%(branch)s %(half)s: the secretary's own line waits for your approval"))
        is_deputy = review.branch_id not in deciding and not refuse_deputy(review, user, members, today=on)
        if is_deputy and not recorded_by(user, review, members):
            texts.append(_("%(branch)s %(half)s: no secretary can decide, so a committee member enters the decision"))
        due = find_due_day(review.state, days.of(review.branch, review.year, review.half), on=on)
        half = name_period(f"{review.year}{review.half}")
        for text in texts:
            named = text % {"branch": review.branch.name, "half": half}
            tasks.append(_make_task(named, due, due.days_left if due else 0, review))
    return tasks


def _is_time(review: Review, due: DueDay | None, *, on: date) -> bool:
    """A draft shows when it was returned, when its half is nearly over, or when its day draws near."""
    if review.state != Review.State.DRAFT or find_returned_day(review):
        return True
    return (half_end(review.year, review.half) - on).days <= DAYS_TOLD_BEFORE or (
        due is not None and due.days_left <= DAYS_TOLD_BEFORE
    )


def _describe_task(review: Review, due: DueDay | None) -> Task:
    texts = {
        Review.State.DRAFT: _("%(branch)s %(half)s: draft, to be submitted"),
        Review.State.SUBMITTED: _("%(branch)s %(half)s: submitted on %(day)s, waits for approval"),
        Review.State.APPROVED: _("%(branch)s %(half)s: approved on %(day)s, to be posted"),
    }
    text = texts[Review.State(review.state)]
    returned = find_returned_day(review) is not None
    if returned:
        text = _("%(branch)s %(half)s: returned, see the remarks and submit again")
    since = review.approved_at or review.submitted_at
    values = {
        "branch": review.branch.name,
        "half": name_period(f"{review.year}{review.half}"),
        "day": timezone.localdate(since) if since else "",
    }
    order = due.days_left if due else DAYS_TOLD_BEFORE
    return _make_task(text % values, due, min(order, 0) if returned else order, review)


def _make_task(text: str, due: DueDay | None, order: int, review: Review | None) -> Task:
    """Settled on the half's page; a half to be opened, in the list."""
    page = reverse("workbench:points_review_changelist")
    return Task(
        text=f"{text} · {due.shown}" if due else text,
        url=reverse("workbench:points_review_change", args=[review.pk]) if review else page,
        order=order,
        is_late=due is not None and due.is_late,
        step=_step_of(review),
    )


def _step_of(review: Review | None) -> str:
    """What is done about it next, in a word."""
    if review is None:
        return pgettext("task", "Open")
    steps = {
        Review.State.DRAFT: pgettext("task", "Submit"),
        Review.State.SUBMITTED: pgettext("task", "Approve"),
        Review.State.APPROVED: pgettext("task", "Post"),
    }
    return steps[Review.State(review.state)]
