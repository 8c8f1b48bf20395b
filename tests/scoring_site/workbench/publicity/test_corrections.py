"""The pages of corrections: shown before saved, who corrects, who reads the reason, the paper without it (D10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from members.models import Notification, User
from points.models import Correction, PointEvent, Review
from points.scoring.freezing import current_lines, read_payload
from publicity.models import EnteredCorrection, Notice
from publicity.notices.publication import close_notice
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse, find_all, read_tree, text_of
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.rechecking.test_two_officers import make_member_of
from tests.publicity.stages import at, choose, corrected, dues, posted, record, veto
from tests.scoring_site.objecting import LATER, page, raise_it, work
from tests.scoring_site.workbench.findings import addresses
from tests.two_officers import correct_line, enter_line
from veto.models import VetoRecord

pytestmark = pytest.mark.django_db


def correct_url(review: Review) -> str:
    return reverse("workbench:points_correction_new", args=[review.pk])


def decision(**more: Any) -> dict[str, Any]:
    meeting = {"expected": "3", "present": "3", "minutes": "核对收据，一致同意更正。", "is_unrelated": "on"}
    return {"decided_on": "2025-07-08", "reason": "四月党费漏登", "token": uuid4(), **meeting, **more}


def add_dues(month: int = 4) -> dict[str, Any]:
    return {"item": "dues", "date": f"2025-{month:02d}-10", "period": f"2025-{month:02d}"}


def entered_url(page: str, entered: EnteredCorrection) -> str:
    return reverse(f"workbench:publicity_enteredcorrection_{page}", args=[entered.pk])


def review_page(who: User, entered: EnteredCorrection) -> Any:
    return browse(who).post(entered_url("review", entered), {"is_unrelated": "on"})


def name_next_steps(page: Any) -> list[str]:
    """The words of the buttons that stand out."""
    found = find_all(
        read_tree(page.content), "//button[contains(@class, 'wb-main') or contains(@class, 'wb-grave-main')]"
    )
    return [text_of(button) for button in found]


def scores(review: Review, cast: Cast) -> tuple[int, int]:
    line = next(line for line in current_lines(review) if line.member_id == cast.member_a.pk)
    return line.revision, read_payload(line.payload).cumulative


def test_a_correction_is_shown_before_it_is_saved(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    event = PointEvent.objects.get(period="2025-03")
    values = decision(void=[str(event.uuid)], **add_dues(5))
    values["points"] = ""
    shown = client.post(address, values)
    assert shown.status_code == 200
    (line,) = shown.context["revised"]
    assert (line.old.annual, line.new.annual) == ("1.0", "1.0")
    assert name_next_steps(shown) == ["登记，送交复核"], "one button is the next step"
    assert name_next_steps(client.get(address)) == ["查看更正结果"]
    assert scores(notice.review, cast) == (1, 10)
    assert not Correction.objects.exists()
    assert PointEvent.objects.get(pk=event.pk).voided_at is None
    saved = client.post(address, values | {"seen": shown.context["seen"], "save": "1"})
    entered = EnteredCorrection.objects.get()
    assert saved.url == reverse("workbench:publicity_enteredcorrection_change", args=[entered.pk])
    assert (scores(notice.review, cast), Correction.objects.count()) == ((1, 10), 0)
    reviewed = review_page(cast.committee_a, entered)
    correction = Correction.objects.get()
    assert reviewed.url == reverse("workbench:points_correction_change", args=[correction.pk])
    assert scores(notice.review, cast) == (2, 10)
    assert PointEvent.objects.get(pk=event.pk).void_reason == "四月党费漏登"
    assert PointEvent.objects.get(period="2025-05").voided_at is None
    detail = client.get(reviewed.url).content.decode()
    assert "四月党费漏登" in detail
    assert "甲委员" in detail


def test_the_review_shows_what_it_changes_and_who_may_not_sees_why(cast: Cast, notice: Notice) -> None:
    event = PointEvent.objects.get(period="2025-03")
    entered = enter_line(
        actor=cast.secretary_a,
        now=LATER,
        review=notice.review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="漏登",
        void=[event],
        record=[dues(cast.member_a, 4), dues(cast.member_a, 5)],
    )
    shown = browse(cast.committee_a).get(entered_url("review", entered))
    text = shown.content.decode()
    for words in ("作废的记录", "2025年3月", "新增的记录", "2025年4月", "2025年5月", "回避声明", "应到3人，实到3人"):
        assert words in text
    (line,) = shown.context["revised"]
    assert (line.old.annual, line.new.annual) == ("1.0", "2.0")
    for who, said in ((cast.secretary_a, "由您登记"), (cast.committee_a, "")):
        page = browse(who).get(entered_url("change", entered)).content.decode()
        assert (entered_url("review", entered) in page) == (who == cast.committee_a)
        assert said in page
    unticked = browse(cast.committee_a).post(entered_url("review", entered), {})
    assert "is_unrelated" in unticked.context["form"].errors
    assert scores(notice.review, cast) == (1, 10)


def test_the_towns_decision_on_an_objection_needs_no_meeting_and_no_second_review(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice, about=cast.member_a, about_officers=True)
    address = f"{correct_url(notice.review)}?objection={objection.uuid}&member={cast.member_a.pk}"
    staff = browse(cast.staff)
    empty = staff.get(address)
    assert "town_decision" in empty.context["form"].fields
    assert "写明镇党委决定文号的，保存后立即更正" in empty.content.decode()
    values = decision(answer="确系漏登，已更正。", decided_on="2025-07-08", **add_dues())
    for name in ("expected", "present", "minutes"):
        del values[name]
    assert {"expected", "present", "minutes"} <= set(staff.post(address, values).context["form"].errors)
    values["town_decision"] = "云镇组〔2025〕12号"
    preview = staff.post(address, values)
    seen, said = preview.context["seen"], preview.content.decode()
    assert ("按镇党委决定更正" in said, "无需再次复核" in said) == (True, True)
    assert ("登记，送交复核" in said, "登记后等待复核" in said) == (False, False)
    assert not Correction.objects.exists()
    saved = staff.post(address, values | {"seen": seen, "save": "1"})
    correction = Correction.objects.get()
    assert saved.url == reverse("workbench:points_correction_change", args=[correction.pk])
    assert scores(notice.review, cast) == (2, 20)
    objection.refresh_from_db()
    assert objection.correction == correction
    of_correction = staff.get(saved.url).content.decode()
    of_entered = staff.get(entered_url("change", EnteredCorrection.objects.get())).content.decode()
    for detail in (of_correction, of_entered):
        assert "镇党委云镇组〔2025〕12号决定（2025-07-08）" in detail
        assert ("复核人" in detail, "支委会日期" in detail) == (False, False)
    assert ("已按镇党委决定更正" in of_entered, "已复核并更正" in of_entered) == (True, False)
    assert "town_decision" not in browse(cast.secretary_a).get(correct_url(notice.review)).content.decode()


def test_refused_with_a_reason_and_taken_back(cast: Cast, notice: Notice) -> None:
    def enter() -> EnteredCorrection:
        return enter_line(
            actor=cast.secretary_a,
            now=LATER,
            review=notice.review,
            member=cast.member_a,
            decided_on=LATER.date(),
            reason="漏登",
            record=[dues(cast.member_a, 4)],
        )

    first = enter()
    form = {"reason": "收据日期不符", "is_unrelated": "on"}
    browse(cast.committee_a).post(entered_url("refuse", first), form)
    first.refresh_from_db()
    assert (first.outcome, first.settled_by) == ("refused", cast.committee_a)
    messages = browse(cast.secretary_a).get(reverse("notifications")).content.decode()
    assert "您登记的更正复核未通过，已退回：张伟" in messages
    assert "收据日期不符" not in messages
    assert "收据日期不符" in browse(cast.secretary_a).get(entered_url("change", first)).content.decode()
    assert Notification.objects.get(user=cast.secretary_a).read_at is not None
    assert "收据日期不符" not in browse(cast.recorder_a).get(entered_url("change", first)).content.decode()
    second = enter()
    browse(cast.secretary_a).post(entered_url("take_back", second))
    second.refresh_from_db()
    assert (second.outcome, Correction.objects.count()) == ("taken_back", 0)


def test_the_home_of_who_may_review_it_names_what_waits(cast: Cast, notice: Notice) -> None:
    enter_line(
        actor=cast.secretary_a,
        now=LATER,
        review=notice.review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="漏登",
        record=[dues(cast.member_a, 4)],
    )
    said = "1项更正等待您复核"
    for who in ("committee_a", "staff"):
        assert said in browse(getattr(cast, who)).get(reverse("workbench:index")).content.decode()
    for who in ("secretary_a", "recorder_a", "secretary_b", "other_staff", "supervisor"):
        assert said not in browse(getattr(cast, who)).get(reverse("workbench:index")).content.decode()


def test_what_changed_since_it_was_shown_is_shown_again(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    values = decision(**add_dues(4))
    seen = client.post(address, values).context["seen"]
    corrected(cast, notice.review, cast.member_a, now=LATER, month=5)
    again = client.post(address, values | {"seen": seen, "save": "1"})
    assert again.status_code == 200
    assert again.context["revised"][0].new.annual == "3.0"
    assert Correction.objects.count() == 1
    client.post(address, values | {"seen": again.context["seen"], "save": "1"})
    review_page(cast.staff, EnteredCorrection.objects.get(settled_at__isnull=True))
    assert scores(notice.review, cast) == (3, 30)


def test_saving_without_having_seen_shows_first(cast: Cast, notice: Notice) -> None:
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    answer = browse(cast.secretary_a).post(address, decision(save="1", **add_dues()))
    assert answer.status_code == 200
    assert not Correction.objects.exists()


def test_a_refusal_keeps_what_was_typed(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    nothing = client.post(address, decision())
    assert "没有任何改动" in nothing.content.decode() or nothing.context["form"].errors
    assert "四月党费漏登" in nothing.content.decode()
    half_a_record = client.post(address, decision(item="dues"))
    assert "date" in half_a_record.context["form"].errors
    only_a_date = client.post(address, decision(date="2025-04-10"))
    assert "item" in only_a_date.context["form"].errors
    double = client.post(address, decision(**add_dues(3)))
    assert double.context["form"].non_field_errors()
    assert not Correction.objects.exists()


def test_a_correction_settles_the_objection_it_came_from(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice, about=cast.member_a)
    client = browse(cast.secretary_a)
    buttons = client.get(work("change", objection.pk)).content.decode()
    address = f"{correct_url(notice.review)}?objection={objection.uuid}&member={cast.member_a.pk}"
    assert address.replace("&", "&amp;") in buttons
    values = decision(**add_dues())
    assert "answer" in client.post(address, values).context["form"].errors
    values["answer"] = "确系漏登，已更正。"
    seen = client.post(address, values).context["seen"]
    client.post(address, values | {"seen": seen, "save": "1"})
    entered = EnteredCorrection.objects.get()
    assert objection.receipt in browse(cast.staff).get(entered_url("change", entered)).content.decode()
    review_page(cast.committee_a, entered)
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.answer) == ("corrected", "确系漏登，已更正。")
    assert objection.correction == Correction.objects.get()
    assert scores(notice.review, cast) == (2, 20)
    portal = browse(cast.member_user_a).get(page("objection", objection.uuid)).content.decode()
    assert "1.0" in portal
    assert "2.0" in portal
    assert "四月党费漏登" not in portal


def test_an_objection_hidden_from_the_secretary_is_no_ground_for_a_form(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice, about_officers=True)
    for wrong in (objection.uuid, uuid4(), "nonsense"):
        address = f"{correct_url(notice.review)}?objection={wrong}&member={cast.member_a.pk}"
        assert browse(cast.secretary_a).get(address).status_code == 404
    address = f"{correct_url(notice.review)}?objection={objection.uuid}&member={cast.member_a.pk}"
    assert browse(cast.staff).get(address).status_code == 200


def test_once_final_the_town_corrects(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    clock.now = at(8, 4)
    close_notice(actor=cast.secretary_a, now=clock.now, notice=notice)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    values = decision(**add_dues())
    secretary = browse(cast.secretary_a)
    assert "登记或复核即为同意" in secretary.get(address).content.decode()
    seen = secretary.post(address, values).context["seen"]
    secretary.post(address, values | {"seen": seen, "save": "1"})
    entered = EnteredCorrection.objects.get()
    refused = review_page(cast.committee_a, entered)
    assert (refused.status_code, refused.context["form"]) == (200, None)
    assert "须由镇党建办复核" in refused.content.decode()
    assert not Correction.objects.exists()
    review_page(cast.staff, entered)
    correction = Correction.objects.get()
    assert correction.consent_by == cast.staff
    notice.review.refresh_from_db()
    assert notice.review.state == "published"


def test_a_secretary_neither_corrects_nor_reviews_their_own_published_line(cast: Cast, notice: Notice) -> None:
    """P2, as it was seen: he added points to his own published line, alone and without meeting data."""
    secretary = browse(make_member_of(cast.secretary_a, cast.member_a))
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    for values in (decision(**add_dues()), decision(save="1", seen="-", **add_dues())):
        refused = secretary.post(address, values)
        assert (refused.status_code, "本人的积分不能由本人更正" in refused.content.decode()) == (403, True)
    assert (EnteredCorrection.objects.count(), scores(notice.review, cast)) == (0, (1, 10))

    # A committee member enters it, with the meeting; then it goes neither to its own member nor back to who entered it.
    committee = browse(cast.committee_a)
    without = decision(expected="", present="", minutes="", **add_dues())
    assert sorted(committee.post(address, without).context["form"].errors) == ["expected", "minutes", "present"]
    values = decision(**add_dues())
    seen = committee.post(address, values).context["seen"]
    committee.post(address, values | {"seen": seen, "save": "1"})
    entered = EnteredCorrection.objects.get()
    for who, said in ((cast.secretary_a, "涉及本人"), (cast.committee_a, "由您登记")):
        assert said in review_page(who, entered).content.decode()
    assert (Correction.objects.count(), scores(notice.review, cast)) == (0, (1, 10))
    assert review_page(cast.staff, entered).status_code == 302
    assert scores(notice.review, cast) == (2, 20)


def test_a_secretary_does_not_revoke_a_finding_against_themselves(cast: Cast, clock: FrozenClock) -> None:
    """P2, as it was seen: inside a correction he did, where the guards of the findings' pages did not stand."""
    record(cast, dues(cast.member_a))
    veto(cast)
    review, finding = posted(cast).review, VetoRecord.objects.get()
    clock.now = LATER
    secretary = browse(make_member_of(cast.secretary_a, cast.member_a))
    values = decision(findings=[f"revoke:{finding.uuid}"])
    correct, revoke = f"{correct_url(review)}?member={cast.member_a.pk}", addresses.page(finding, "revoke")
    for address, form, said in (
        (correct, values, "本人的积分不能由本人更正"),
        (correct, values | {"seen": "-", "save": "1"}, "本人的积分不能由本人更正"),
        (revoke, {"reason": "认定有误", "is_unrelated": "on"}, "涉及本人的事项"),
    ):
        assert said in secretary.post(address, form).content.decode()
    finding.refresh_from_db()
    assert (finding.state, EnteredCorrection.objects.count(), scores(review, cast)) == ("confirmed", 0, (1, 0))


@pytest.mark.parametrize(
    ("who", "reads_reason"),
    [("secretary_a", True), ("committee_a", True), ("staff", True), ("recorder_a", False), ("supervisor", False)],
)
def test_who_reads_the_reason_of_a_correction(cast: Cast, notice: Notice, who: str, *, reads_reason: bool) -> None:
    correction = corrected(cast, notice.review, cast.member_a, now=LATER)
    client = browse(getattr(cast, who))
    answer = client.get(reverse("workbench:points_correction_change", args=[correction.pk]))
    assert ("漏登党费" in answer.content.decode()) == reads_reason
    listed = client.get(reverse("workbench:points_correction_changelist")).content.decode()
    assert cast.member_a.name in listed
    assert "漏登党费" not in listed


def test_where_the_town_chose_so_the_correction_notice_shows_the_parts(cast: Cast) -> None:
    choose(cast, outside_columns="parts")
    corrected(cast, posted(cast).review, cast.member_a, now=LATER, month=5)
    address = reverse("workbench:points_correction_notice_pdf", args=[Correction.objects.get().pk])
    text = squeeze("".join(read_pages(b"".join(browse(cast.secretary_a).get(address)))))
    assert "姓名期次基础分激励分扣分上半年积分下半年积分年度积分" in text
    assert "更正前0.00.00.00.0" in text
    assert "更正后1.00.00.01.0" in text


def test_the_correction_notice_shows_old_and_new_and_no_reason(cast: Cast, notice: Notice) -> None:
    correction = correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=notice.review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="机密的原因",
        record=[dues(cast.member_a, 4)],
        void=list(PointEvent.objects.filter(period="2025-03")),
        token=uuid4(),
    )
    corrected(cast, notice.review, cast.member_a, now=LATER + timedelta(hours=1), month=5)
    second = Correction.objects.latest("pk")
    address = reverse("workbench:points_correction_notice_pdf", args=[second.pk])
    text = squeeze("".join(read_pages(b"".join(browse(cast.secretary_a).get(address)))))
    for words in (
        "党员积分更正公示",
        "张伟",
        "2025年上半年",
        "更正前",
        "更正后",
        "1.0",
        "2.0",
        "签字",
        "盖章",
        "第3号",
    ):
        assert words in text
    assert second.lines.get().freeze.hash in text
    assert "漏登党费" not in text
    first = reverse("workbench:points_correction_notice_pdf", args=[correction.pk])
    assert "机密的原因" not in squeeze("".join(read_pages(b"".join(browse(cast.staff).get(first)))))
