"""The workbench's pages as people meet them: two languages, a home for every role."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from points.records.recording import record_events
from scoring_site.workbench.register import workbench
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry
from tests.growth import grow_branch
from tests.scoring_site.screens import get
from tests.work import queries_of
from veto.deciding import propose_veto

SHOWN_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt", "data-label")
ENGLISH = re.compile(r"[A-Za-z]{3,}")


@pytest.mark.parametrize("table", ["points_pointevent", "points_attendance", "veto_deduction", "members_exemption"])
def test_a_list_works_out_its_columns_for_the_rows_of_its_page_alone(table: str, cast: Cast, client: Client) -> None:
    grow_branch(cast, 3)
    client.force_login(cast.secretary_a)
    asked = queries_of(lambda: client.get(reverse(f"workbench:{table}_changelist"), {"o": "0"}))
    (shown,) = (sql for sql in asked if '"branch_name"' in sql or '"may_void"' in sql)
    (found,) = (sql for sql in asked if sql.startswith(f'SELECT "{table}"."id" AS "pk" FROM'))
    assert f'"{table}"."id" IN (' in shown
    assert 'ORDER BY "members_member"."initials"' in found
    assert 'ORDER BY "members_member"."initials"' in shown


class _Reader(HTMLParser):
    """Collects a page's text and the attributes that are shown or read out; icons and the language switch left out."""

    HIDDEN = ("script", "style")
    EMPTY = ("input", "link", "meta", "br", "img", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        icon = "material-symbols-outlined" in (values.get("class") or "")
        switch = tag == "form" and values.get("action") == "/language/"
        hidden = tag in self.HIDDEN or icon or switch or any(self._open)
        if not hidden:
            self.words += [values[name] or "" for name in SHOWN_ATTRIBUTES if name in values]
        if tag not in self.EMPTY:
            self._open.append(tag in self.HIDDEN or icon or switch)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.words.append(data)


def shown_text(html: str) -> str:
    """What a reader sees of a page."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(reader.words)


ALLOWED = {"Ctrl", "Excel", "PDF", "Word", "member", "zw"}


LISTS = sorted(f"{model._meta.label_lower.replace('.', '_')}_changelist" for model in workbench._registry)


@pytest.mark.parametrize("page", ["index", *LISTS])
def test_in_chinese_no_english_word_is_seen(page: str, cast: Cast, client: Client) -> None:
    grow_branch(cast, 2)
    client.force_login(cast.staff)
    text = shown_text(client.get(reverse(f"workbench:{page}")).content.decode())
    words = set(ENGLISH.findall(re.sub(r"[\w.-]*-(?:a|b|\d+)\b|[0-9a-f]{8,}|staff|supervisor|outsider", " ", text)))
    assert words <= ALLOWED, words - ALLOWED


@pytest.mark.parametrize(
    "page",
    [
        "points_pointevent_record",
        "points_meeting_record",
        "veto_deduction_propose",
        "veto_vetorecord_propose",
        "members_member_new",
        "members_branch_new",
        "members_user_new",
        "points_assessmentyear_adopt",
    ],
)
def test_forms_are_in_chinese_and_in_english(page: str, cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    address = reverse(f"workbench:{page}") + f"?branch={cast.branch_a.pk}"
    words = set(ENGLISH.findall(shown_text(client.get(address).content.decode())))
    assert words <= ALLOWED, words - ALLOWED
    client.cookies["django_language"] = "en"
    text = shown_text(client.get(address).content.decode())
    assert "Back without saving" in text
    assert "Overview of the town" in text


def test_the_pages_name_no_other_server(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    for page in ("index", "members_member_changelist", "points_pointevent_record"):
        html = client.get(reverse(f"workbench:{page}")).content.decode()
        assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html) == []


@pytest.mark.parametrize(
    ("who", "can", "cannot"),
    [
        ("recorder_a", {"登记得分", "登记组织生活", "提出扣分"}, {"新增党员", "操作日志"}),
        ("committee_a", {"查找党员"}, {"登记得分", "提出扣分", "新增党员", "操作日志"}),
        ("supervisor", {"查找党员", "操作日志"}, {"登记得分", "提出扣分", "新增党员"}),
        ("staff", {"登记得分", "新增党员", "新账号", "操作日志"}, set()),
    ],
)
def test_the_home_offers_what_the_role_can_do(
    who: str, can: set[str], cannot: set[str], cast: Cast, client: Client
) -> None:
    client.force_login(getattr(cast, who))
    html = client.get(reverse("workbench:index")).content.decode()
    words = {line.strip() for line in re.sub(r"<[^>]*>", "\n", html).splitlines()}
    assert can <= words
    assert not cannot & words


def test_the_home_counts_what_is_within_reach(cast: Cast, client: Client) -> None:
    for actor, branch, member in (
        (cast.recorder_a, cast.branch_a, cast.member_a),
        (cast.recorder_b, cast.branch_b, cast.member_b),
    ):
        record_events(actor=actor, now=NOW, town=cast.town, branch=branch, entries=[incentive_entry(member)])
        propose_veto(
            actor=actor, now=NOW, member=member, ground="disrepute", date=TODAY, particulars="核实", papers="核实材料"
        )
    client.force_login(cast.recorder_a)
    assert [tile.figure for tile in client.get(reverse("workbench:index")).context["tiles"]] == [3, 1, 0, 0, 1]
    client.force_login(cast.staff)
    assert [tile.figure for tile in client.get(reverse("workbench:index")).context["tiles"]] == [6, 2, 0, 0, 2]


def test_a_member_s_record_shows_the_score_its_reasons_and_voids(cast: Cast, client: Client) -> None:
    batch = record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[base_entry(cast.member_a), incentive_entry(cast.member_a, points=15, led=True)],
    )
    client.force_login(cast.secretary_a)
    dues = batch.events.get(item="dues")
    client.post(reverse("workbench:points_pointevent_void", args=[dues.pk]), {"reason": "未交"})
    page = reverse("workbench:members_member_change", args=[cast.member_a.pk])
    response = client.get(page)
    html = response.content.decode()
    assert response.context["sheet"].shown == "3.0"
    assert 'class="wb-void"' in html
    assert "未交" in html
    assert reverse("workbench:members_member_record_form", args=[cast.member_a.pk, 2026]) in html
    assert client.get(page, {"year": "2025"}).context["year"] == 2025
    for year in ("1999", "x", "'", "2026\x00"):
        assert client.get(page, {"year": year}).status_code == 404


@pytest.mark.parametrize(
    "query", ["?p=-1", "?p=x", "?all=1", "?o=99.-99.x", "?_popup=1&_to_field=id", "?q=%00", "?e=1"]
)
def test_odd_addresses_end_in_no_error(query: str, cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    for model in workbench._registry:
        name = f"workbench:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert client.get(reverse(name) + query).status_code in {200, 302, 400, 403}, name


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("members_branch_changelist", "党支部"),
        ("members_branch_new", "支部名称"),
        ("members_town_changelist", "镇名称"),
        ("members_workday_changelist", "上班或放假 名称 镇"),
    ],
)
def test_only_people_are_called_by_a_persons_name(name: str, label: str, cast: Cast, client: Client) -> None:
    """W8, as it was seen: 姓名 stood over branches, the town and a holiday."""
    cast.town.work_days.create(day=TODAY, name="国庆节")
    page = get(client, cast.staff, reverse(f"workbench:{name}"))
    assert label in page
    assert "姓名" not in page
