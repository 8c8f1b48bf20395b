"""The members' portal: whose page it is, what the running year says of every item, and what it costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.test import Client

from members.models import Appointment, Exemption
from points.evidence.links import attach_evidence
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, PASSWORD, appoint, make_batch, make_event
from tests.members.evidence.uploads import picture
from tests.pages import browse
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.scoring_site.portal.own_points import deduct, read, read_squares
from tests.scoring_site.screens import name_of
from tests.work import count_queries

# Who sees what


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


def test_a_member_reads_what_was_paid_where_it_was_entered(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "dues", "2026-03", due_fen=500, paid_fen=500, paid_by="李娜")
    own = read(client, recorded.member_user_a)
    assert own.count("应交5.00元，实交5.00元，由李娜代交") == 1
    assert own.count("应交") == 1


def test_no_parameter_opens_anothers_page_or_form(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_b)
    other = recorded.member_a
    for query in (
        f"member={other.pk}&branch={recorded.branch_a.pk}",
        f"member={other.uuid}&uuid={other.uuid}",
        f"id={other.pk}",
        f"user={recorded.member_user_a.pk}",
    ):
        page = client.get(f"/?{query}").content.decode()
        assert "赵敏的2026年度积分" in page
        assert "张伟" not in page
        form = squeeze("".join(read_pages(client.get(f"/record-form/2026/?{query}").content)))
        assert "姓名：赵敏" in form
        assert "张伟" not in form


def test_someone_with_a_role_and_no_member_works_in_the_workbench(client: Client, cast: Cast) -> None:
    for user in (cast.recorder_a, cast.staff, cast.supervisor):
        client.force_login(user)
        response = client.get("/")
        assert (response.status_code, response["Location"]) == (302, "/workbench/")


def test_a_member_with_a_role_sees_their_points_and_the_way_to_the_workbench(client: Client, cast: Cast) -> None:
    appoint(cast.member_user_a, Appointment.Role.RECORDER, branch=cast.branch_a)
    client.force_login(cast.member_user_a)
    assert 'href="/workbench/"' in client.get("/").content.decode()
    client.force_login(cast.member_user_b)
    assert 'href="/workbench/' not in client.get("/").content.decode()


def test_an_account_without_member_or_role_is_told_whom_to_ask(client: Client, cast: Cast) -> None:
    assert "该账号尚未关联党员，也没有任职。 请联系镇党建办关联账号" in read(client, cast.outsider)


def test_changing_the_password(client: Client, cast: Cast) -> None:
    client.force_login(cast.member_user_a)
    form = {"old_password": PASSWORD, "new_password1": "另一个-够长的-密码9", "new_password2": "另一个-够长的-密码9"}
    assert client.post("/password/", {**form, "old_password": "wrong"}).status_code == 200
    response = client.post("/password/", form, follow=True)
    assert response.redirect_chain == [("/password/changed/", 302)]
    assert "今后请使用新密码登录。" in response.content.decode()
    cast.member_user_a.refresh_from_db()
    assert cast.member_user_a.check_password("另一个-够长的-密码9")


# The running year


def test_the_running_year(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a)
    assert "张伟的2026年度积分 甲镇 一支部 9.5 分 未定稿 年度尚未结束，已得9.5分 60 80 90 距60分" in page
    assert "我还能做什么 全部做到，最多还可得88.5分。" in page
    assert page.index("我还能做什么") < page.index("基础分 2.0 / 60")
    assert "距60分（合格线）还差50.5分 距80分（可参加评先评优）还差70.5分 距90分（可评定为优秀）还差80.5分" in page
    assert "基础分 +2.0 激励分 +7.5 年度积分 9.5" in page
    dues = read_squares(client, recorded.member_user_a)["交纳党费"]
    assert dues.startswith("1月 得分 2月 得分 3月 未到期")
    assert dues.endswith("12月 未到期 2.0 /12")
    assert "√ 得分 无 支部未组织 – 未到期" in page
    assert "志愿服务 5.0 / 8" in page
    assert "不合格" not in page
    assert "等次" not in page


def test_the_why_of_an_item(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a)
    assert (
        "志愿服务 5.0 / 8 为什么？ 其中带头作用加2.5分 加入一支志愿服务队，根据服务的次数、质量打分，满分4分； "
        "2026-03-05 清理河道 +5.0 带头作用，双倍加分 2026-03-15由甲记录员登记 "
        "书记尚未签字确认：由支部在半年核定时确认。 "
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
    assert "下载我的记录表" in page


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
    squares = read_squares(client, recorded.member_user_a)
    assert squares["党员活动日"].startswith("1月 支部未组织 2月 请假 3月 未到期")


def test_what_can_still_be_done_comes_true(client: Client, recorded: Cast) -> None:
    """W6: no leading role in a contest, 年内完成 for a pledge."""
    page = read(client, recorded.member_user_a)
    assert "交纳党费 按时交纳：3月、4月" in page
    assert "+10分" in page
    assert "志愿服务 最多+1.5分，起带头作用最多+3分" in page
    assert "承诺践诺 年内完成 +3分" in page
    assert "党史知识竞赛 最多+4分 参加一次党史知识竞赛" in page
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "volunteering", "", points=15, led=True, date=date(2026, 3, 14))
    assert "12.5 分 未定稿 年度尚未结束，已得12.5分" in read(client, recorded.member_user_a)


def test_who_was_absent_is_not_told_to_take_part_in_what_was_held(
    client: Client, recorded: Cast, clock: FrozenClock
) -> None:
    """W6, as it was seen: 按时参加：11月 to whom was absent at November's only meeting."""
    clock.set(2026, 11, 20)
    record_meeting(
        actor=recorded.recorder_a,
        now=clock.now,
        branch=recorded.branch_a,
        held_on=date(2026, 11, 12),
        kinds=[("party_day", "2026-11")],
        statuses={recorded.member_a.pk: Attendance.Status.ABSENT},
    )
    page = read(client, recorded.member_user_a)
    assert "党员活动日 按时参加：12月 +1分 党员活动日 补课：11月（支部报送核定之前） +1分" in page
    assert "按时参加：11月" not in page


def test_ones_own_record_form(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    client.force_login(recorded.member_user_a)
    response = client.get("/record-form/2026/")
    assert response["Content-Type"] == "application/pdf"
    assert name_of(response) == "2026年-党员积分制教育管理记录表.pdf"
    assert "no-store" in response["Cache-Control"]
    text = squeeze("".join(read_pages(response.content)))
    assert "2026-03-15负面清单扣分：传播谣言（2月15日发现）-5.0" in text
    assert "累计：4.5分" in text
    for year in (2019, 2024):
        assert client.get(f"/record-form/{year}/").status_code == 404


# Cost


def test_the_page_costs_the_same_queries_however_many_records(recorded: Cast) -> None:
    client = browse(recorded.member_user_a)
    assert client.get("/").status_code == 200
    few = count_queries(lambda: client.get("/"))
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    for number in range(40):
        make_event(batch, recorded.member_a, "council", "", points=1, date=date(2026, 3, 1 + number % 9))
        make_event(batch, recorded.members_a[2], "council", "", points=1, date=date(2026, 3, 1 + number % 9))
    assert count_queries(lambda: client.get("/")) == few
