"""Signing in to a meeting by phone: a code on the recorder's screen, one tap by each member who is there (D24).

A sign-in records nothing by itself. When the meeting is recorded, the recorder confirms the list: a picture of the code
can be passed on outside the room, so a scan is a help for the memory and no proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Branch, Member, Town, User
from members.people.naming import list_names
from members.selectors import branch_on
from points.errors import NotSignedIn, SignInRefused
from points.meetings.holding import record_meeting
from points.models import Announcement, Meeting, SignIn, SignInScan
from points.rules.periods import period_year
from points.scoring.adoption import rulebooks_of

LONGEST = timedelta(hours=12)
FARTHEST = timedelta(days=60)


def open_sign_in(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    opens_at: datetime,
    closes_at: datetime,
    token: UUID | None = None,
) -> SignIn:
    """Open a sign-in for a branch's meeting, now or for hours to come on one day; its link works within them alone.

    The same form sent twice (`token`) opens one.

    Raises:
        PermissionDenied.
        SignInRefused: the hours do not fit, or overlap another sign-in of the branch.
    """
    require_branch_action(actor, Action.RECORD, branch, on=timezone.localdate(now))
    if closes_at <= opens_at or closes_at <= now:
        raise SignInRefused(_("A sign-in closes after it opens, and not before now. Check the hours."))
    _check_length(opens_at, closes_at)
    if opens_at - now > FARTHEST or timezone.localdate(opens_at) < timezone.localdate(now):
        raise SignInRefused(_("A sign-in opens today, or within the next 60 days."))
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=())
        sent = SignIn.objects.filter(uuid=token, branch=branch, opened_by=actor).first() if token else None
        if sent is not None:
            return sent
        _check_alone(SignIn.objects.filter(branch=branch, closes_at__gt=now), branch, opens_at, closes_at)
        sign_in = SignIn.objects.create(
            uuid=token or uuid4(), branch=branch, opens_at=opens_at, closes_at=closes_at, opened_by=actor
        )
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="open_sign_in",
            subject=sign_in,
            new={"from": show_time(opens_at), "to": show_time(closes_at)},
        )
    return sign_in


def extend_sign_in(*, actor: User, now: datetime, sign_in: SignIn, closes_at: datetime) -> SignIn:
    """Keep a sign-in open longer, within its day: people come late, and their code stays the same.

    Raises:
        PermissionDenied.
        SignInRefused: it is over, or the new hour is not later, too late, or within another sign-in of the branch.
    """
    require_branch_action(actor, Action.RECORD, sign_in.branch, on=timezone.localdate(now))
    with transaction.atomic():
        lock_for_score(branch_ids=[sign_in.branch_id], member_ids=())
        fresh = _lock(sign_in)
        if fresh.closes_at <= now or fresh.meeting_id is not None:
            raise SignInRefused(_("This sign-in is over already. Open another one for who comes late."))
        if closes_at <= fresh.closes_at:
            raise SignInRefused(
                _("It closes at %(time)s as it is. Choose a later hour, or close it now.")
                % {"time": f"{timezone.localtime(fresh.closes_at):%H:%M}"}
            )
        _check_length(fresh.opens_at, closes_at)
        others = SignIn.objects.filter(branch=fresh.branch, closes_at__gt=now).exclude(pk=fresh.pk)
        _check_alone(others, fresh.branch, fresh.opens_at, closes_at)
        before, fresh.closes_at = fresh.closes_at, closes_at
        fresh.save(update_fields=["closes_at"])
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="extend_sign_in",
            subject=fresh,
            old={"to": show_time(before)},
            new={"to": show_time(closes_at)},
        )
    return fresh


def close_sign_in(*, actor: User, now: datetime, sign_in: SignIn) -> SignIn:
    """End a sign-in now; one that has not opened yet never will.

    Raises:
        PermissionDenied.
        SignInRefused: it is over.
    """
    require_branch_action(actor, Action.RECORD, sign_in.branch, on=timezone.localdate(now))
    with transaction.atomic():
        fresh = _lock(sign_in)
        if fresh.closes_at <= now:
            raise SignInRefused(_("This sign-in is over already."))
        _stamp_closing(fresh, now)
        log_change(actor=actor, now=now, town=sign_in.branch.town, verb="close_sign_in", subject=fresh)
    return fresh


def check_signing(*, actor: User, now: datetime, sign_in: SignIn) -> SignInScan | None:
    """The actor's scan where there is one, None where they can sign in now; the caller has locked what must not change.

    Raises:
        NotSignedIn: no member of the branch today, outside the hours, or the meeting was recorded.
    """
    member = _member_of(actor, sign_in, now)
    done = sign_in.scans.filter(member=member).first()
    if done is not None:
        return done
    if now < sign_in.opens_at:
        raise NotSignedIn(_("The sign-in opens at %(time)s. Come back then.") % {"time": show_time(sign_in.opens_at)})
    if now >= sign_in.closes_at or sign_in.meeting_id is not None:
        raise NotSignedIn(
            _("The sign-in closed at %(time)s. If you were there, tell the recorder, who enters it.")
            % {"time": show_time(sign_in.closes_at)}
        )
    return None


def _member_of(actor: User, sign_in: SignIn, now: datetime) -> Member:
    member = Member.objects.filter(pk=actor.member_id).first() if actor.member_id else None
    if member is None:
        raise NotSignedIn(_("Your account belongs to no party member, so it cannot sign in. Tell the recorder."))
    branch = branch_on(member, timezone.localdate(now))
    if branch is None or branch.pk != sign_in.branch_id:
        raise NotSignedIn(
            _("This sign-in is for members of %(branch)s. If you took part as a guest, tell the recorder.")
            % {"branch": sign_in.branch.name}
        )
    return member


def sign_in_self(*, actor: User, now: datetime, sign_in: SignIn) -> SignInScan:
    """The actor's member signs in, once; signing in again answers with the first time.

    Raises:
        NotSignedIn: see `check_signing`.
    """
    with transaction.atomic():
        fresh = _lock(sign_in)
        done = check_signing(actor=actor, now=now, sign_in=fresh)
        if done is not None:
            return done
        member = _member_of(actor, fresh, now)
        scan = SignInScan.objects.create(sign_in=fresh, member=member, at=now)
        log_change(actor=actor, now=now, town=member.town, verb="sign_in_self", subject=fresh)
    return scan


def record_signed_in_meeting(
    *,
    actor: User,
    now: datetime,
    sign_in: SignIn,
    held_on: date,
    kinds: Sequence[tuple[str, str]],
    statuses: Mapping[int, str],
    seen: int,
    topics: Mapping[str, str],
    topic: str = "",
    place: str = "",
    host: str = "",
    minutes: str = "",
    token: UUID | None = None,
) -> Meeting:
    """Record the meeting of a sign-in from the list the recorder confirmed, and close the sign-in.

    `seen` is how many had signed in when the list was made.

    Raises:
        SignInRefused: the meeting was recorded, another day, or somebody signed in after the list was made.
        The errors of `record_meeting`.
    """
    with transaction.atomic():
        lock_for_score(branch_ids=[sign_in.branch_id], member_ids=statuses)
        fresh = _lock(sign_in)
        if fresh.meeting_id is not None and not (token and _was_sent(fresh, token)):
            raise SignInRefused(_("The meeting of this sign-in is recorded. Change its attendance on its page."))
        if held_on != timezone.localdate(fresh.opens_at):
            raise SignInRefused(
                _("The sign-in was on %(day)s; its meeting cannot be of another day.")
                % {"day": timezone.localdate(fresh.opens_at)}
            )
        newcomers = [scan.member for scan in fresh.scans.order_by("at", "pk").select_related("member")][seen:]
        if newcomers and fresh.meeting_id is None:
            raise SignInRefused(
                _("%(names)s signed in while this page was open. Check their attendance below and save again.")
                % {"names": list_names(newcomers)}
            )
        meeting = record_meeting(
            actor=actor,
            now=now,
            branch=fresh.branch,
            held_on=held_on,
            kinds=kinds,
            statuses=statuses,
            topic=topic,
            place=place,
            host=host,
            minutes=minutes,
            topics=topics,
            token=token,
        )
        fresh.meeting = meeting
        if fresh.closes_at > now:
            _stamp_closing(fresh, now)
        fresh.save(update_fields=["meeting"])
    return meeting


def unrecorded_sign_ins(branch: Branch, *, first: date, last: date, now: datetime) -> QuerySet[SignIn]:
    """A branch's sign-ins of these days whose meeting is not recorded, each with `signed`: how many have signed in.

    Those that are over and to which nobody came are left out: they were opened by mistake.
    """
    rows = SignIn.objects.filter(branch=branch, meeting=None, opens_at__date__gte=first, opens_at__date__lte=last)
    return rows.annotate(signed=Count("scans")).filter(Q(signed__gt=0) | Q(closes_at__gt=now)).order_by("opens_at")


def name_announced(sign_in: SignIn) -> str:
    """What is held and where, as the branch announced it for the day; empty where it announced nothing.

    Of several on one day it is the one whose hour is nearest. Without a topic it is named by its kinds. At most three
    queries.
    """
    day = timezone.localdate(sign_in.opens_at)
    rows = Announcement.objects.open().filter(branch=sign_in.branch_id, day=day).prefetch_related("kinds")
    opens = timezone.localtime(sign_in.opens_at)

    def minutes_from(row: Announcement) -> int:
        return abs((row.starts.hour - opens.hour) * 60 + row.starts.minute - opens.minute)

    nearest = min(rows, key=minutes_from, default=None)
    if nearest is None:
        return ""
    return f"{nearest.topic or _name_kinds(nearest, sign_in.branch.town)} · {nearest.place}"


def _name_kinds(announcement: Announcement, town: Town) -> str:
    """Its kinds by the rulebook of each one's year: a free activity may be announced for a year without one."""
    kinds = list(announcement.kinds.all())
    if not kinds:
        return _("free activity")
    names = {year: rulebook.item_names() for year, rulebook in rulebooks_of(town).items()}
    return "、".join(names.get(period_year(kind.period), {}).get(kind.item, kind.item) for kind in kinds)


def sign_in_link(sign_in: SignIn) -> str:
    """The address of the page on which members confirm."""
    return reverse("sign_in", args=[sign_in.uuid])


def show_time(moment: datetime) -> str:
    """A moment in Shanghai to the minute."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _lock(sign_in: SignIn) -> SignIn:
    """The row as it stands, locked: a scan and a closing at once come one after the other."""
    return SignIn.objects.select_for_update(of=("self",)).select_related("branch__town").get(pk=sign_in.pk)


def _check_length(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at - opens_at > LONGEST or timezone.localdate(opens_at) != timezone.localdate(closes_at):
        raise SignInRefused(_("A sign-in lies within one day and lasts at most twelve hours."))


def _check_alone(others: QuerySet[SignIn], branch: Branch, opens_at: datetime, closes_at: datetime) -> None:
    other = others.filter(opens_at__lt=closes_at, closes_at__gt=opens_at).first()
    if other is not None:
        raise SignInRefused(
            _("%(branch)s has a sign-in from %(from)s to %(to)s already. Use that one, or close it first.")
            % {
                "branch": branch.name,
                "from": show_time(other.opens_at),
                "to": f"{timezone.localtime(other.closes_at):%H:%M}",
            }
        )


def _was_sent(sign_in: SignIn, token: UUID) -> bool:
    return sign_in.meeting is not None and sign_in.meeting.batch.uuid == token


def _stamp_closing(sign_in: SignIn, now: datetime) -> None:
    # One that has not opened yet lasts for the least the database tells apart.
    sign_in.opens_at = min(sign_in.opens_at, now - timedelta(microseconds=1))
    sign_in.closes_at = now
    sign_in.save(update_fields=["opens_at", "closes_at"])
