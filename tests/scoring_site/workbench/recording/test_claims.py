"""Claims on the screen: filed and completed on a phone, answered in the workbench; another's is not there."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from members.models import Notification
from points.claims.claims import Deed, accept_claim, file_claim, return_claim, revise_claim
from points.models import Claim, EvidenceLink, PointEvent
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, TODAY, incentive_entry, make_member, make_user
from tests.members.evidence.uploads import PDF, picture, upload
from tests.pages import find_all, read_tree, text_of
from tests.scoring_site.screens import told
from tests.work import count_queries

TOKEN = "11111111-1111-4111-8111-111111111111"
SENT = {"item": "volunteering", "date": "2026-03-05", "deed": "清理村河道垃圾", "led": "on", "token": TOKEN}


def work(page: str, *args: Any) -> str:
    return reverse(f"workbench:points_claim_{page}", args=args)


@pytest.fixture
def claim(cast: Cast, evidence_dir: Path) -> Claim:
    deed = Deed("volunteering", TODAY, "清理村河道垃圾", points=10)
    return file_claim(actor=cast.member_user_a, now=NOW, deed=deed, files=[picture()])  # type: ignore[list-item]


def test_a_member_files_a_claim_with_photos(cast: Cast, client: Any, evidence_dir: Path) -> None:
    client.force_login(cast.member_user_a)
    page = client.get(reverse("new_claim")).content.decode()
    assert 'capture="environment"' in page
    assert "image/*,application/pdf" in page
    sent = SENT | {"evidence": [picture(), upload(PDF, "证明.pdf")]}
    response = client.post(reverse("new_claim"), sent, follow=True)
    claim = Claim.objects.get()
    assert response.redirect_chain == [(reverse("claim", args=[claim.uuid]), 302)]
    assert (claim.item, claim.points, claim.led, claim.state) == ("volunteering", None, True, "waiting")
    assert claim.evidence.count() == 2
    page = response.content.decode()
    assert "待组织委员处理" in page
    assert page.count(reverse("evidence", args=[claim.evidence.all()[0].uuid])) >= 1
    client.post(reverse("new_claim"), SENT)  # sent a second time
    assert Claim.objects.count() == 1


def test_what_was_typed_stays_when_a_file_is_refused_or_the_disk_is_full(
    cast: Cast, client: Any, evidence_dir: Path, settings: Any
) -> None:
    client.force_login(cast.member_user_a)
    page = client.post(reverse("new_claim"), SENT | {"evidence": [upload(b"MZ", "坏.exe")]}).content.decode()
    for kept in (
        "清理村河道垃圾",
        'value="2026-03-05"',
        "坏.exe",
        "只收图片",
        "请重新选择文件",
        "还没有提交",
    ):
        assert kept in page
    assert re.findall(r"<input[^>]*name=\"(\w+)\"[^>]*checked", page) == ["item", "led"]
    settings.EVIDENCE_DIR = evidence_dir / "file"
    settings.EVIDENCE_DIR.write_bytes(b"")
    page = client.post(reverse("new_claim"), SENT | {"evidence": [picture()]}).content.decode()
    assert "磁盘已满" in page
    assert "清理村河道垃圾" in page
    assert Claim.objects.count() == EvidenceLink.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"item": "dues"}, "dues"),
        ({"item": ""}, "必填"),
        ({"date": "2026-03-16"}, "2026-03-16"),
        ({"deed": " "}, "必填"),
        ({"item": "commendation", "grade_commendation": "heritage:1"}, "heritage:1"),
        ({"token": "x"}, ""),
    ],
)
def test_wrong_input_is_said_and_files_nothing(cast: Cast, client: Any, changed: dict[str, str], said: str) -> None:
    client.force_login(cast.member_user_a)
    response = client.post(reverse("new_claim"), SENT | changed)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert Claim.objects.count() == 0


@pytest.mark.parametrize(
    ("item", "points"),
    [("commendation", 20), ("volunteering", None)],
)
def test_a_level_counts_for_the_item_that_has_levels(cast: Cast, client: Any, item: str, points: int | None) -> None:
    """W10, as it was seen: 镇级…省级 for every item, and choosing one was refused; 翻倍前的分值 is not asked."""
    client.force_login(cast.member_user_a)
    page = client.get(reverse("new_claim")).content.decode()
    assert page.count("县级") == page.count("<select") == 1
    assert "翻倍" not in page
    client.post(reverse("new_claim"), SENT | {"item": item, "grade_commendation": "commendation:1"})
    claim = Claim.objects.get()
    assert (claim.item, claim.points, claim.led) == (item, points, True)


def test_a_returned_claim_keeps_its_level(cast: Cast, client: Any) -> None:
    client.force_login(cast.member_user_a)
    client.post(reverse("new_claim"), SENT | {"item": "commendation", "grade_commendation": "commendation:1"})
    claim = Claim.objects.get()
    return_claim(actor=cast.recorder_a, now=NOW, claim=claim, remark="请补文件")
    page = client.get(reverse("change_claim", args=[claim.uuid])).content.decode()
    assert '<option value="commendation:1" selected>县级</option>' in page


def test_a_bad_photo_does_not_lose_the_good_one_and_another_can_be_added(
    cast: Cast, client: Any, evidence_dir: Path
) -> None:
    """W10: the claim is in with the good one, and says what is wrong with the other."""
    client.force_login(cast.member_user_a)
    files = [picture(name="河道.jpg"), upload(b"MZ", "坏.exe")]
    page = client.post(reverse("new_claim"), SENT | {"evidence": files}, follow=True).content.decode()
    claim = Claim.objects.get()
    assert [link.file.name for link in claim.evidence.all()] == ["河道.jpg"]
    assert "“坏.exe”" in page
    assert "其余内容已经收到，可在下面补交照片。" in page
    address = reverse("claim", args=[claim.uuid])
    page = client.post(address, {"evidence": [upload(b"MZ", "又坏.exe")]}).content.decode()
    assert "“又坏.exe”" in page
    assert "请至少选择一个文件" in client.post(address, {}).content.decode()
    for _again in range(2):  # the same photo twice is one
        more = picture(size=(51, 51), name="现场.jpg")
        assert "照片已补交。" in client.post(address, {"evidence": [more]}, follow=True).content.decode()
    assert sorted(link.file.name for link in claim.evidence.all()) == ["河道.jpg", "现场.jpg"]
    accept_claim(actor=cast.recorder_a, now=NOW, claim=claim, points=10, led=True)
    assert 'name="evidence"' not in client.get(address).content.decode()
    late = client.post(address, {"evidence": [picture(size=(52, 52))]}, follow=True)
    assert "您不能在这里添加佐证材料" in told(late)
    assert claim.evidence.count() == 2
    client.force_login(cast.member_user_b)
    assert client.post(address, {"evidence": [picture(size=(53, 53))]}).status_code == 404


def test_photos_that_a_phone_calls_alike_are_told_apart(cast: Cast, client: Any, evidence_dir: Path) -> None:
    client.force_login(cast.member_user_a)
    photos = [picture(size=(50 + number, 50), name="image.jpg") for number in range(2)]
    client.post(reverse("new_claim"), SENT | {"evidence": [*photos, picture(name="河道.jpg")]})
    claim = Claim.objects.get()
    names = ["image.jpg（1）", "image.jpg（2）", "河道.jpg"]
    shown = read_tree(client.get(reverse("claim", args=[claim.uuid])).content)
    assert [text_of(name) for name in find_all(shown, "//ul[@class='files']//span")] == names
    return_claim(actor=cast.recorder_a, now=NOW, claim=claim, remark="请补一张活动照片")
    form = client.get(reverse("change_claim", args=[claim.uuid])).context["form"]
    assert [label for _pk, label in form.fields["take_away"].choices] == names
    client.force_login(cast.recorder_a)
    page = client.get(reverse("workbench:points_claim_change", args=[claim.pk])).content.decode()
    assert [name in page for name in names] == [True, True, True]


def test_returned_completed_and_withdrawn_on_the_phone(cast: Cast, client: Any, claim: Claim) -> None:
    client.force_login(cast.member_user_a)
    address = reverse("claim", args=[claim.uuid])
    assert client.get(reverse("change_claim", args=[claim.uuid])).status_code == 302  # not returned yet
    return_claim(actor=cast.recorder_a, now=NOW, claim=claim, remark="请补一张活动照片")
    unread = Notification.objects.filter(user=cast.member_user_a, read_at__isnull=True)
    assert unread.count() == 1
    page = client.get(address).content.decode()
    assert "请补一张活动照片" in page
    assert unread.count() == 0
    form = client.get(reverse("change_claim", args=[claim.uuid])).content.decode()
    assert "清理村河道垃圾" in form
    link = claim.evidence.get()
    sent = SENT | {"deed": "清理村河道", "take_away": [str(link.pk)], "evidence": [picture(size=(51, 51))]}
    assert client.post(reverse("change_claim", args=[claim.uuid]), sent).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.deed) == ("waiting", "清理村河道")
    assert sorted(claim.evidence.values_list("voided_at", flat=True), key=str) == [NOW, None]
    assert client.get(reverse("withdraw_claim", args=[claim.uuid])).status_code == 405
    client.post(reverse("withdraw_claim", args=[claim.uuid]))
    assert "已撤回" in client.get(address).content.decode()
    assert "清理村河道" in client.get(reverse("claims")).content.decode()


def test_the_recorder_sees_evidence_and_duplicates_and_accepts(cast: Cast, client: Any, claim: Claim) -> None:
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[incentive_entry(cast.member_a, day=TODAY)],
    )
    client.force_login(cast.recorder_a)
    page = client.get(work("change", claim.pk)).content.decode()
    assert "同一项目、同一天" in page
    assert reverse("workbench:points_evidencelink_thumbnail", args=[claim.evidence.get().pk]) in page
    sent = {"points": "0.5", "remark": "", "token": TOKEN}
    page = client.post(work("accept", claim.pk), sent).content.decode()
    assert "一事不重复计分" in page
    page = client.post(work("accept", claim.pk), sent | {"sure": "on"}).content.decode()
    assert "请说明原因" in page
    assert 'value="0.5"' in page
    assert PointEvent.objects.count() == 1
    client.post(work("accept", claim.pk), sent | {"sure": "on", "remark": "半天"})
    event = PointEvent.objects.get(batch__source="claim")
    assert (event.points, event.note) == (5, "清理村河道垃圾")
    page = client.get(reverse("workbench:points_pointevent_change", args=[event.pk])).content.decode()
    assert reverse("workbench:points_evidencelink_file", args=[claim.evidence.get().pk]) in page
    assert client.get(work("accept", claim.pk)).status_code == 403  # answered
    again = client.post(work("accept", claim.pk), sent | {"sure": "on", "remark": "半天"})
    assert (again.status_code, again["Location"]) == (302, work("change", claim.pk))
    assert "没有重复写入" in told(again)
    assert PointEvent.objects.filter(batch__source="claim").count() == 1
    client.force_login(cast.member_user_a)
    page = client.get(reverse("claim", args=[claim.uuid])).content.decode()
    assert "登记分值（有调整）" in page
    assert "半天" in page


@pytest.mark.parametrize(("page", "state"), [("return", "returned"), ("reject", "rejected")])
def test_the_recorder_returns_or_rejects_with_words(
    page: str, state: str, cast: Cast, client: Any, claim: Claim
) -> None:
    client.force_login(cast.secretary_a)
    client.post(work(page, claim.pk), {"remark": " "})
    assert Claim.objects.get().state == "waiting"
    client.post(work(page, claim.pk), {"remark": "请说明地点"})
    assert (Claim.objects.get().state, Claim.objects.get().remark) == (state, "请说明地点")


def test_each_answer_leads_to_the_next_claim(cast: Cast, client: Any, claim: Claim) -> None:
    """With the next one under the hand: one click each from the list on."""

    def file(words: str, minutes: int) -> Claim:
        deed = Deed("heritage", TODAY, words, points=5)
        return file_claim(actor=cast.member_user_a, now=NOW + timedelta(minutes=minutes), deed=deed)

    second, third = file("讲革命故事", 1), file("讲家风故事", 2)
    client.force_login(cast.recorder_a)
    assert work("accept", claim.pk) in client.get(work("changelist")).content.decode()
    page = client.get(work("accept", second.pk)).content.decode()
    for address in (work("return", second.pk), work("reject", second.pk), work("accept", third.pk)):
        assert f'href="{address}"' in page
    sent = {"points": "0.5", "remark": "", "token": TOKEN, "sure": "on"}
    answer = client.post(work("accept", second.pk), sent)
    assert answer["Location"] == work("accept", third.pk)
    assert "还有2件等您处理" in told(answer)
    unread = Notification.objects.filter(user=cast.recorder_a, read_at=None).order_by("pk")
    assert [row.link for row in unread] == [work("change", claim.pk), work("change", third.pk)]
    client.get(answer["Location"])
    assert [row.link for row in unread.all()] == [work("change", claim.pk)]
    answer = client.post(work("reject", third.pk), {"remark": "同一件事"})
    assert answer["Location"] == work("accept", claim.pk)  # the last one was filed last: back to the oldest
    answer = client.post(work("return", claim.pk), {"remark": "请补照片"})
    assert answer["Location"] == work("change", claim.pk)
    assert [row.state for row in Claim.objects.order_by("pk")] == ["returned", "accepted", "rejected"]
    assert "逐件处理" not in client.get(work("changelist")).content.decode()


def test_several_claims_of_one_deed_are_answered_at_once(cast: Cast, client: Any, claim: Claim) -> None:
    """Nobody is ticked but by the recorder; who claims the lead, and whoever is left out, is answered alone."""
    lina, guohua, weiwei = (
        make_user(f"more-{member.pk}", name=member.name, town=cast.town, member=member)
        for member in (*cast.members_a[1:], make_member(cast.branch_a, "赵薇"))
    )
    deed = Deed("volunteering", TODAY, "清理河道", points=10)
    others = [file_claim(actor=user, now=NOW, deed=deed) for user in (lina, guohua)]
    file_claim(actor=weiwei, now=NOW, deed=Deed("volunteering", TODAY, "带头清理河道", points=10, led=True))
    client.force_login(cast.recorder_a)
    page = client.get(work("accept", claim.pk))
    offered = re.findall(r'name="others" value="([^"]+)"( checked)?', page.content.decode())
    assert [choice.split("@")[0] for choice, _ticked in offered] == [str(each.pk) for each in others]
    assert [ticked for _choice, ticked in offered] == ["", ""]
    assert "申报1分" in page.content.decode()
    picked, left = (choice for choice, _ticked in offered)
    sent = {"points": "0.5", "remark": "", "token": TOKEN, "others": [picked]}
    refused = client.post(work("accept", claim.pk), sent).content.decode()
    assert "请说明原因" in refused
    assert re.findall(r'name="others" value="([^"]+)" checked', refused) == [picked]
    assert not PointEvent.objects.exists()
    answer = client.post(work("accept", claim.pk), sent | {"remark": "半天"})
    assert "已认定并登记2件申报" in told(answer)
    assert answer["Location"] == work("accept", others[1].pk)
    assert sorted(PointEvent.objects.values_list("member__name", "points")) == [("张伟", 5), ("李娜", 5)]
    unread = Notification.objects.filter(user=cast.recorder_a, read_at=None)
    assert not unread.filter(link=work("change", others[0].pk)).exists()
    return_claim(actor=cast.secretary_a, now=NOW, claim=others[1], remark="请写清楚")
    third = Claim.objects.get(led=True)
    stale = {"points": "1", "token": "22222222-2222-4222-8222-222222222222", "others": [left]}
    assert "已处理，请重新查看" in client.post(work("accept", third.pk), stale).content.decode()
    assert PointEvent.objects.count() == 2


def test_lists_cost_the_same_for_one_claim_and_for_many(cast: Cast, client: Any, claim: Claim) -> None:
    def count(user: Any, address: str) -> int:
        client.force_login(user)
        assert client.get(address).status_code == 200
        return count_queries(lambda: client.get(address))

    pages = [
        (cast.recorder_a, work("changelist")),
        (cast.member_user_a, reverse("claims")),
        (cast.recorder_a, reverse("workbench:points_evidencelink_changelist")),
    ]
    few = [count(*page) for page in pages]
    for number in range(12):
        deed = Deed("heritage", TODAY, f"讲革命故事{number}", points=5)
        more = file_claim(actor=cast.member_user_a, now=NOW, deed=deed, files=[picture(size=(60, 60 + number))])  # type: ignore[list-item]
        if number % 3 == 0:
            accept_claim(actor=cast.recorder_a, now=NOW, claim=more, points=5, led=False)
    assert [count(*page) for page in pages] == few
    client.force_login(cast.recorder_a)
    waiting = client.get(work("changelist") + f"?state=accepted&item=heritage&branch={cast.branch_a.pk}")
    assert waiting.content.decode().count("讲革命故事") == 4


def test_what_the_recorder_did_not_read_is_not_accepted(cast: Cast, client: Any, claim: Claim) -> None:
    """The page was open while somebody else returned the claim and the member filed another deed with it."""
    client.force_login(cast.recorder_a)
    shown = client.get(work("accept", claim.pk))
    form = shown.context["form"]
    assert 'name="filed"' in shown.content.decode()
    return_claim(actor=cast.secretary_a, now=NOW, claim=claim, remark="请写清楚")
    revise_claim(
        actor=cast.member_user_a,
        now=NOW + timedelta(minutes=5),
        claim=claim,
        deed=Deed("heritage", TODAY, "讲革命故事", points=10),
    )
    sent = {"points": "1", "remark": "", "token": TOKEN, "filed": form["filed"].value()}
    page = client.post(work("accept", claim.pk), sent).content.decode()
    assert "打开此页面后" in page
    assert not PointEvent.objects.exists()
    fresh = client.get(work("accept", claim.pk)).context["form"]["filed"].value()
    client.post(work("accept", claim.pk), sent | {"filed": fresh})
    assert PointEvent.objects.get().note == "讲革命故事"
