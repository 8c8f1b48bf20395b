"""Posting and closing a notice (3.3, D9, D10): prepared, up channel by channel, closed when every line had its days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text
from members.models import Notification, User
from members.notifications import notify_users
from points.models import Review, ReviewLine
from points.reviews.steps import mark_final, mark_published
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import current_lines
from publicity.errors import NoticeRefused
from publicity.models import Channel, Closing, LinePosting, Notice, Posting
from publicity.notices.audience import accounts_of_audience
from publicity.notices.channels import required_channels
from publicity.notices.days_up import explain_open_notice, explain_unheard

MOST_DAYS = 60
CONTACT_LENGTH = 300


def notice_link(notice: Notice) -> str:
    """The address of the notice's page for members, without the host."""
    return reverse("notice", args=[notice.uuid])


def _require_secretary(actor: User, review: Review, now: datetime) -> None:
    if not may(actor, Action.APPROVE_REVIEW, review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(_("A notice is posted and closed by the branch's secretary or the town's staff."))


def _lock(notice: Notice) -> Notice:
    """The notice as it stands under its branch's lock; call inside `transaction.atomic()`."""
    lock_for_score(branch_ids=[notice.review.branch_id], member_ids=())
    return Notice.objects.select_related("review__branch__town").get(pk=notice.pk)


def prepare_notice(*, actor: User, now: datetime, review: Review, contact: str, days: int | None = None) -> Notice:
    """Make the notice of an approved half; the rulebook's days are the least it stays up.

    Raises:
        PermissionDenied, TextTooLong.
        NoticeRefused: not approved, no contact, too few days, prepared before, or findings without their papers (D18).
    """
    contact = fit_text(contact, most=CONTACT_LENGTH)
    _require_secretary(actor, review, now)
    settings = rulebook_for(review.branch.town, review.year).settings
    days = settings.notice_days if days is None else days
    if days < settings.notice_days:
        raise NoticeRefused(_("A notice stays up for at least %(days)d days.") % {"days": settings.notice_days})
    if days > MOST_DAYS:
        raise NoticeRefused(_("A notice stays up for at most %(days)d days.") % {"days": MOST_DAYS})
    if not contact:
        raise NoticeRefused(_("Say how and to whom people can object."))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        fresh = Review.objects.select_related("branch__town").get(pk=review.pk)
        if fresh.state != Review.State.APPROVED:
            raise NoticeRefused(_("Only an approved half can be posted."))
        if Notice.objects.filter(review=fresh).exists():
            raise NoticeRefused(_("The notice of this half was prepared before; open it."))
        _refuse_unheard(current_lines(fresh))
        notice = Notice.objects.create(
            review=fresh,
            days=days,
            working_days=settings.notice_day_kind == "working",
            required=required_channels(fresh.branch.town),
            contact=contact,
            prepared_at=now,
            prepared_by=actor,
        )
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="prepare_notice",
            subject=notice,
            new={"days": days, "channels": notice.required},
        )
    return notice


def post_notice(
    *, actor: User, now: datetime, notice: Notice, channels: Collection[str], posted_on: date, photo: str = ""
) -> Notice:
    """Enter that the notice went up on channels; with the last required one the half is published (D9).

    `photo` names a stored picture (`members.evidence.store`), kept with the first of them in `Channel`'s order. The
    branch's members are told once the page is theirs to open: with the web channel, or the last required one.

    Raises:
        PermissionDenied.
        NoticeRefused: in the future, before the approval, no channel or none such, entered before, or findings without
            their papers (D18).
    """
    _require_secretary(actor, notice.review, now)
    if not channels or not set(channels) <= set(Channel.values):
        raise NoticeRefused(_("There is no such channel."))
    _refuse_future(posted_on, now)
    with transaction.atomic():
        fresh = _lock(notice)
        review = fresh.review
        if review.state not in Review.FROZEN or review.approved_at is None:
            raise NoticeRefused(_("Only an approved half can be posted."))
        if posted_on < timezone.localdate(review.approved_at):
            raise NoticeRefused(_("The notice cannot have gone up before the half was approved."))
        if fresh.postings.filter(channel__in=channels).exists():
            raise NoticeRefused(_("This channel was entered before."))
        lines = current_lines(review)
        _refuse_unheard(lines)
        was_open = is_open_to_members(fresh)
        for channel in (each for each in Channel.values if each in channels):
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
            photo = ""
        if fresh.posted_on is None:
            _publish_when_up(fresh, lines, actor=actor, now=now)
        if not was_open and is_open_to_members(fresh):
            _tell_members(fresh, Notification.Kind.NOTICE_POSTED, now=now)
    return fresh


def is_open_to_members(notice: Notice) -> bool:
    """Whether the branch's members can open the page: it is up everywhere it must be, or the web page itself is up."""
    return notice.posted_on is not None or notice.postings.filter(channel=Channel.WEB).exists()


def _publish_when_up(notice: Notice, lines: Iterable[ReviewLine], *, actor: User, now: datetime) -> None:
    """With the last required channel: the clock runs, the lines on show are up, the half is published."""
    postings = {posting.channel: posting for posting in notice.postings.all() if posting.channel in notice.required}
    if set(notice.required) - postings.keys():
        return
    notice.posted_on = max(posting.posted_on for posting in postings.values())
    notice.save(update_fields=["posted_on"])
    _put_up(
        notice,
        [line for line in lines if all(_shows(posting, line) for posting in postings.values())],
        posted_on=notice.posted_on,
        photo="",
        actor=actor,
        now=now,
    )
    mark_published(actor=actor, now=now, review=notice.review)


def _shows(posting: Posting, line: ReviewLine) -> bool:
    """Whether what went up on a channel already had this revision of the line; a later one is put up on its own."""
    frozen_at = line.freeze.at
    return line.revision == 1 or (frozen_at <= posting.at and timezone.localdate(frozen_at) <= posting.posted_on)


def _put_up(
    notice: Notice, lines: Iterable[ReviewLine], *, posted_on: date, photo: str, actor: User, now: datetime
) -> None:
    LinePosting.objects.bulk_create(
        LinePosting(notice=notice, line=line, posted_on=posted_on, photo=photo, entered_by=actor, at=now)
        for line in lines
    )


def unposted_lines(notice: Notice) -> list[ReviewLine]:
    """The current lines that are not up yet: corrected since the notice went up."""
    posted = set(LinePosting.objects.filter(notice=notice).values_list("line_id", flat=True))
    return [line for line in current_lines(notice.review) if line.pk not in posted]


def post_revised_lines(*, actor: User, now: datetime, notice: Notice, posted_on: date, photo: str = "") -> int:
    """Enter that the corrected lines went up; from that day they have their full days (D10). Returns how many.

    `posted_on` is the day they were up on the last of the required channels.

    Raises:
        PermissionDenied.
        NoticeRefused: in the future, before the correction, not while the notice is up, none waiting, or findings
            without their papers (D18).
    """
    _require_secretary(actor, notice.review, now)
    _refuse_future(posted_on, now)
    with transaction.atomic():
        fresh = _lock(notice)
        if fresh.posted_on is None or fresh.review.state != Review.State.PUBLISHED:
            raise NoticeRefused(_("Corrected lines go up while the notice is up."))
        waiting = unposted_lines(fresh)
        if not waiting:
            raise NoticeRefused(_("No corrected line waits to be put up; it was entered before."))
        _refuse_unheard(waiting)
        earliest = max(fresh.posted_on, *(timezone.localdate(line.freeze.at) for line in waiting))
        if posted_on < earliest:
            raise NoticeRefused(
                _("The corrected lines cannot have gone up before %(date)s, when they were corrected.")
                % {"date": earliest}
            )
        _put_up(fresh, waiting, posted_on=posted_on, photo=photo, actor=actor, now=now)
        log_change(
            actor=actor,
            now=now,
            town=fresh.review.branch.town,
            verb="post_revised_lines",
            subject=fresh,
            new={"lines": len(waiting), "posted_on": posted_on.isoformat()},
        )
        _tell_members(fresh, Notification.Kind.NOTICE_CORRECTED, now=now)
    return len(waiting)


def close_notice(*, actor: User, now: datetime, notice: Notice, photo: str = "") -> Notice:
    """Close a notice whose every line had its days and whose objections are answered; the half is final.

    `photo` shows the notice still up at the end of its days.

    Raises:
        PermissionDenied, NoticeRefused (with every reason).
    """
    _require_secretary(actor, notice.review, now)
    with transaction.atomic():
        fresh = _lock(notice)
        if fresh.review.state == Review.State.FINAL:
            raise NoticeRefused(_("The notice was closed before."))
        reasons = explain_open_notice(fresh, now=now)
        if reasons:
            raise NoticeRefused(" ".join(reasons))
        Closing.objects.create(notice=fresh, photo=photo, by=actor, at=now)
        fresh.review = mark_final(actor=actor, now=now, review=fresh.review)
        log_change(actor=actor, now=now, town=fresh.review.branch.town, verb="close_notice", subject=fresh)
        _tell_members(fresh, Notification.Kind.NOTICE_CLOSED, now=now)
    return fresh


def _refuse_future(posted_on: date, now: datetime) -> None:
    if posted_on > timezone.localdate(now):
        raise NoticeRefused(_("Enter a posting on the day it happens, not before."))


def _refuse_unheard(lines: list[ReviewLine]) -> None:
    missing = explain_unheard(lines)
    if missing:
        raise NoticeRefused(missing)


def _tell_members(notice: Notice, kind: Notification.Kind, *, now: datetime) -> None:
    review = notice.review
    notify_users(
        users=accounts_of_audience(review, on=timezone.localdate(now)),
        now=now,
        kind=kind,
        branch=review.branch,
        period=notice.period,
        link=notice_link(notice),
    )
