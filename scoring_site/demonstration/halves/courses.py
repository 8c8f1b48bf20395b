"""The half-year reviews (3.2, 3.3): every branch's half from its submission to final, each step at its moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from members.models import User
from points.evidence.links import attach_evidence
from points.models import PointEvent, Review
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.members import members_of_half
from points.reviews.stays import read_unproved_stays
from points.reviews.steps import (
    CommitteeMeeting,
    approve_own_line,
    approve_review,
    open_review,
    reopen_review,
    return_review,
    submit_review,
)
from points.rules.periods import H1, HALVES
from publicity.corrections.plans import CorrectionPlan
from publicity.models import Channel, EnteredCorrection, Notice, Objection
from publicity.notices.audience import record_reading
from publicity.notices.days_up import last_day_of, line_days
from publicity.notices.publication import close_notice, post_notice, post_revised_lines, prepare_notice
from publicity.objections.objections import answer_objection, note_investigation, raise_objection
from publicity.rechecking.steps import DecidingMeeting, enter_correction, review_correction
from scoring_site.demonstration.accounts import SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, Entry, at
from scoring_site.demonstration.halves.results import plan_results
from scoring_site.demonstration.halves.stories import (
    LAST_YEAR,
    PLAIN,
    THIS_YEAR,
    Deed,
    Objected,
    Reopened,
    Returned,
    Story,
)
from scoring_site.demonstration.people.roster import BRANCHES, BranchPlan
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.pictures import draw_paper, keep_board, keep_meeting, keep_paper
from scoring_site.demonstration.town_rules import CHANNELS

_POSTED_LATELY = timedelta(days=3)
_SEATS = 4
"""Members of a branch committee."""


def plan_reviews(diary: Diary, folk: Townsfolk, *, now: datetime) -> None:
    """Put the submission of every half of both years into the diary; each step leads to the next."""
    for year, stories in ((folk.last_year, LAST_YEAR), (folk.this_year, THIS_YEAR)):
        for half in HALVES:
            # After the party days on which June's and December's arrears of dues are paid, the last on a 20th.
            first = date(year, 7, 21) if half == H1 else date(year + 1, 1, 21)
            for order, plan in enumerate(BRANCHES):
                course = _Course(diary, folk, plan, year, half, stories.get((plan.key, half), PLAIN), now)
                diary.add(at(first + timedelta(days=order // 3), 16, order), course.begin)


class _Course:
    """One branch's half; each method is a diary entry and puts the next ones into the diary."""

    def __init__(
        self, diary: Diary, folk: Townsfolk, plan: BranchPlan, year: int, half: str, story: Story, until: datetime
    ) -> None:
        self._diary = diary
        self._folk = folk
        self._plan = plan
        self._year = year
        self._half = half
        self._story = story
        self._until = until
        self._branch = folk.branches[plan.key]
        self._recorder = folk.recorders[plan.key]
        self._secretary = folk.secretaries[plan.key]
        self._closes: datetime | None = None

    @property
    def _about(self) -> str:
        """What tells this half's photos from others'."""
        return f"{self._plan.key}/{self._year}{self._half}"

    def _photo(self, what: str) -> str:
        """A photo of the notice board; only the shown branch takes any."""
        return keep_board(f"{self._about}/{what}") if self._plan.key == SHOWN_BRANCH else ""

    @property
    def _review(self) -> Review:
        return open_review(branch=self._branch, year=self._year, half=self._half)

    @property
    def _notice(self) -> Notice:
        return Notice.objects.select_related("review__branch__town").get(review=self._review)

    @property
    def _objection(self) -> Objection:
        return Objection.objects.select_related("notice__review__branch__town").get(notice=self._notice)

    def _then(self, now: datetime, days: int, hour: int, minute: int, entry: Entry) -> None:
        """Put an entry so many days after today."""
        self._diary.add(at(timezone.localdate(now) + timedelta(days=days), hour, minute), entry)

    def begin(self, now: datetime) -> None:
        review = self._review
        if self._story.ends == Review.State.DRAFT:
            return
        self._prove_stays(review, now)
        submit_review(actor=self._recorder, now=now, review=review)
        if self._story.returned:
            self._then(now, 1, 11, 0, self._return_line)
        elif self._story.ends != Review.State.SUBMITTED:
            self._await_approval(now)

    def _prove_stays(self, review: Review, now: datetime) -> None:
        """Who took part where they stay sent a photo of their 活动证 (D24)."""
        members = members_of_half(self._branch, self._year, self._half)
        for member_id, event in read_unproved_stays(review, members).items():
            paper = replace(draw_paper(f"stay/{member_id}"), name="流动党员活动证.jpg")
            attach_evidence(actor=self._recorder, now=now, files=[paper], subject=event)

    def _return_line(self, now: datetime) -> None:
        returned = self._returned
        remarks = {self._folk.members[returned.person].pk: returned.remark}
        return_review(actor=self._secretary, now=now, review=self._review, line_remarks=remarks)
        self._then(now, 1, 9, 30, self._fix_line)

    def _fix_line(self, now: datetime) -> None:
        record_events(
            actor=self._recorder,
            now=now,
            town=self._folk.town,
            branch=self._branch,
            entries=[self._entry(self._returned.person, self._returned.missing)],
        )
        submit_review(actor=self._recorder, now=now, review=self._review)
        self._await_approval(now)

    def _await_approval(self, now: datetime) -> None:
        self._then(now, 1, 10, 0, self._approve_own_line)
        self._then(now, 4, 19, 30, self._approve)

    def _approve_own_line(self, now: datetime) -> None:
        approve_own_line(actor=self._somebody_else, now=now, review=self._review, is_unrelated=True)

    @property
    def _somebody_else(self) -> User:
        """Beside the secretary: a member of the shown branch's committee, the town's staff elsewhere (D10, D19)."""
        return self._folk.users["committee"] if self._plan.key == SHOWN_BRANCH else self._folk.staff

    @property
    def _body(self) -> tuple[int, str]:
        """Who decides: how many are expected, and what the body is called."""
        return (_SEATS, "支委会") if self._plan.has_committee else (self._plan.size, "党员大会")

    def _approve(self, now: datetime) -> None:
        expected, body = self._body
        meeting = CommitteeMeeting(
            met_on=timezone.localdate(now),
            met_at="村党群服务中心" if "村" in self._plan.name else "党员活动室",
            expected=expected,
            present=expected - 1,
            minutes=f"{body}逐人核对半年积分及佐证材料，一致同意提交公示；要求组织委员妥善保管签到表和照片。",
            photo=keep_meeting(self._about) if self._plan.key == SHOWN_BRANCH else "",
        )
        approve_review(actor=self._secretary, now=now, review=self._review, meeting=meeting)
        days = 1
        if self._story.posted_lately:
            days = max(days, (timezone.localdate(self._until - _POSTED_LATELY) - timezone.localdate(now)).days)
        self._then(now, days, 9, 0, self._prepare)

    def _prepare(self, now: datetime) -> None:
        prepare_notice(
            actor=self._secretary,
            now=now,
            review=self._review,
            contact=f"可向{self._plan.name}组织委员或镇党建办口头、电话或书面提出，也可登录系统在公示页提出。",
        )
        for channel in CHANNELS[:-1]:
            self._post(channel, now)
        if self._story.posted_lately:
            self._then(now, 0, 9, 10, self._go_online)
        else:
            self._then(now, 1, 9, 0, self._go_online)

    def _post(self, channel: Channel, now: datetime) -> None:
        post_notice(
            actor=self._secretary,
            now=now,
            notice=self._notice,
            channels=[channel],
            posted_on=timezone.localdate(now),
            photo=self._photo("up") if channel == Channel.BOARD else "",
        )

    def _go_online(self, now: datetime) -> None:
        """The last required channel: the half is published and its days run."""
        self._post(CHANNELS[-1], now)
        self._await_closing()
        if self._plan.key == SHOWN_BRANCH:
            self._then(now, 0, 18, 5, self._read)
        if self._story.objected:
            self._then(now, 1, 14, 20, self._object)

    def _read(self, now: datetime) -> None:
        for username in ("member", "committee", "assistant"):
            record_reading(user=self._folk.users[username], now=now, notice=self._notice)

    def _object(self, now: datetime) -> None:
        objected = self._objected
        raise_objection(
            actor=self._folk.users[objected.by] if objected.by else self._recorder,
            now=now,
            notice=self._notice,
            text=objected.text,
            about=self._folk.members[objected.person],
            via=objected.via,
            objector_name=objected.name,
            scan=keep_paper(self._about) if objected.via == Objection.Via.PAPER else "",
        )
        if objected.answer:
            self._then(now, 1, 15, 0, self._investigate)
            self._then(now, 2, 20, 0, self._correct if objected.missing else self._explain)

    def _investigate(self, now: datetime) -> None:
        note_investigation(actor=self._secretary, now=now, objection=self._objection, text=self._objected.note)

    def _explain(self, now: datetime) -> None:
        answer_objection(
            actor=self._secretary, now=now, objection=self._objection, answer=self._objected.answer, is_unrelated=True
        )

    def _correct(self, now: datetime) -> None:
        objected, objection = self._objected, self._objection
        assert objected.missing is not None, "an objection that is explained corrects nothing"
        plan = CorrectionPlan(
            review=self._review,
            member=self._folk.members[objected.person],
            decided_on=timezone.localdate(now),
            reason="异议核实：竞赛获奖漏记，经支委会研究补记。",
            record=(self._entry(objected.person, objected.missing),),
        )
        self._enter(plan, now, objection=objection, answer=objected.answer)
        self._then(now, 1, 8, 30, self._review_corrections)

    def _enter(
        self, plan: CorrectionPlan, now: datetime, *, objection: Objection | None = None, answer: str = ""
    ) -> None:
        """The secretary enters what the committee decided; another officer reviews it the next morning (D10)."""
        expected, body = self._body
        enter_correction(
            actor=self._secretary,
            now=now,
            plan=plan,
            meeting=DecidingMeeting(expected, expected - 1, f"{body}核对台账和佐证材料，一致同意更正。"),
            is_unrelated=True,
            objection=objection,
            answer=answer,
        )

    def _review_corrections(self, now: datetime) -> None:
        for entered in EnteredCorrection.objects.filter(review=self._review, settled_at__isnull=True).order_by("pk"):
            review_correction(actor=self._somebody_else, now=now, entered=entered, is_unrelated=True)
        self._then(now, 0, 9, 0, self._post_revised)

    def _post_revised(self, now: datetime) -> None:
        post_revised_lines(
            actor=self._secretary,
            now=now,
            notice=self._notice,
            posted_on=timezone.localdate(now),
            photo=self._photo("revised"),
        )
        self._await_closing()

    def _await_closing(self) -> None:
        """Closed the morning after the last day of all lines; a line put up later moves that day (D9, D10)."""
        last_day = last_day_of(line_days(self._notice))
        assert last_day is not None, "the notice is up"
        self._closes = at(last_day + timedelta(days=1), 9)
        self._diary.add(self._closes, self._close)

    def _close(self, now: datetime) -> None:
        if now != self._closes:
            return
        review = self._review
        is_first_closing = review.reopened_at is None
        close_notice(actor=self._secretary, now=now, notice=self._notice, photo=self._photo(f"end {now:%m-%d}"))
        if is_first_closing:
            plan_results(self._diary, self._folk, self._plan, review, closed_on=timezone.localdate(now))
            if self._story.reopened:
                self._then(now, 20, 10, 0, self._reopen)

    def _reopen(self, now: datetime) -> None:
        reopen_review(actor=self._folk.staff, now=now, review=self._review, reason=self._reopened.why)
        self._then(now, 1, 20, 0, self._put_right)

    def _put_right(self, now: datetime) -> None:
        reopened = self._reopened
        wrong = self._folk.members[reopened.wrong]
        day = date(self._year, reopened.deed.month, reopened.deed.day)
        event = PointEvent.objects.live().get(member=wrong, item=reopened.deed.item, date=day)
        today = timezone.localdate(now)
        right = self._folk.members[reopened.right]
        plan = CorrectionPlan(self._review, wrong, today, reopened.reason, void=(event,))
        self._enter(plan, now)
        record = (self._entry(reopened.right, reopened.deed),)
        self._enter(CorrectionPlan(self._review, right, today, reopened.reason, record=record), now)
        self._then(now, 1, 8, 30, self._review_corrections)

    def _entry(self, person: str, deed: Deed) -> EventEntry:
        day = date(self._year, deed.month, deed.day)
        return EventEntry(self._folk.members[person].pk, deed.item, day, points=deed.points, note=deed.note)

    @property
    def _returned(self) -> Returned:
        assert self._story.returned is not None, "only a course with a returned line gets here"
        return self._story.returned

    @property
    def _objected(self) -> Objected:
        assert self._story.objected is not None, "only a course with an objection gets here"
        return self._story.objected

    @property
    def _reopened(self) -> Reopened:
        assert self._story.reopened is not None, "only a course that is opened again gets here"
        return self._story.reopened
