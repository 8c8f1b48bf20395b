"""The notice of a correction says who decided it: the town, the committee or the members' assembly (D10, D19)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from members.models import Branch
from points.models import Correction
from publicity.corrections.corrections import TwoOfficers, correct_line
from publicity.corrections.paper import write_correction_notice
from publicity.corrections.plans import CorrectionPlan
from publicity.objections.objections import raise_objection
from publicity.rechecking.town_decisions import correct_by_town_decision
from tests.cast import Cast
from tests.pages import browse
from tests.points.papers.pdf_text import read_text, squeeze
from tests.publicity.stages import at, corrected, dues, posted

pytestmark = pytest.mark.django_db
LATER = at(7, 9)


def read_notice(correction: Correction) -> str:
    return squeeze(read_text(write_correction_notice(correction=correction)))


@pytest.mark.parametrize(
    ("number", "said"), [("云镇组〔2025〕12号", "云镇组〔2025〕12号"), ("〔2025〕12", "〔2025〕12号")]
)
def test_a_decision_of_the_town_is_no_meeting_of_the_branch(cast: Cast, number: str, said: str) -> None:
    notice = posted(cast)
    objection = raise_objection(
        actor=cast.member_user_a,
        now=at(7, 8),
        notice=notice,
        text="四月党费漏登",
        about=cast.member_a,
        about_officers=True,
    )
    plan = CorrectionPlan(notice.review, cast.member_a, LATER.date(), "镇里核实漏登", record=(dues(cast.member_a, 4),))
    correction = correct_by_town_decision(
        actor=cast.staff,
        now=LATER,
        plan=plan,
        objection=objection,
        number=number,
        is_unrelated=True,
        answer="已更正。",
    ).correction
    assert correction is not None
    text = read_notice(correction)
    assert f"根据镇党委{said}决定（2025年7月9日），对下列党员积分予以更正" in text
    assert "会议" not in text
    own = "2025年上半年已更正：根据镇党委2025-07-09决定，由0.0分改为1.0分。原因：镇里核实漏登"
    assert own in browse(cast.member_user_a).get("/?year=2025&half=H1").content.decode()


def test_the_meeting_is_the_one_that_decided_whatever_the_branch_has_today(cast: Cast) -> None:
    notice = posted(cast)
    by_committee = corrected(cast, notice.review, cast.member_a, now=LATER)
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=False)
    notice.review.branch.refresh_from_db()
    by_assembly = corrected(cast, notice.review, cast.member_a, now=LATER, month=5)
    assert "经支部委员会2025年7月9日会议研究，对下列" in read_notice(Correction.objects.get(pk=by_committee.pk))
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=True)
    assert "经支部党员大会2025年7月9日会议研究，对下列" in read_notice(Correction.objects.get(pk=by_assembly.pk))


def test_one_made_before_there_was_a_review_names_its_meeting(cast: Cast) -> None:
    """Nothing entered stands beside it; its paper, its page and the member's are read all the same."""
    notice = posted(cast)
    correction = correct_line(
        officers=TwoOfficers(cast.secretary_a, cast.committee_a),
        now=LATER,
        review=notice.review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="漏登",
        record=[dues(cast.member_a, 4)],
    )
    assert "经支部委员会2025年7月9日会议研究" in read_notice(correction)
    page = browse(cast.staff).get(reverse("workbench:points_correction_change", args=[correction.pk]))
    assert (page.status_code, "2025-07-09" in page.content.decode()) == (200, True)
    own = "2025年上半年已更正：经2025-07-09会议决定，由0.0分改为1.0分。原因：漏登"
    assert own in browse(cast.member_user_a).get("/?year=2025&half=H1").content.decode()


def test_each_correction_bears_the_link_it_made(cast: Cast) -> None:
    notice = posted(cast)
    papers = [
        Correction.objects.get(pk=corrected(cast, notice.review, cast.member_a, now=LATER, month=month).pk)
        for month in (4, 5)
    ]
    links = [correction.lines.get().freeze for correction in papers]
    assert [link.sequence for link in links] == [2, 3]
    for correction, link in zip(papers, links, strict=True):
        assert f"校验码（第{link.sequence}号）：{link.hash}" in read_notice(correction)
