"""Deductions and vetoes as their member reads them: explained when confirmed, never in hard words before."""

from __future__ import annotations

from datetime import date

from django.test import Client

from tests.cast import Cast
from tests.factories import NOW, make_batch
from tests.scoring_site.portal.own_points import deduct, read, veto
from tests.veto.hearings import write_answer
from veto.models import Deduction, VetoRecord


def test_a_deduction_is_explained_to_its_member(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    page = read(client, recorded.member_user_a)
    assert "基础分 +2.0 激励分 +7.5 扣分 -5.0 年度积分 4.5" in page
    assert "您可以随时向党支部陈述、申辩；如有不同意见，可以向镇党委申诉。" in page
    assert (
        "传播谣言 -5.0 已作出决定，已计入 为什么？ 传播谣言 通过微信等自媒体传播谣言的，发现一次扣5分，扣完为止；"
        in page
    )
    assert "2026-02-15发现，2026-02-15经研究认定。 转发不实信息，经网信办认定" in page


def test_a_veto_says_who_decided_when_and_that_one_may_appeal(client: Client, recorded: Cast) -> None:
    veto(recorded, 2026)
    page = read(client, recorded.member_user_a)
    assert "0.0 分 未定稿 年度尚未结束，已得0分" in page
    assert "党支部委员会于2026-02-20召开会议作出认定。" in page
    assert "您此前所得9.5分仍予保留备查。 您可以随时向党支部陈述、申辩；如有不同意见，可以向镇党委申诉。" in page
    assert "因“黄赌毒”“酒驾醉驾”等受到党纪处分" in page
    assert "一票否决，年度积分为0分（《办法》二（三）4） -9.5" in page
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


def test_what_the_member_stated_stands_beside_the_deduction(client: Client, recorded: Cast) -> None:
    deduct(recorded, date(2026, 2, 15))
    Deduction.objects.update(notified_on=date(2026, 2, 15))
    write_answer(Deduction.objects.get(), date(2026, 2, 16), "statement", "是转述他人的话")
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
