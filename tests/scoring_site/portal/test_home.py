"""The members' portal: what each state of a member's year says, whose it is, and what it costs."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from members.models import Appointment, Exemption, Membership, User
from points.evidence.links import attach_evidence
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.scoring.adoption import set_up_town
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import (
    NOW,
    PASSWORD,
    appoint,
    make_batch,
    make_branch,
    make_event,
    make_member,
    make_membership,
    make_user,
)
from tests.points.half_stages import JULY, bring_to
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.stages import picture
from veto.models import Deduction, VetoRecord


def read(client: Client, user: User, url: str = "/", language: str = "zh-hans") -> str:
    """The visible text of a page, one blank between words."""
    client.force_login(user)
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == 200
    html = re.sub(r"<(head|style|script).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def recorded(cast: Cast) -> Cast:
    """张伟 has earned 9.5 of 2026 and 3.0 of 2025; her neighbours have records too."""
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    member = cast.member_a
    make_event(batch, member, "dues", "2026-01", date=date(2026, 1, 10))
    make_event(batch, member, "dues", "2026-02", date=date(2026, 2, 10))
    make_event(batch, member, "volunteering", "", points=25, led=True, date=date(2026, 3, 5), note="清理河道")
    make_event(batch, member, "essay", "", points=25, date=date(2026, 2, 1))
    make_event(batch, member, "lecture", "2025Q1", date=date(2025, 3, 1), year=2025)
    make_event(batch, cast.members_a[1], "heritage", "", points=40, date=date(2026, 3, 1), note="别人的事")
    return cast


def confirm(finding: Deduction | VetoRecord, cast: Cast, on: date) -> None:
    type(finding)._default_manager.filter(pk=finding.pk).update(
        decided_on=on, confirmed_at=NOW, decided_by=cast.secretary_a
    )


def deduct(cast: Cast, day: date) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    finding = Deduction.objects.create(
        batch=batch, member=cast.member_a, item="rumour", date=day, particulars="转发不实信息，经网信办认定"
    )
    confirm(finding, cast, day)


def veto(cast: Cast, year: int) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    day = date(year, 2, 1)
    finding = VetoRecord.objects.create(
        batch=batch, member=cast.member_a, ground="disciplined", year=year, date=day, particulars="县纪委〔2026〕3号"
    )
    confirm(finding, cast, date(2026, 2, 20))


# --- who sees what ---


@pytest.mark.parametrize("url", ["/", "/record-form/2026/", "/password/"])
@pytest.mark.django_db
def test_nobody_gets_in_without_logging_in(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={url}"


def test_logging_in_leads_to_ones_own_points(client: Client, recorded: Cast) -> None:
    page = client.get("/login/").content.decode()
    assert "用户名" in page
    wrong = client.post("/login/", {"username": "member-a", "password": "wrong"})
    assert wrong.status_code == 200
    assert "密码" in wrong.content.decode()
    assert client.get("/").status_code == 302
    response = client.post("/login/", {"username": "member-a", "password": PASSWORD}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "张伟的2026年度积分" in response.content.decode()
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_a_member_sees_only_their_own_records(client: Client, recorded: Cast) -> None:
    own = read(client, recorded.member_user_a)
    assert "清理河道" in own
    assert "别人的事" not in own
    other = read(client, recorded.member_user_b)
    assert "赵敏的2026年度积分" in other
    assert "清理河道" not in other


def test_no_parameter_opens_anothers_page_or_form(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_b)
    other = recorded.member_a
    for query in (f"member={other.pk}", f"member={other.uuid}", f"id={other.pk}", f"user={recorded.member_user_a.pk}"):
        assert "张伟" not in client.get(f"/?{query}").content.decode()
        form = squeeze("".join(read_pages(client.get(f"/record-form/2026/?{query}").content)))
        assert "姓名：赵敏" in form
        assert "张伟" not in form


def test_someone_with_a_role_and_no_member_works_in_the_workbench(client: Client, cast: Cast) -> None:
    for user in (cast.recorder_a, cast.staff, cast.supervisor):
        client.force_login(user)
        response = client.get("/")
        assert (response.status_code, response["Location"]) == (302, "/workbench/")
        assert client.get("/record-form/2026/").status_code == 404


def test_a_member_with_a_role_sees_their_points_and_the_way_to_the_workbench(client: Client, cast: Cast) -> None:
    appoint(cast.member_user_a, Appointment.Role.RECORDER, branch=cast.branch_a)
    client.force_login(cast.member_user_a)
    assert 'href="/workbench/"' in client.get("/").content.decode()
    client.force_login(cast.member_user_b)
    assert "/workbench/" not in client.get("/").content.decode()


def test_an_account_without_member_or_role_is_told_whom_to_ask(client: Client, cast: Cast) -> None:
    assert "该账号尚未关联党员，也没有任职。 请联系镇党建办关联账号" in read(client, cast.outsider)


# --- the states of a year ---


def test_the_running_year(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a)
    assert "张伟的2026年度积分 甲镇 一支部 9.5 分 未定稿 年度尚未结束，已得9.5分 60 80 90 距60分" in page
    assert "我还能做什么？最多还可得88.5分 未定稿，以党支部核定、公示为准。" in page
    assert "距60分（合格线）还差50.5分 距80分（可参加评先评优）还差70.5分 距90分（可评定为优秀）还差80.5分" in page
    assert "基础分 +2.0 激励分 +7.5 年度积分 9.5" in page
    assert "交纳党费 2.0 / 12 1月 已得分 2月 已得分 3月 未到期" in page
    assert "志愿服务 5.0 / 8" in page
    assert "不合格" not in page
    assert "等次" not in page


def test_the_why_of_an_item(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a)
    assert (
        "为什么？ 志愿服务 加入一支志愿服务队，根据服务的次数、质量打分，满分4分； "
        "2026-03-05 清理河道 +5.0 带头作用，双倍加分 2026-03-15由甲记录员登记 尚未签认：由支部在半年核定时签认。 "
        "评定得分 +2.5 带头作用双倍加分 +2.5 计入得分 5.0 "
        "党员在上述活动中起带头、组织、主导作用的，在相应分值的基础上实行双倍加分。 "
        "本镇规定：双倍加分可在单项4分之外另计，最多再计4分。"
    ) in page


def test_the_why_shows_the_files_of_ones_own_record_and_not_those_that_show_others(
    client: Client, recorded: Cast, evidence_dir: Path
) -> None:
    event = PointEvent.objects.get(member=recorded.member_a, item="volunteering")
    for subject, name in ((event, "清河道.jpg"), (event.batch, "全体名单.jpg")):
        attach_evidence(
            actor=recorded.recorder_a, now=NOW, files=[picture(size=(30, len(name) + 30), name=name)], subject=subject
        )
    page = read(client, recorded.member_user_a)
    link = event.evidence.get()
    assert "照片和材料： 清河道.jpg" in page
    assert client.get(f"/evidence/{link.uuid}/").status_code == 200
    assert "全体名单" not in page
    assert "清河道.jpg" not in read(client, recorded.member_user_b)


def test_a_year_that_is_over(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a, "/?year=2025")
    assert "3.0 分 未定稿 2025年度积分3分" in page
    assert "比60分（合格线）少57分" in page
    assert "民主评议等次： 拟定不合格（由支部讨论决定）" in page
    assert "党课 3.0 / 12 第1季度 已得分 第2季度 支部未组织" in page


@pytest.mark.parametrize("year", ["2024", "1999", "x", "", "02025"])
def test_only_adopted_years_can_be_opened(client: Client, recorded: Cast, year: str) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get(f"/?year={year}").status_code == 404


def test_the_years_are_offered_latest_first(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    html = client.get("/?year=2025").content.decode()
    assert re.findall(r'href="/\?year=(\d+)"( aria-current="page")?>\d', html) == [
        ("2026", ""),
        ("2025", ' aria-current="page"'),
    ]


def test_next_year_before_its_rules_the_latest_year_is_shown(
    client: Client, recorded: Cast, clock: FrozenClock
) -> None:
    clock.set(2027, 1, 5)
    page = read(client, recorded.member_user_a)
    assert "9.5 分 未定稿 2026年度积分9.5分" in page


def test_a_deduction_is_explained_to_its_member(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    page = read(client, recorded.member_user_a)
    assert "基础分 +2.0 激励分 +7.5 扣分 -5.0 年度积分 4.5" in page
    assert "您可以随时向党支部陈述、申辩；如有不同意见，可以向镇党委申诉。" in page
    assert (
        "传播谣言 -5.0 已作出决定，已计入 为什么？ 传播谣言 通过微信等自媒体传播谣言的，发现一次扣5分，扣完为止；"
        in page
    )
    assert "2026-02-15发现，2026-02-15经支部研究认定。 转发不实信息，经网信办认定" in page


def test_a_veto_says_who_decided_when_and_that_one_may_appeal(client: Client, recorded: Cast) -> None:
    veto(recorded, 2026)
    page = read(client, recorded.member_user_a)
    assert "0.0 分 未定稿 年度尚未结束，已得0分" in page
    assert "党支部委员会于2026-02-20召开会议作出认定。" in page
    assert "您此前所得9.5分仍予保留备查。 您可以随时向党支部陈述、申辩；如有不同意见，可以向镇党委申诉。" in page
    assert "因“黄赌毒”“酒驾醉驾”等受到党纪处分" in page
    assert "一票否决，年度考评积分为0分 -9.5" in page
    assert "还差" not in page
    assert "不合格" not in page


def test_without_a_committee_the_assembly_decided(client: Client, recorded: Cast) -> None:
    recorded.branch_a.has_committee = False
    recorded.branch_a.save()
    veto(recorded, 2026)
    assert "党支部于2026-02-20召开党员大会作出认定。" in read(client, recorded.member_user_a)


def test_proposed_and_revoked_findings_show_nothing(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    Deduction.objects.create(
        batch=batch, member=recorded.member_a, item="gambling", date=date(2026, 2, 1), particulars="待核实"
    )
    veto(recorded, 2026)
    VetoRecord.objects.update(revoked_at=NOW, revoked_by=recorded.secretary_a, revoke_reason="处分撤销")
    page = read(client, recorded.member_user_a)
    assert "9.5 分 未定稿 年度尚未结束，已得9.5分" in page
    assert "待核实" not in page
    assert "一票否决" not in page
    assert "扣分" not in page


def test_a_voided_record_is_listed_and_not_counted(client: Client, recorded: Cast) -> None:
    PointEvent.objects.filter(item="essay", member=recorded.member_a).update(
        voided_at=NOW, voided_by=recorded.secretary_a, void_reason="文章系抄录"
    )
    page = read(client, recorded.member_user_a)
    assert "7.0 分 未定稿 年度尚未结束，已得7分" in page
    assert "2026-02-01 理论学习心得 2026-03-15由甲书记作废：文章系抄录" in page


def test_a_member_without_any_record_is_told_what_to_do(client: Client, cast: Cast) -> None:
    page = read(client, cast.member_user_a)
    assert "0.0 分 未定稿 年度尚未结束，已得0分" in page
    assert "暂无登记。如您已参加，请告诉本支部组织委员。" in page
    assert "不合格" not in page


def test_an_exempt_member_reads_a_kind_word_and_no_score(client: Client, recorded: Cast) -> None:
    Exemption.objects.create(
        member=recorded.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2026, 2, 1),
        decided_on=date(2026, 2, 2),
        from_date=date(2026, 2, 3),
    )
    page = read(client, recorded.member_user_a)
    assert "根据您本人申请，经支部研究同意，2026年度对您不实行积分制教育管理。" in page
    assert "已得" not in page
    assert "下载我的积分记录表（PDF）" in page


def test_a_leaver_is_told_that_the_records_are_kept(client: Client, cast: Cast) -> None:
    user = make_user("left-a", member=cast.left_a)
    assert "您的组织关系已于2025年从本镇党支部转出或终止，该年度不计年度积分" in read(client, user, "/?year=2025")
    assert "2026年您不在本镇党支部名册中，该年度没有积分。" in read(client, user)


def test_part_of_a_year_is_said(client: Client, cast: Cast) -> None:
    member = make_member(cast.branch_a, "新来", since=date(2025, 9, 10), why=Membership.Why.TRANSFERRED_IN)
    page = read(client, make_user("new", member=member), "/?year=2025")
    assert "在册4个月。" in page
    assert "民主评议等次： 待评定" in page


def test_a_mover_belongs_to_the_branch_of_the_last_day(client: Client, recorded: Cast) -> None:
    make_membership(recorded.member_a, recorded.branch_b, date(2026, 3, 1), Membership.Why.MOVED)
    assert "甲镇 二支部 9.5" in read(client, recorded.member_user_a)
    assert "甲镇 一支部 3.0" in read(client, recorded.member_user_a, "/?year=2025")


def test_a_town_without_rules_has_a_page_of_its_own(client: Client, cast: Cast) -> None:
    bare = set_up_town(now=NOW, name="丙镇", years=(), settings={})
    member = make_member(make_branch(bare, "四支部"), "早来")
    assert "早来，欢迎您 本镇尚未启用任何年度的积分办法。" in read(client, make_user("early", member=member))


# --- language, type, papers, errors ---


def test_in_english(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a, language="en")
    assert "Points of 张伟, 2026 甲镇 一支部 9.5 points provisional The year is not over: 9.5 points so far" in page
    assert "50.5 points to 60, the pass mark" in page
    assert (
        "Recorded by 甲记录员 on 2026-03-15 Not countersigned yet: the branch approves it with the half-year. "
        "Awarded +2.5 Doubled for a leading role +2.5 Counted 5.0"
    ) in page


def test_the_language_can_be_switched(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    client.post("/language/", {"language": "en", "next": "/?year=2025"})
    assert "My points" in client.get("/").content.decode()
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    assert "我的积分" in client.get("/").content.decode()


def test_a_look_at_the_headers_alone_is_answered(client: Client, recorded: Cast) -> None:
    assert client.head("/").status_code == 302
    client.force_login(recorded.member_user_a)
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")


def test_large_type_stays_until_it_is_switched_off(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    assert 'class="large"' not in client.get("/").content.decode()
    response = client.post("/large-type/", {"next": "/?year=2025"})
    assert response["Location"] == "/?year=2025"
    page = client.get("/").content.decode()
    assert 'class="large"' in page
    assert "标准字号" in page
    client.post("/large-type/", {"next": "/"})
    assert 'class="large"' not in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", ""])
def test_large_type_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/large-type/", {"next": target})["Location"] == "/"
    assert client.get("/large-type/").status_code == 405


def test_ones_own_record_form(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    client.force_login(recorded.member_user_a)
    response = client.get("/record-form/2026/")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="record-form-2026.pdf"'
    assert "no-store" in response["Cache-Control"]
    text = squeeze("".join(read_pages(response.content)))
    assert "2026-02-15负面清单扣分：传播谣言-5.0" in text
    assert "累计：4.5分" in text
    for year in (2019, 2024):
        assert client.get(f"/record-form/{year}/").status_code == 404


def test_pages_with_points_are_not_kept_by_caches(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get("/")["Cache-Control"] == "private, no-store"


def test_changing_the_password(client: Client, cast: Cast) -> None:
    client.force_login(cast.member_user_a)
    form = {"old_password": PASSWORD, "new_password1": "另一个-够长的-密码9", "new_password2": "另一个-够长的-密码9"}
    assert client.post("/password/", {**form, "old_password": "wrong"}).status_code == 200
    response = client.post("/password/", form, follow=True)
    assert response.redirect_chain == [("/password/changed/", 302)]
    assert "今后请使用新密码登录。" in response.content.decode()
    cast.member_user_a.refresh_from_db()
    assert cast.member_user_a.check_password("另一个-够长的-密码9")


@pytest.mark.django_db
def test_errors_speak_both_languages(client: Client) -> None:
    missing = client.get("/nothing/")
    assert missing.status_code == 404
    assert "没有找到这个页面" in missing.content.decode()
    assert "Page not found" in missing.content.decode()
    stale = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert stale.status_code == 403
    assert "页面已过期" in stale.content.decode()
    assert "The page has expired" in stale.content.decode()


@pytest.mark.django_db
def test_a_failure_of_ours_says_so_without_details(client: Client, settings: object) -> None:
    client.raise_request_exception = False
    settings.CLOCK = "nowhere.clock"  # type: ignore[attr-defined]
    response = client.get("/login/")
    assert response.status_code == 500
    assert "系统出错" in response.content.decode()
    assert "Something went wrong on our side" in response.content.decode()
    assert "nowhere" not in response.content.decode()


# --- cost ---


@pytest.mark.parametrize("more", [0, 40])
def test_the_page_costs_the_same_queries_however_many_records(
    client: Client, recorded: Cast, more: int, django_assert_num_queries: object
) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    for number in range(more):
        make_event(batch, recorded.member_a, "council", "", points=1, date=date(2026, 3, 1 + number % 9))
        make_event(batch, recorded.members_a[2], "council", "", points=1, date=date(2026, 3, 1 + number % 9))
    client.force_login(recorded.member_user_a)
    with django_assert_num_queries(24):  # type: ignore[operator]
        assert client.get("/").status_code == 200


# --- halves, states, what was heard, what is still open ---


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("draft", "未定稿 未定稿，以党支部核定、公示为准。"),
        ("submitted", "核定中 未定稿，党支部正在核定。"),
        ("approved", "已核定 党支部已核定，尚待公示。"),
        ("published", "公示中 已核定，正在公示；如有不同意见，可以提出异议。"),
        ("final", "已定稿 已定稿：已核定，公示已结束。"),
    ],
)
def test_a_half_says_where_it_stands_and_who_countersigned(client: Client, cast: Cast, state: str, said: str) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=JULY)
    make_event(batch, cast.member_a, "lecture", "2025Q1", date=date(2025, 3, 1), year=2025)
    bring_to(cast, state)
    page = read(client, cast.member_user_a, "/?year=2025&half=H1")
    assert f"张伟的2025年上半年积分 甲镇 一支部 3.0 分 {said}" in page
    assert ("甲书记签认：2025-07-05支委会核定" in page) == (state not in ("draft", "submitted"))
    assert ("尚未签认：由支部在半年核定时签认。" in page) == (state in ("draft", "submitted"))
    assert "还差" not in page


@pytest.mark.parametrize("half", ["H3", "x", "h1", "H2'"])
def test_only_halves_of_the_year_can_be_opened(client: Client, recorded: Cast, half: str) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get("/", {"year": "2025", "half": half}).status_code == 404
    assert client.get("/?year=2026&half=H2").status_code == 404  # it has not begun


def test_the_second_half_is_the_year_less_the_first(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "dues", "2025-09", date=date(2025, 9, 9), year=2025)
    page = read(client, recorded.member_user_a, "/?year=2025&half=H2")
    assert "张伟的2025年下半年积分 甲镇 一支部 1.0 分 未定稿" in page
    assert "年度积分 4.0 减去上半年积分 −3.0 半年积分 1.0" in page


def test_what_the_member_stated_stands_beside_the_deduction(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    Deduction.objects.update(
        notified_on=date(2026, 2, 15), answered_on=date(2026, 2, 16), answer="statement", statement="是转述他人的话"
    )
    page = read(client, recorded.member_user_a)
    assert "2026-02-15已告知您。 2026-02-16您的答复：" in page
    assert "是转述他人的话" in page
    assert "不合格" not in page


def test_a_proposal_the_member_was_told_of_is_said_not_to_count(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    finding = Deduction.objects.create(
        batch=batch, member=recorded.member_a, item="gambling", date=date(2026, 2, 1), particulars="待核实"
    )
    Deduction.objects.update(notified_on=date(2026, 2, 3))
    client.force_login(recorded.member_user_a)
    html = client.get("/").content.decode()
    assert f'href="/hearings/{finding.uuid}/"' in html
    page = read(client, recorded.member_user_a)
    assert "参与赌博 尚未作出决定，不计分 2026-02-03已告知您。" in page
    assert "9.5 分 未定稿" in page


def test_leave_is_shown_as_leave(client: Client, recorded: Cast) -> None:
    record_meeting(
        actor=recorded.recorder_a,
        now=NOW,
        branch=recorded.branch_a,
        held_on=date(2026, 2, 20),
        kinds=[("party_day", "2026-02")],
        statuses={recorded.member_a.pk: Attendance.Status.EXCUSED},
        topic="党员活动日",
    )
    assert "党员活动日 0.0 / 12 1月 支部未组织 2月 请假 3月 未到期" in read(client, recorded.member_user_a)


def test_what_can_still_be_done_comes_true(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a)
    assert "交纳党费 按时交纳：3月、4月" in page
    assert "+10分" in page
    assert "志愿服务 最多+1.5分，起带头作用最多+3分" in page
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "volunteering", "", points=15, led=True, date=date(2026, 3, 14))
    assert "12.5 分 未定稿 年度尚未结束，已得12.5分" in read(client, recorded.member_user_a)


def test_no_page_below_60_says_a_hard_word_before_the_year_is_over(client: Client, recorded: Cast) -> None:
    for entered in ("nothing", "a deduction", "a veto"):
        if entered == "a deduction":
            deduct(recorded, date(2026, 2, 15))
        if entered == "a veto":
            veto(recorded, 2026)
        for url in ("/", "/results/", "/notices/", "/more/"):
            page = read(client, recorded.member_user_a, url)
            for word in ("不合格", "拟定", "警告", "处分决定书"):
                assert word not in page, (entered, url)


@pytest.mark.parametrize(("theme", "media"), [("dark", ""), ("", ' media="(prefers-color-scheme: dark)"')])
def test_light_and_dark(client: Client, recorded: Cast, theme: str, media: str) -> None:
    client.force_login(recorded.member_user_a)
    client.post("/theme/", {"theme": theme, "next": "/"})
    assert f'href="/static/portal/dark.css"{media}>' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "light", "next": "/"})
    assert "dark.css" not in client.get("/").content.decode()
    assert client.post("/theme/", {"theme": "x", "next": "https://evil.example/"})["Location"] == "/"
    assert client.cookies["theme"].value == ""


def test_files_are_sent_as_they_are_and_pages_compressed(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    accept = {"accept-encoding": "gzip"}
    assert client.get("/", headers=accept)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/record-form/2026/", headers=accept)
