"""Nothing is logged without words, in both languages, and a label names what it is (W8)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils.translation import override

from members.log.audit import log_change
from members.log.words import LogWords, list_verbs, list_words, name_key, name_value, name_verb, register_log_words
from members.models import Appointment, AuditEntry, Branch, Member, Town, WorkDay
from points.models import Claim, Draft, Meeting, Review
from publicity.models import Notice, Objection
from tests.cast import Cast
from tests.factories import NOW

ROOT = Path(__file__).parents[3]
APPS = ("foundation", "members", "points", "veto", "publicity", "scoring_site")
CHINESE = re.compile("[\u4e00-\u9fff]")


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in every module of the house, with where it stands."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _constants_in(value: ast.expr) -> Iterator[str]:
    """The keys a dictionary display writes down, also where two are joined or one is chosen."""
    if isinstance(value, ast.Dict):
        for key, inner in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value)
            elif key is None:
                yield from _constants_in(inner)
    elif isinstance(value, ast.BinOp):
        yield from _constants_in(value.left)
        yield from _constants_in(value.right)
    elif isinstance(value, ast.IfExp):
        yield from _constants_in(value.body)
        yield from _constants_in(value.orelse)


def test_every_verb_in_the_sources_has_words_and_no_words_are_left_over() -> None:
    used = set()
    for where, call in _calls():
        for keyword in call.keywords:
            if keyword.arg != "verb":
                continue
            if isinstance(keyword.value, ast.Constant):
                used.add(keyword.value.value)
            else:
                # Passed on by a function that was given it in turn, so that every verb stands somewhere as a constant.
                assert isinstance(keyword.value, ast.Name), where
                assert keyword.value.id == "verb", where
    assert len(used) > 90
    assert used == set(list_words().verbs)


def test_every_key_written_down_where_something_is_logged_has_words() -> None:
    """Registered ones, or the name of a field of some model."""
    fields = {column.name for model in apps.get_models() for column in model._meta.concrete_fields}
    found: set[str] = set()
    for _where, call in _calls():
        arguments = {keyword.arg: keyword.value for keyword in call.keywords}
        if "verb" in arguments:
            found |= {key for side in ("old", "new") if side in arguments for key in _constants_in(arguments[side])}
    assert len(found) > 50
    assert found - fields - list_words().keys.keys() == set()


def test_entries_are_made_in_one_place() -> None:
    """Which refuses a verb without words; what is made elsewhere could slip past it."""
    made = {
        where.split(":")[0]
        for where, call in _calls()
        if ast.unparse(call.func) in ("AuditEntry", "AuditEntry.objects.create", "AuditEntry.objects.get_or_create")
    }
    assert made == {"members/log/audit.py"}


def _said() -> list[tuple[str, str, Any]]:
    words = list_words()
    said = [("verb", code, text) for code, text in words.verbs.items()]
    said += [("key", code, text) for code, text in words.keys.items()]
    said += [(f"value of {key}", code, text) for key, codes in words.values.items() for code, text in codes.items()]
    return said


def test_all_words_are_there_in_both_languages() -> None:
    for what, code, text in _said():
        with override("zh-hans"):
            assert CHINESE.search(str(text)), (what, code)
        with override("en"):
            english = str(text)
        assert english, (what, code)
        assert "_" not in english, (what, code)
        assert not CHINESE.search(english), (what, code)
        if what == "verb":
            assert english != code


def test_no_two_verbs_share_their_words() -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            texts = [text for _code, text in list_verbs()]
            assert texts == sorted(texts)
            assert len(texts) == len(set(texts))


@pytest.mark.django_db
def test_a_verb_without_words_is_refused_and_nothing_is_written(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(LookupError, match=r"paint_the_hall.*log_words"):
        log_change(actor=cast.staff, now=NOW, town=cast.town, verb="paint_the_hall", subject=cast.town)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "words",
    [
        LogWords(verbs={"new_verb": "a", "file_claim": "b"}),
        LogWords(verbs={"new_verb": "a"}, keys={"branch": "b"}),
        LogWords(verbs={"new_verb": "a"}, values={"channel": {"board": "b"}}),
        LogWords(verbs={"new_verb": "a"}, sayings={"kinds": str}),
    ],
)
def test_what_has_words_gets_no_others(words: LogWords) -> None:
    with pytest.raises(ValueError, match=r"already: \w+ .*\w"):
        register_log_words(words)
    assert "new_verb" not in list_words().verbs


def test_a_verb_of_another_version_shows_as_it_is_stored() -> None:
    assert name_verb("paint_the_hall") == "paint_the_hall"


@pytest.mark.parametrize(
    ("model", "words"),
    [(Member, "姓名"), (Branch, "支部名称"), (Town, "镇名称"), (WorkDay, "名称")],
)
def test_only_people_have_a_persons_name(model: Any, words: str) -> None:
    assert name_key(model, "name") == words


@pytest.mark.parametrize(
    ("model", "key", "value", "words"),
    [
        (Member, "phone", "***", "日志不显示内容"),
        (Member, "sex", "female", "女"),
        (Member, "why", "transferred_in", "转入"),
        (Member, "out_of_contact", "", "—"),
        (Branch, "has_committee", True, "是"),
        (Branch, "position", 0, "0"),
        (Branch, "successor", None, "—"),
        (Appointment, "role", "committee_member", "支部委员"),
        (Town, "off", ["2027-01-01", "2027-01-02"], "2027-01-01、2027-01-02"),
        (Town, "channels", ["board", "chat"], "公开栏、微信群"),
        (Town, "worked", [], "—"),
        (Town, "backup_of", "2026-03-02T01:00:00+00:00", "2026-03-02 09:00"),
        (Claim, "item", "home_visit", "红色家访"),
        (Claim, "points", 5, "0.5"),
        (Claim, "led", False, "否"),
        (Claim, "evidence", ["1", "2", "3"], "3"),
        (Draft, "kind", "month", "整月登记"),
        (Branch, "events", ["1", "2"], "2"),
        (Review, "half", "H1", "上半年"),
        (Review, "state", "published", "公示中"),
        (Review, "how", "slip", "结果通知单签字"),
        (Objection, "via", "phone", "电话"),
        (Objection, "answer_kind", "explained", "解释说明"),
        (Notice, "channel", "meeting", "支部大会"),
        (
            Review,
            "reviews",
            [{"year": 2026, "half": "H1", "branch": "一支部", "state": "final"}],
            "一支部 2026年上半年（已定稿）",
        ),
        (
            Meeting,
            "kinds",
            [["party_day", "2026-02"], ["lecture", "2026Q1", "学习党章"]],
            "党员活动日（2026年2月）、党课（2026年第1季度） 学习党章",
        ),
        (
            Meeting,
            "attendance_changes",
            [["1", "home_visit"], ["2", "home_visit"], ["3", ""]],
            "不应到 1、送学上门 2",
        ),
    ],
)
def test_values_are_said_in_words(model: Any, key: str, value: Any, words: str) -> None:
    assert name_value(model, key, value) == words
