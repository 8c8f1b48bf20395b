"""全镇总览: whose branches it shows and nobody else's, what is late, where a cell leads, what it costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Appointment, AuditEntry, Branch, DataRequest, Notification, User
from points.models import ReviewDates
from points.reviews.steps import open_review
from publicity.models import Objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import appoint, make_batch, make_branch, make_event, make_member, make_overseer, make_user
from tests.growth import grow_branch
from tests.pages import browse, find_all, find_values, read_tree
from tests.publicity.stages import posted
from tests.scoring_site.objecting import LATER, raise_it
from tests.work import count_queries
from veto.deciding import propose_deduction, propose_veto

pytestmark = pytest.mark.django_db
PAGE = "workbench:overview"
Role = Appointment.Role


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    """20 July 2025: branch A has all its dues recorded, but for one of June, and opened no half; branch B nothing."""
    clock.set(2025, 7, 20)
    ReviewDates.objects.create(
        town=cast.town,
        year=2025,
        half="H1",
        submit_by=date(2025, 7, 15),
        approve_by=date(2025, 7, 25),
        post_by=date(2025, 7, 31),
    )
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    for member in (*cast.members_a, cast.left_a):
        for month in range(1, 7):
            if (member, month) != (cast.members_a[2], 6):
                make_event(batch, member, period=f"2025-{month:02}", year=2025, date=date(2025, month, 9))
    return cast


def see(user: User, **asked: str) -> Any:
    return browse(user).get(reverse(PAGE, query=asked))


def branches_on(response: Any) -> list[str]:
    return [row["branch"].name for row in response.context["rows"]]


def cells_of(response: Any, branch: Branch) -> list[Any]:
    (row,) = [row for row in response.context["rows"] if row["branch"] == branch]
    return list(row["cells"])


def shown(response: Any, branch: Branch) -> list[tuple[str, str]]:
    return [(cell.look, cell.shown) for cell in cells_of(response, branch)]


def test_what_is_recorded_of_what_is_due_month_by_month(july: Cast) -> None:
    response = see(july.staff, item="dues")
    assert shown(response, july.branch_a) == [
        *[("full", "✓")] * 5,
        ("part", "缺1"),
        ("now", "未登记"),
        *[("later", "—")] * 5,
    ]
    assert shown(response, july.branch_b) == [*[("bare", "未登记")] * 6, ("now", "未登记"), *[("later", "—")] * 5]
    assert cells_of(response, july.branch_a)[5].said == "一支部 2025年6月：交纳党费 2/3"
    lectures = see(july.staff, item="lecture")
    assert [(cell.months, cell.look) for cell in cells_of(lectures, july.branch_a)] == [
        (3, "bare"),
        (3, "bare"),
        (3, "later"),
        (3, "later"),
    ]
    everything = see(july.staff)
    # 王五, who left in September, is scored no more: three of three, and the day of activities is not recorded.
    assert shown(everything, july.branch_a)[0] == ("gap", "缺1项")
    assert shown(everything, july.branch_b)[2] == ("bare", "未登记")


def test_a_gap_in_a_half_that_is_closed_is_nothing_to_record_any_more(july: Cast) -> None:
    review = open_review(branch=july.branch_b, year=2025, half="H1")
    type(review).objects.filter(pk=review.pk).update(state="approved")
    looks = [look for look, _shown in shown(see(july.staff, item="dues"), july.branch_b)]
    assert looks[:7] == ["shut"] * 6 + ["now"]


def test_a_cell_opens_the_month_for_who_records_and_the_sheet_for_who_reads(july: Cast) -> None:
    (url,) = {cells_of(see(july.staff), july.branch_b)[4].url}
    assert url == reverse("workbench:month", query={"branch": july.branch_b.pk, "month": "2025-05"})
    assert browse(july.staff).get(url).status_code == 200
    overseer = make_overseer(july.branch_b)
    for user in (july.supervisor, overseer):
        url = cells_of(see(user, item="party_day"), july.branch_b)[4].url
        assert url.startswith(reverse("workbench:ticks", args=[july.branch_b.pk]) + "?item=party_day")
        assert browse(user).get(url).status_code == 200


def test_every_way_on_leads_somewhere(july: Cast) -> None:
    overseer = make_overseer(july.branch_b)
    for user in (july.staff, july.supervisor, overseer):
        client = browse(user)
        tree = read_tree(client.get(reverse(PAGE)).content)
        links = {link.partition("#")[0] for link in find_values(tree, "//main//a/@href") if link[0] in "/?"}
        found = {
            link: status
            for link in links
            if (status := client.get(link if link[0] == "/" else reverse(PAGE) + link, follow=True).status_code) != 200
        }
        assert len(links) > 10
        assert found == {}


def test_a_late_branch_is_named_with_what_is_missing_and_how_long(july: Cast) -> None:
    response = see(july.staff)
    late = [(entry["row"].branch.name, entry["texts"]) for entry in response.context["late"]]
    half = "2025年上半年：尚未开启 · 应于2025-07-15前提交（逾期5天）"
    assert late == [
        ("二支部", (half, "6个月没有党费记录，最早是2025年1月（逾期170天）")),
        ("一支部", (half,)),
    ]
    tiles = [(tile.figure, tile.names, tile.is_late) for tile in response.context["tiles"]]
    assert tiles[:2] == [("1", "二支部", True), ("2", "二支部、一支部", True)]


def test_the_town_and_the_supervisor_see_their_town_and_no_other(july: Cast) -> None:
    for user in (july.staff, july.supervisor):
        response = see(user)
        assert branches_on(response) == ["一支部", "二支部"]
        assert "三支部" not in response.content.decode()
        assert see(user, town=str(july.other_town.pk)).status_code == 404
    assert branches_on(see(july.other_staff)) == ["三支部"]


def test_a_wrong_filter_is_answered_in_a_sentence(july: Cast) -> None:
    page = see(july.staff, year="abc", item="gambling").content.decode()
    assert "本镇没有“abc”年度的积分细则，现显示2025年。" in page
    assert "2025年度的积分细则没有“gambling”这一项目，现显示全部应登记内容。" in page
    assert "一支部" in page
    assert see(july.staff, year="2025", item="dues").context["wrong"] == []
    for name in ("overview_paper", "export_overview"):
        address = reverse(f"workbench:{name}", query={"year": "2024"})
        assert browse(july.staff).get(address).status_code == 404


def test_a_general_branch_sees_those_below_it_and_no_number_of_the_others(july: Cast) -> None:
    overseer = make_overseer(july.branch_a)
    for number in range(4):
        make_member(july.branch_b, f"外支部{number}")
    response = see(overseer)
    assert branches_on(response) == ["一支部"]
    overview = response.context["overview"]
    assert (overview.place, overview.spread.count, overview.waiting) == ("一支部的党总支", 3, ())
    page = response.content.decode()
    assert "二支部" not in page
    assert "所属支部总览" in page
    assert "全镇总览" not in page


def test_whoever_looks_after_no_branch_from_above_has_no_overview(july: Cast) -> None:
    for user in (july.recorder_a, july.secretary_a, july.committee_b):
        assert see(user).status_code == 403
        home = browse(user).get(reverse("workbench:index")).content.decode()
        assert reverse(PAGE) not in home
    for user in (july.member_user_a, july.outsider):
        assert see(user).status_code == 302


def test_what_waits_for_the_town_and_what_a_supervisor_may_know_of_it(july: Cast) -> None:
    now = FrozenClock().set(2025, 7, 1)
    about: dict[str, Any] = {"actor": july.recorder_a, "now": now, "papers": "核实材料"}
    particulars = "在棋牌室查获"
    propose_deduction(**about, member=july.member_a, date=date(2025, 6, 30), item="rumour", particulars=particulars)
    propose_veto(**about, member=july.member_a, date=date(2025, 6, 30), ground="disrepute", particulars=particulars)
    DataRequest.objects.create(member=july.member_a, text="电话有误", at=now)
    Appointment.objects.filter(user=july.recorder_b).delete()
    response = see(july.staff)
    texts = [task.text for task in response.context["overview"].waiting]
    assert texts == [
        "1件一票否决待镇里审核放行（已19天）",
        "1件个人信息请求待答复（已19天）",
        "1个支部没有组织委员（积分记录员）：二支部",
    ]
    page = response.content.decode()
    assert "扣分、否决1件待支部办理，最久已19天" in page
    for secret in (particulars, "造谣", "谣言", "恶劣影响", july.member_a.name):
        assert secret not in page
    supervised = [task.text for task in see(july.supervisor).context["overview"].waiting]
    assert supervised == [texts[0], texts[2]]
    others = [task.text for task in see(july.other_staff).context["overview"].waiting]
    assert others == ["1个支部没有书记：三支部"]
    assert see(make_overseer(july.branch_a)).context["concerns"] == []


def test_an_objection_that_is_hidden_from_somebody_is_not_counted_for_them(cast: Cast, clock: FrozenClock) -> None:
    """The number of hidden objections is told to nobody they are hidden from (D21)."""
    notice = posted(cast)
    clock.now = LATER
    raise_it(cast, notice, about_officers=True)
    assert Objection.objects.count() == 1
    response = see(cast.staff)
    assert response.context["overview"].waiting[0].text.startswith("1件异议待答复")
    assert response.context["tiles"][3].figure == "1"
    appoint(cast.staff, Role.SECRETARY, branch=cast.branch_a)
    response = see(cast.staff)
    assert "异议待答复：" not in "".join(task.text for task in response.context["overview"].waiting)
    assert response.context["tiles"][3].figure == "0"


def test_who_may_need_a_visit_is_a_number_and_no_conclusion(july: Cast) -> None:
    owing = make_member(july.branch_a, "欠半年")
    response = see(july.staff)
    assert [(row.branch.name, row.concern.people, url) for row, url in response.context["concerns"]] == [
        ("一支部", 1, reverse("workbench:candidates", query={"branch": july.branch_a.pk}))
    ]
    page = response.content.decode()
    assert "需关心了解1人" in page
    assert "系统提示，不作结论" in page
    assert owing.name not in page
    assert see(make_overseer(july.branch_a)).context["concerns"] == []


@pytest.mark.parametrize("who", ["staff", "supervisor", "overseer"])
def test_before_the_year_is_over_nothing_is_a_judgement(who: str, july: Cast) -> None:
    user = make_overseer(july.branch_a) if who == "overseer" else getattr(july, who)
    page = see(user).content.decode()
    assert "截至今天，年度尚未结束" in page
    for word in ("不合格", "color: red", "#c00", "wb-urgent", 'wb-late"'):
        assert word not in page


def test_a_screen_reader_has_the_figures_and_the_drawing_has_no_script(july: Cast) -> None:
    tree = read_tree(see(july.staff).content)
    (drawing,) = find_all(tree, "//main//svg")
    assert drawing.get("role") == "img"
    named = drawing.get("aria-labelledby", "").split()
    assert [len(find_all(tree, f"//*[@id='{name}']")) for name in named] == [1, 1]
    assert find_all(drawing, ".//script") == []
    assert find_values(drawing, ".//@style") == []
    tables = find_all(tree, "//table[contains(@class, 'wb-spread')]")
    assert [len(find_all(table, ".//tbody/tr")) for table in tables] == [5, 10]
    heads = find_all(tree, "//table[@class='wb-heat']//th[@scope]")
    assert len(heads) == 1 + 12 + 2 + 1 + 2


def test_a_click_reminds_once_and_says_whom(july: Cast, client: Client) -> None:
    client.force_login(july.staff)
    address = reverse("workbench:overview_remind", args=[july.branch_b.pk]) + "?year=2025"
    assert client.get(address).status_code == 405
    sent = {"token": "6f1c1f36-9a5e-4c3e-8d1b-0a5a4c1d2e3f"}
    for _twice in range(2):
        response = client.post(address, sent, follow=True)
    assert response.redirect_chain[-1][0] == reverse(PAGE) + "?year=2025"
    told = Notification.objects.filter(kind=Notification.Kind.BRANCH_REMINDED)
    assert [note.user for note in told.order_by("user")] == [july.recorder_b, july.secretary_b]
    assert AuditEntry.objects.filter(verb="remind_branch").count() == 1
    page = response.content.decode()
    assert "07-20已提醒：乙记录员、乙书记" in page
    assert address.partition("?")[0] not in page, "it is offered again tomorrow"
    assert "今天已提醒过" in client.post(address, follow=True).content.decode()


def test_who_may_not_remind_is_offered_no_click_and_has_none(july: Cast) -> None:
    overseer = make_overseer(july.branch_a)
    addresses = {
        branch: reverse("workbench:overview_remind", args=[branch.pk]) for branch in (july.branch_a, july.branch_b)
    }
    assert "提醒支部" not in see(july.supervisor).content.decode()
    expected = {
        july.supervisor: (403, 403),
        july.recorder_a: (403, 404),
        july.other_staff: (404, 404),
        overseer: (302, 404),
    }
    for user, statuses in expected.items():
        found = tuple(browse(user).post(address).status_code for address in addresses.values())
        assert found == statuses, user
    assert Notification.objects.filter(kind=Notification.Kind.BRANCH_REMINDED).count() == 2


def test_a_branch_without_officers_is_said_to_have_none(july: Cast, client: Client) -> None:
    Appointment.objects.filter(branch=july.branch_b).delete()
    client.force_login(july.staff)
    response = client.post(reverse("workbench:overview_remind", args=[july.branch_b.pk]), follow=True)
    assert "二支部没有组织委员（积分记录员），也没有书记：没有提醒任何人" in response.content.decode()


def test_a_town_without_a_rulebook_is_told_so(cast: Cast, clock: FrozenClock) -> None:
    clock.set(2027, 1, 5)
    cast.town.assessment_years.all().delete()
    response = see(cast.staff)
    assert response.status_code == 200
    assert "2027年度" in response.content.decode()


def test_many_members_and_branches_cost_as_many_queries_as_few(july: Cast) -> None:
    overseer = make_overseer(july.branch_a)

    def count() -> list[int]:
        return [count_queries(lambda user=user: see(user)) for user in (july.staff, july.supervisor, overseer)]  # type: ignore[misc]

    grow_branch(july, 2)
    open_review(branch=july.branch_a, year=2025, half="H1")
    make_member(july.branch_a, "欠半年")
    count()
    few = count()
    grow_branch(july, 12)
    for number in range(5):
        branch = make_branch(july.town, f"新支部{number}", parent=july.branch_a.parent)
        make_member(branch, "新人")
        open_review(branch=branch, year=2025, half="H1")
        appoint(make_user(f"recorder-{number}", town=july.town), Role.RECORDER, branch=branch)
    assert count() == few
