"""What waits for the user on the workbench's home, most urgent first, each line leading to where it is settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import (
    Action,
    branches_for,
    findings_for,
    members_for,
    reach_of,
    rows_for,
)
from members.accounts.branch_resets import resets_to_confirm, resets_to_give
from members.accounts.second_person import appointments_to_confirm
from members.models import Branch, ExemptionApplication, Notification, User
from members.notifications import Task
from points.claims.claims import claims_to_answer
from points.drafts.drafts import unanswered_returns
from points.meetings.leaves import leaves_to_answer
from points.meetings.owed import OwedMonth, read_meetings_without_attendance, read_owed_months
from points.models import Claim, Draft, Rating
from points.results.probation import read_probation_reminders
from points.results.tasks import read_rating_tasks
from points.reviews.guidance import read_guidance_tasks
from points.reviews.overview import read_review_tasks
from points.rules.periods import half_of, half_start
from publicity.notices.tasks import read_notice_tasks
from publicity.objections.deadlines import reminders_for
from publicity.objections.objections import work_link
from publicity.rechecking.access import corrections_to_review
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.seats import branches_recorded_by
from scoring_site.workbench.setting_up import read_next_year_tasks
from veto.models import Deduction, Finding, VetoRecord

MOST_TASKS = 12
"""How many lines of one kind the home page shows; their lists have them all."""


WEEK = 7
"""Whatever is due within so many days, or could be done already, is for this week."""


def read_tasks(user: User, *, on: date) -> list[Task]:
    """What waits for the user; a constant number of queries. The day an objection must be answered comes first."""
    rest = [
        *read_review_tasks(user, on=on)[:MOST_TASKS],
        *read_guidance_tasks(user, on=on)[:MOST_TASKS],
        *read_notice_tasks(user, on=on),
        *read_rating_tasks(user, on=on),
        *_recording_tasks(user, on=on),
        *_waiting_tasks(user, on=on),
        *_job_tasks(user),
    ]
    rest += [*_deferred_tasks(user, on=on), *_probation_tasks(user, on=on), *read_next_year_tasks(user, on=on)]
    return [*_objection_tasks(user, on=on), *sorted(rest, key=lambda task: task.order)]


def is_soon(task: Task) -> bool:
    """Late, or for this week."""
    return task.is_late or task.order <= WEEK


def group_tasks(tasks: Iterable[Task]) -> list[tuple[str, list[Task]]]:
    """What is late, what is for this week, what can be done later; each with its title, none without a line."""
    groups: dict[str, list[Task]] = {_("Late"): [], _("This week"): [], _("Later"): []}
    late, week, later = groups.values()
    for task in tasks:
        (late if task.is_late else week if is_soon(task) else later).append(task)
    return [(title, found) for title, found in groups.items() if found]


def _objection_tasks(user: User, *, on: date) -> list[Task]:
    return [
        Task(
            _("Objection no. %(receipt)s: %(due)s") % {"receipt": day.objection.receipt, "due": day.shown},
            work_link(day.objection),
            day.left,
            is_late=day.is_overdue,
            step=pgettext("task", "Answer"),
        )
        for day in reminders_for(user, on=on)[:MOST_TASKS]
    ]


def _job_tasks(user: User) -> Iterator[Task]:
    """Files that the worker made, or could not, until their owner looks; one query."""
    kinds = (Notification.Kind.JOB_READY, Notification.Kind.JOB_FAILED)
    told = Notification.objects.filter(user=user, kind__in=kinds, read_at__isnull=True)
    for note in told[:MOST_TASKS]:
        yield Task(f"{note.get_kind_display()}：{note.about}", note.link)


def _deferred_tasks(user: User, *, on: date) -> Iterator[Task]:
    """Deferred ratings, for who enters them and for the town: by which day they are decided (D14); one query."""
    branches = branches_for(user, on=on, action=Action.APPROVE_REVIEW)
    later = Rating.objects.filter(member=OuterRef("member"), year=OuterRef("year"), pk__gt=OuterRef("pk"))
    waiting = Rating.objects.filter(~Exists(later), settle_by__isnull=False, branch__in=branches.values("pk"))
    rows = waiting.order_by("settle_by", "branch_id").values_list("branch_id", "branch__name", "year", "settle_by")
    for (branch_id, name, year, day), count in islice(Counter(rows).items(), MOST_TASKS):
        assert day is not None
        left = (day - on).days
        yield Task(
            _("%(branch)s: %(count)d deferred ratings of %(year)s are decided by %(day)s")
            % {"branch": name, "count": count, "year": year, "day": day},
            page_url("points_rating_sheet", branch_id, year),
            left,
            is_late=left < 0,
        )


def _probation_tasks(user: User, *, on: date) -> Iterator[Task]:
    """For the secretary: on probation, and vetoed or below the pass mark; what follows the branch decides (D18)."""
    own = reach_of(user, on=on).branches_to(Action.DECIDE_FINDING)
    for reminder in read_probation_reminders(own, on=on)[:MOST_TASKS] if own else ():
        text = (
            _("%(name)s is on probation and vetoed in %(year)s: take up their probation (a reminder, no conclusion)")
            if reminder.veto
            else _(
                "%(name)s is on probation and below the pass mark in %(year)s: take up their probation (a reminder, no "
                "conclusion)"
            )
        )
        yield Task(
            text % {"name": reminder.member.listed_name, "year": reminder.year},
            row_url(reminder.veto or reminder.member),
        )


def _recording_tasks(user: User, *, on: date) -> Iterator[Task]:
    """What the branches the user records for still owe; a town's staff sees its branches' in the overview instead."""
    own = branches_recorded_by(user, on=on)
    branches = list(Branch.objects.filter(pk__in=own).order_by("position", "pk"))
    if not branches:
        return
    several = len(branches) > 1
    for line in read_owed_months(branches, on=on):
        text = f"{line.branch.name} {line.shown}" if several else line.shown
        left = line.days_left(on)
        yield Task(text, _month_link(line), left, is_late=left < 0, step=pgettext("task", "Record"))
    for meeting in read_meetings_without_attendance(branches, since=half_start(on.year - 1, half_of(on)))[:MOST_TASKS]:
        yield Task(
            _("%(meeting)s of %(branch)s has no attendance yet")
            % {"meeting": str(meeting).strip(), "branch": meeting.branch.name},
            page_url("points_meeting_change", meeting.pk),
            (meeting.held_on - on).days,
            is_late=True,
            step=pgettext("task", "Record"),
        )


def _month_link(line: OwedMonth) -> str:
    if line.month:
        return f"{page_url('month')}?branch={line.branch.pk}&month={line.month}"
    sheet = page_url("ticks", line.branch.pk)
    return f"{sheet}?item={line.owed[0].item.code}&year={line.year}"


def _waiting_tasks(user: User, *, on: date) -> Iterator[Task]:
    """What others handed in or what must go on: one line for each kind, with how long the oldest has waited."""
    proposing = branches_for(user, on=on, action=Action.PROPOSE_FINDING).exists()
    deciding = members_for(user, on=on, action=Action.DECIDE_FINDING)
    if branches_for(user, on=on, action=Action.RECORD).exists():
        claims = claims_to_answer(user, on=on)
        claims_url = f"{page_url('points_claim_changelist')}?state={Claim.State.WAITING.value}"
        yield from count_waiting(claims, "filed_at", _("%(count)d claims wait for an answer"), claims_url, on=on)
        leaves = leaves_to_answer(user, on=on)
        leaves_url = f"{page_url('points_announcement_changelist')}?state=open"
        yield from count_waiting(leaves, "asked_at", _("%(count)d requests for leave wait"), leaves_url, on=on)
        drafts = rows_for(user, Draft.objects.filter(state=Draft.State.WAITING), on=on, action=Action.RECORD)
        drafts_url = f"{page_url('points_draft_changelist')}?state={Draft.State.WAITING.value}"
        yield from count_waiting(drafts, "made_at", _("%(count)d drafts wait to be confirmed"), drafts_url, on=on)
    if reach_of(user, on=on).branches_to(Action.DRAFT):
        returned_url = f"{page_url('points_draft_changelist')}?state={Draft.State.RETURNED.value}"
        text = _("%(count)d drafts came back with a remark: read it and make another")
        yield from count_waiting(unanswered_returns(user), "decided_at", text, returned_url, on=on)
    yield from count_waiting(
        corrections_to_review(user, on=on),
        "at",
        _("%(count)d corrections wait for your review"),
        f"{page_url('publicity_enteredcorrection_changelist')}?state=waiting",
        on=on,
    )
    decides = branches_for(user, on=on, action=Action.DECIDE_FINDING).exists()
    kinds: Iterable[tuple[QuerySet[Any], str, str]] = (
        (Deduction.objects.all(), "veto_deduction_changelist", _("deductions")),
        (VetoRecord.objects.all(), "veto_vetorecord_changelist", _("vetoes")),
    )
    reach = reach_of(user, on=on)
    letting_through = bool(reach.staff_towns)
    if reach.towns_with(Action.CONFIRM_ROLE):
        text = _("%(count)d appointments wait for another person to confirm them")
        appointments_url = f"{page_url('members_appointment_changelist')}?state=waiting"
        yield from count_waiting(appointments_to_confirm(user, on=on), "made_at", text, appointments_url, on=on)
    resets_url = f"{page_url('members_passwordreset_changelist')}?state="
    text = _("%(count)d resets of a password wait for you as the second officer")
    yield from count_waiting(resets_to_give(user, on=on), "asked_at", text, f"{resets_url}asked", on=on)
    if reach.towns_with(Action.KEEP_ACCOUNTS):
        text = _("%(count)d resets of a password wait to be confirmed by the town")
        yield from count_waiting(resets_to_confirm(user, on=on), "given_at", text, f"{resets_url}given", on=on)
    steps = (
        (Finding.Step.TO_CLEAR, letting_through, _("%(count)d %(kind)s: to be let through by the town")),
        (Finding.Step.TO_TELL, proposing, _("%(count)d %(kind)s: the member is to be told")),
        (Finding.Step.TO_ANSWER, proposing, _("%(count)d %(kind)s: told, no statement entered yet")),
        (Finding.Step.TO_DECIDE, decides, _("%(count)d %(kind)s: heard, to be decided by the committee")),
    )
    for rows, page, kind in kinds:
        for step, is_mine, text in steps:
            if is_mine:
                found = findings_for(user, rows.at_step(step), on=on)  # type: ignore[attr-defined]
                yield from count_waiting(found, "batch__at", text, f"{page_url(page)}?state={step}", on=on, kind=kind)
        if letting_through:
            appealed = findings_for(user, rows.with_appeal(), on=on)  # type: ignore[attr-defined]
            text = _("%(count)d %(kind)s: an appeal waits for the town's answer")
            yield from count_waiting(
                appealed, "appeals__entered_at", text, f"{page_url(page)}?state=appealed", on=on, kind=kind
            )
    if decides:
        waiting = ExemptionApplication.objects.filter(
            member__in=deciding.values("pk"), state=ExemptionApplication.State.WAITING
        )
        text = _("%(count)d applications for exemption wait")
        yield from count_waiting(
            waiting, "at", text, f"{page_url('members_exemptionapplication_changelist')}?state=waiting", on=on
        )


def count_waiting(rows: QuerySet[Any], moment: str, text: str, url: str, *, on: date, kind: Any = "") -> Iterator[Task]:
    """One line for rows that wait, or none; one query."""
    found = rows.order_by().aggregate(count=Count("pk", distinct=True), since=Min(moment))
    if found["count"]:
        waited = (on - timezone.localdate(found["since"])).days
        words = text % {"count": found["count"], "kind": kind}
        since = _("for %(days)d days") % {"days": waited} if waited else _("since today")
        yield Task(f"{words}（{since}）", url, -waited, count=found["count"])
