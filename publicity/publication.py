"""Posting and closing a notice (3.3, D9, D10): prepared, up channel by channel, closed when every line had its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.audit import log_change
from members.locks import lock_for_score
from members.models import Town, User
from points.adoption import rulebook_for
from points.freezing import current_lines, read_payload
from points.models import Deduction, Review, ReviewLine
from points.review import mark_final, mark_published
from publicity.clock import closes_at, last_day_up
from publicity.errors import NoticeRefused
from publicity.models import Channel, LinePosting, Notice, Posting, RequiredChannel
from publicity.workdays import TownCalendar
from veto.models import VetoRecord


@dataclass(frozen=True, slots=True)
class LineDays:
    """How long one current line must stay up: `last_day` is None until it is up."""

    line: ReviewLine
    posted_on: date | None
    last_day: date | None


def _require_secretary(actor: User, review: Review, now: datetime) -> None:
    if not may(actor, Action.APPROVE_REVIEW, review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(_("A notice is posted and closed by the branch's secretary or the town's staff."))


def required_channels(town: Town) -> list[str]:
    """The channels the town requires; the notice board when it entered none."""
    chosen = list(RequiredChannel.objects.filter(town=town).order_by("pk").values_list("channel", flat=True))
    return chosen or [Channel.BOARD.value]


def unheard_findings(lines: Sequence[ReviewLine]) -> int:
    """How many imported findings behind the lines lack their notice and the member's answer (D18)."""
    deductions = [uuid for line in lines for uuid in read_payload(line.payload).deductions]
    vetoes = [uuid for line in lines for uuid in read_payload(line.payload).vetoes]
    return (
        Deduction.objects.filter(uuid__in=deductions, answered_on__isnull=True).count()
        + VetoRecord.objects.filter(uuid__in=vetoes, answered_on__isnull=True).count()
    )


def prepare_notice(*, actor: User, now: datetime, review: Review, contact: str, days: int | None = None) -> Notice:
    """Make the notice of an approved half; the rulebook's days are the least it stays up.

    Raises:
        PermissionDenied.
        NoticeRefused: not approved, no contact, too few days, prepared before, or findings without their papers (D18).
    """
    _require_secretary(actor, review, now)
    settings = rulebook_for(review.branch.town, review.year).settings
    days = settings.notice_days if days is None else days
    if days < settings.notice_days:
        raise NoticeRefused(_("A notice stays up for at least %(days)d days (3.3).") % {"days": settings.notice_days})
    if not contact.strip():
        raise NoticeRefused(_("Say how and to whom people can object."))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        fresh = Review.objects.select_related("branch__town").get(pk=review.pk)
        if fresh.state != Review.State.APPROVED:
            raise NoticeRefused(_("Only an approved half can be posted."))
        if Notice.objects.filter(review=fresh).exists():
            raise NoticeRefused(_("The notice of this half was prepared before; open it."))
        missing = unheard_findings(current_lines(fresh))
        if missing:
            raise NoticeRefused(
                _(
                    "%(count)d imported findings of this half lack their notice to the member and the answer. "
                    "Enter both first."
                )
                % {"count": missing}
            )
        notice = Notice.objects.create(
            review=fresh,
            days=days,
            working_days=settings.notice_day_kind == "working",
            required=required_channels(fresh.branch.town),
            contact=contact.strip()[:300],
            prepared_at=now,
            prepared_by=actor,
        )
        log_change(actor=actor, now=now, town=fresh.branch.town, verb="prepare_notice", subject=notice)
    return notice


def post_notice(
    *, actor: User, now: datetime, notice: Notice, channel: str, posted_on: date, photo: str = ""
) -> Notice:
    """Enter that the notice went up on a channel; with the last required one the half is published (D9).

    Raises:
        PermissionDenied, NoticeRefused (in the future, before the approval, or entered before).
    """
    review = notice.review
    _require_secretary(actor, review, now)
    today = timezone.localdate(now)
    if posted_on > today:
        raise NoticeRefused(_("Enter a posting on the day it happens, not before."))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        fresh = Notice.objects.select_related("review__branch__town").get(pk=notice.pk)
        approved_at = fresh.review.approved_at
        if approved_at is not None and posted_on < timezone.localdate(approved_at):
            raise NoticeRefused(_("The notice cannot have gone up before the half was approved."))
        if fresh.postings.filter(channel=channel).exists():
            raise NoticeRefused(_("This channel was entered before."))
        Posting.objects.create(
            notice=fresh, channel=channel, posted_on=posted_on, photo=photo, entered_by=actor, at=now
        )
        log_change(
            actor=actor,
            now=now,
            town=review.branch.town,
            verb="post_notice",
            subject=fresh,
            new={"channel": channel, "posted_on": posted_on.isoformat()},
        )
        days_up = dict(fresh.postings.values_list("channel", "posted_on"))
        if fresh.posted_on is None and set(fresh.required) <= days_up.keys():
            fresh.posted_on = max(day for name, day in days_up.items() if name in fresh.required)
            fresh.save(update_fields=["posted_on"])
            lines = current_lines(fresh.review)
            LinePosting.objects.bulk_create(
                LinePosting(notice=fresh, line=line, posted_on=fresh.posted_on) for line in lines
            )
            mark_published(actor=actor, now=now, review=fresh.review)
    return fresh


def post_revised_lines(*, actor: User, now: datetime, notice: Notice, posted_on: date) -> int:
    """Enter that the corrected lines went up; from that day they have their full days (D10). Returns how many."""
    _require_secretary(actor, notice.review, now)
    with transaction.atomic():
        lock_for_score(branch_ids=[notice.review.branch_id], member_ids=())
        waiting = [days.line for days in line_days(notice) if days.posted_on is None]
        LinePosting.objects.bulk_create(LinePosting(notice=notice, line=line, posted_on=posted_on) for line in waiting)
        if waiting:
            log_change(
                actor=actor,
                now=now,
                town=notice.review.branch.town,
                verb="post_revised_lines",
                subject=notice,
                new={"lines": len(waiting), "posted_on": posted_on.isoformat()},
            )
    return len(waiting)


def line_days(notice: Notice) -> list[LineDays]:
    """For each current line the day it went up and the last day it must stay; raises UnknownWorkYear."""
    calendar = TownCalendar(notice.review.branch.town)
    posted = dict(LinePosting.objects.filter(notice=notice).values_list("line_id", "posted_on"))
    rows = []
    for line in current_lines(notice.review):
        posted_on = posted.get(line.pk)
        last_day = (
            last_day_up(posted_on, days=notice.days, working=notice.working_days, calendar=calendar)
            if posted_on
            else None
        )
        rows.append(LineDays(line, posted_on, last_day))
    return rows


def explain_open_notice(notice: Notice, *, now: datetime) -> list[str]:
    """Everything that keeps a notice from closing now, in words; empty when it may close."""
    reasons = []
    if notice.posted_on is None:
        missing = set(notice.required) - set(notice.postings.values_list("channel", flat=True))
        labels = "、".join(str(Channel(name).label) for name in notice.required if name in missing)
        reasons.append(_("It is not up yet on: %(channels)s.") % {"channels": labels})
        return reasons
    days = line_days(notice)
    if any(row.last_day is None for row in days):
        reasons.append(_("A corrected line has not been posted yet."))
    last_day = max((row.last_day for row in days if row.last_day), default=None)
    if last_day is not None and now < closes_at(last_day):
        reasons.append(_("It stays up until the end of %(date)s.") % {"date": last_day})
    unanswered = notice.objections.filter(answered_at__isnull=True).count()
    if unanswered:
        reasons.append(_("%(count)d objections are not answered yet.") % {"count": unanswered})
    return reasons


def close_notice(*, actor: User, now: datetime, notice: Notice) -> Notice:
    """Close a notice whose every line had its days and whose objections are answered; the half is final.

    Raises:
        PermissionDenied, NoticeRefused (with every reason), UnknownWorkYear.
    """
    _require_secretary(actor, notice.review, now)
    with transaction.atomic():
        lock_for_score(branch_ids=[notice.review.branch_id], member_ids=())
        fresh = Notice.objects.select_related("review__branch__town").get(pk=notice.pk)
        if fresh.review.state != Review.State.PUBLISHED:
            raise NoticeRefused(_("Only a posted half can become final."))
        reasons = explain_open_notice(fresh, now=now)
        if reasons:
            raise NoticeRefused(" ".join(reasons))
        fresh.closed_at, fresh.closed_by = now, actor
        fresh.save(update_fields=["closed_at", "closed_by"])
        mark_final(actor=actor, now=now, review=fresh.review)
        log_change(actor=actor, now=now, town=fresh.review.branch.town, verb="close_notice", subject=fresh)
    return fresh
