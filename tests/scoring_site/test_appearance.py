"""How the main screens look, at a desk and on a phone, in Chinese: judged by styles and boxes, not by pictures (W4).

An unstyled drawing, a text that is cut or covered, a page wider than the screen, buttons that lie over each other and
a stylesheet that is not there are named with the page and the element.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page

from members.models import AuditEntry
from points.evidence.links import attach_evidence
from points.meetings.holding import record_meeting
from points.models import Attendance, Claim, Meeting, PointEvent, Rating, Review, SignIn
from points.reviews.steps import open_review
from publicity.models import Notice, Objection
from scoring_site.unfold import RED
from tests.appearance import Judge, Look
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event, make_member
from tests.members.evidence.uploads import picture
from tests.pages import browse
from tests.publicity.stages import corrected
from tests.scoring_site.portal.world import World, build_world, veto
from veto.models import Deduction, VetoRecord

WIDTHS = (1280, 390)
NAMES = ["欧阳建国", "阿卜杜热合曼·买买提明", "刘洋", "陈晓红", "司马相如", "黄伟", "周杰", "吴桂英"]

LOOKS = [
    # The workbench: the party's red on the main button, white cards, the theme's tables.
    Look(".wb-main", "background-color", RED["600"]),
    Look(".wb-card:not(.wb-refusal)", "border-top-left-radius", "8px"),
    Look(".wb-table thead th", "font-size", "13px"),
    Look("#result_list thead th", "font-weight", "600"),
    Look(".wb-review-table thead th", "position", "sticky"),
    Look(".wb", "font-family", "Noto Sans CJK SC"),
    # The portal: its bar, the button one is to press, the table of a notice.
    Look("header.bar", "background-color", "#b3131b"),
    Look("main .main", "background-color", "#b3131b"),
    Look(".lines thead th", "font-weight", "700"),
    # A filled gauge has the colour of its area.
    Look(".wb-sheet .gauge .plain", "fill", "rgb(176, 122, 30)"),
    Look(".wb-chart .reached", "fill", "rgb(184, 134, 59)"),
    Look(".wb-heat .is-bare", "background-color", "rgb(138, 75, 0)"),
    Look("main#content .gauge .plain", "fill", "rgb(168, 106, 0)"),
]


@dataclass(frozen=True)
class Screen:
    """A page, and whose browser opens it; nobody's, where nobody has logged in."""

    name: str
    who: str
    address: str


def build_town() -> World:
    """The portal's world with more of everything, so that no list of branch A is empty and its names differ."""
    world = build_world()
    cast = world.cast
    veto(cast)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    more = [make_member(cast.branch_a, name, party_group="第一党小组") for name in NAMES]
    members = [*cast.members_a, *more]
    for number, member in enumerate(members):
        for month in range(7, 13):
            make_event(batch, member, "dues", f"2025-{month:02}", date=date(2025, month, 10), year=2025)
        if number % 2:
            deed: dict[str, Any] = {"points": 10 + number, "led": number % 3 == 0}
            make_event(batch, member, "volunteering", "", date=date(2025, 9, 5), year=2025, note="清理村河道", **deed)
            make_event(batch, member, "council", "", date=date(2026, 2, 5), **deed)
    open_review(branch=cast.branch_a, year=2025, half="H2")
    kept = [status for status in Attendance.Status.values if status != Attendance.Status.GUEST]
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 10),
        kinds=[("lecture", "2026Q1"), ("party_day", "2026-03")],
        statuses={member.pk: kept[number % len(kept)] for number, member in enumerate(members)},
        topic="学习贯彻党的二十届四中全会精神，讨论本村人居环境整治",
        place="村党群服务中心二楼会议室",
        host="甲书记",
        minutes="逐项讨论，形成一致意见。",
    )
    attach_evidence(actor=cast.recorder_a, now=NOW, files=[picture()], subject=PointEvent.objects.filter(
        member=cast.member_a, item="volunteering").latest("pk"))  # fmt: skip
    attach_evidence(actor=cast.member_user_a, now=NOW, files=[picture(size=(50, 40))], subject=Claim.objects.get())
    corrected(cast, Notice.objects.get().review, cast.member_a, now=NOW, month=4)
    Rating.objects.create(
        branch=cast.branch_a,
        member=cast.member_a,
        year=2024,
        decision="qualified",
        met_on=date(2025, 1, 20),
        by=cast.staff,
        at=NOW,
    )
    return world


def list_screens(world: World) -> list[Screen]:
    """The main screens, each with a row that has something to show."""
    cast = world.cast
    recorder, secretary, staff, member = "recorder_a", "secretary_a", "staff", "member_user_a"
    own, branch = cast.member_a.pk, cast.branch_a.pk
    half, notice = Review.objects.get(half="H2").pk, Notice.objects.get()

    def at_desk(name: str, who: str, page: str, *args: Any, query: str = "") -> Screen:
        return Screen(name, who, reverse(f"workbench:{page}", args=args) + query)

    def in_portal(name: str, page: str, *args: Any, query: str = "", who: str = member) -> Screen:
        return Screen(name, who, reverse(page, args=args) + query)

    def row(model: type[Model]) -> int:
        return int(model._default_manager.latest("pk").pk)

    return [
        at_desk("home of a recorder", recorder, "index"),
        at_desk("home of a secretary", secretary, "index"),
        at_desk("home of a committee member", "committee_a", "index"),
        at_desk("home of a supervisor", "supervisor", "index"),
        at_desk("home of the town's staff", staff, "index"),
        at_desk("overview", staff, "overview"),
        at_desk("overview of lectures", staff, "overview", query="?item=lecture"),
        at_desk("members", staff, "members_member_changelist"),
        at_desk("a member", recorder, "members_member_change", own),
        at_desk("a member's archive", recorder, "archive", own, 2026),
        at_desk("a branch", secretary, "members_branch_change", branch),
        at_desk("login slips", recorder, "login_slips"),
        at_desk("this month", recorder, "month"),
        at_desk("tick sheet", recorder, "ticks", branch),
        at_desk("activity", recorder, "activity"),
        at_desk("meetings", recorder, "points_meeting_changelist"),
        at_desk("a meeting", recorder, "points_meeting_change", row(Meeting)),
        at_desk("recording a meeting", recorder, "points_meeting_record"),
        at_desk("a sign-in", recorder, "points_signin_change", row(SignIn)),
        at_desk("claims", recorder, "points_claim_changelist"),
        at_desk("a claim", recorder, "points_claim_change", row(Claim)),
        at_desk("half-year reviews", recorder, "points_review_changelist"),
        at_desk("a half-year's table", secretary, "points_review_change", half),
        at_desk("a line of it", secretary, "points_review_line", half, cast.members_a[1].pk),
        at_desk("notices", secretary, "publicity_notice_changelist"),
        at_desk("a notice", secretary, "publicity_notice_change", notice.pk),
        at_desk("objections", secretary, "publicity_objection_changelist"),
        at_desk("an objection", secretary, "publicity_objection_change", row(Objection)),
        at_desk("deductions", secretary, "veto_deduction_changelist"),
        at_desk("a deduction", secretary, "veto_deduction_change", row(Deduction)),
        at_desk("vetoes", secretary, "veto_vetorecord_changelist"),
        at_desk("a veto", secretary, "veto_vetorecord_change", row(VetoRecord)),
        at_desk("import", staff, "import"),
        at_desk("importing records", recorder, "import_records"),
        at_desk("export", recorder, "export"),
        at_desk("ratings", staff, "points_rating_changelist"),
        at_desk("a branch's ratings", secretary, "points_rating_sheet", branch, 2025),
        at_desk("log", staff, "members_auditentry_changelist"),
        at_desk("an entry of the log", staff, "members_auditentry_change", row(AuditEntry)),
        in_portal("my points", "home"),
        in_portal("my first half of the year before", "home", query="?year=2025&half=H1"),
        in_portal("notices on show", "notices"),
        in_portal("a notice on show", "notice", notice.uuid),
        in_portal("objecting to it", "object_to_notice", notice.uuid),
        in_portal("my claims", "claims"),
        in_portal("claiming", "new_claim"),
        in_portal("a claim of mine", "claim", world.tokens["claim"]),
        in_portal("messages", "notifications"),
        in_portal("more", "more"),
        in_portal("hearings", "hearings"),
        in_portal("a hearing", "hearing", world.tokens["hearing"]),
        in_portal("my objections", "objections"),
        in_portal("an objection of mine", "objection", world.tokens["objection"]),
        in_portal("results", "results"),
        in_portal("log in", "login", who=""),
        in_portal("first login", "first_login", who=""),
    ]


@pytest.mark.slow
def test_the_main_screens_look_as_they_should(
    transactional_db: None, clock: FrozenClock, evidence_dir: Path, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    world = build_town()
    judge = Judge(browser_page, WIDTHS, LOOKS)
    faults: list[str] = []
    somebody = ""
    for screen in list_screens(world):
        if screen.who != somebody:
            sit_down(browser_page, world, screen.who, live_server.url)
            somebody = screen.who
        faults += [f"{screen.name} ({screen.address}) {fault}" for fault in judge.look_at(screen.address)]
    faults += [f"{look.selector} is nowhere on these screens" for look in LOOKS if look not in judge.seen]
    assert faults == [], "\n" + "\n".join(faults)


SQUARE = "<svg width='40' height='40'><rect width='40' height='40'{}/></svg>"
FINE = [
    SQUARE.format(" fill='#000'"),
    f"<div style='fill: currentcolor'>{SQUARE.format('')}</div>",
    "<svg width='40' height='40'><path d='M0 20h30m2 0h4' stroke='#000'/></svg>",
    "<h1 style='width: 80px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis'>党员积分制工作台</h1>",
    "<p style='position: absolute; width: 1px; height: 1px; overflow: hidden'>只给读屏软件</p>",
    "<div style='overflow-x: auto'><table><td style='min-width: 900px'>一月</table></div>",
    "<p style='height: 40px; overflow: auto'>一<br>二<br>三<br>四</p>",
    "<p style='line-height: 1'>紧挨着的<br>两行字</p>",
]
BAD = [
    (SQUARE.format(""), "is filled black because nothing styles it"),
    ("<svg width='40' height='40'><line x2='40' y2='40'/></svg>", "is a line that nothing colours"),
    ("<div style='width: 600px'>宽</div>", "is 608 pixels wide on a screen of 390"),
    ("<div style='width: 600px'>宽</div>", "sticks out of the screen: div “宽”"),
    ("<div style='overflow-x: auto'><p style='width: 900px'>宽</div>", "scrolls sideways though it holds no table"),
    ("<h1 style='width: 80px; overflow: hidden; white-space: nowrap'>党员积分制</h1>", "has its text cut at the side"),
    ("<p style='height: 1em; overflow: hidden'>第一行<br>第二行</p>", "has its text cut above or below"),
    ("<select style='width: 80px'><option>请选择一个项目</select>", "pixels of “请选择一个项目”"),
    ("<input style='width: 60px' placeholder='姓名或拼音首字母'>", "pixels of “姓名或拼音首字母”"),
    (
        "<button>保存</button><button style='margin-left: -1em'>返回</button>",
        "overlap: button “保存” and button “返回”",
    ),
    ("<p>第一行</p><p style='margin-top: -1.6em'>第二行</p>", "texts overlap"),
    ("<p>字</p><div style='position: relative; top: -40px; height: 40px; background: #fff'></div>", "is covered by"),
    ("<img src='data:image/png;base64,AAAA'>", "is a picture that did not load"),
    ("<link rel='stylesheet' href='data:text/css,'>", "is a stylesheet without rules"),
    ("<b class='wb-main'>红</b>", "has background-color rgba(0, 0, 0, 0)"),
]


def test_the_judge_names_each_fault_and_nothing_else(browser_page: Page) -> None:
    judge = Judge(browser_page, [390], LOOKS, patience=0)

    def look_at(body: str) -> str:
        html = f"<!DOCTYPE html><html lang='zh'><body>{body}</body></html>"
        return "\n".join(judge.look_at("data:text/html;charset=utf-8," + quote(html)))

    assert look_at("".join(FINE)) == ""
    assert [(body, found) for body, fault in BAD if fault not in (found := look_at(body))] == []


def sit_down(page: Page, world: World, who: str, site: str) -> None:
    """Put somebody of the cast, or nobody, in front of the browser."""
    page.context.clear_cookies()
    if who:
        client = browse(getattr(world.cast, who))
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
