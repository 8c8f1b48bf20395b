"""A list pasted from a chat ticks exact names and leaves everything else to a person."""

from __future__ import annotations

import pytest

from points.meetings.pasted_names import MOST_CHARACTERS, Doubt, match_pasted_names
from tests.work import counting_calls

MEMBERS = {1: "张伟", 2: "李娜", 3: "曾国华", 4: "欧阳娜", 5: "买买提·艾力", 6: "王芳", 7: "王芳", 8: "赵敏", 9: "钱进"}


def ids(text: str) -> list[int]:
    result = match_pasted_names(text, MEMBERS)
    assert result.left == ()
    return list(result.member_ids)


def left(text: str) -> list[tuple[int, str, str, tuple[int, ...]]]:
    return [(row.line, row.words, row.doubt.value, row.candidates) for row in match_pasted_names(text, MEMBERS).left]


@pytest.mark.parametrize(
    "line",
    [
        "张伟",
        "1. 张伟",
        "1.张伟",
        "1、张伟",
        "1 张伟",
        "1张伟",
        "１．张伟",
        "①张伟",
        "⑴ 张伟",
        "1） 张伟",
        "（1）张伟",
        "12号 张伟",
        "第3位：张伟",
        "一、张伟",
        "1️⃣张伟",
        "张 伟",
        "张　伟",
        "张  伟 👍",
        "👍🏻张伟🎉🎉",
        "@张伟",
        "@张伟 已交",
        "张伟（已交）",
        "张伟(微信转账50元)",
        "张伟【第一党小组】",
        "张伟-已交",
        "张伟——第一党小组",
        "张伟+1",
        "张伟 +1",
        "张伟 50元",
        "张伟：已交",
        "张伟 收到",
        "张伟 谢谢",
        "张伟✅",
        "张伟。",
        "  张伟  ",
        "张\u200b伟",
        "张伟️",
    ],
)
def test_one_name_however_it_is_written(line: str) -> None:
    assert ids(line) == [1]


def test_several_names_in_a_line() -> None:
    assert ids("张伟、李娜，曾国华 欧阳娜,赵敏；钱进") == [1, 2, 3, 4, 8, 9]
    assert ids("1.张 伟 2.李 娜") == [1, 2]
    assert ids("张 伟 李 娜") == [1, 2]
    assert ids("欧阳 娜") == [4]


@pytest.mark.parametrize("dot", "·・•‧")
def test_names_with_a_dot(dot: str) -> None:
    assert ids(f"3. 买买提{dot}艾力") == [5]


def test_a_name_counts_once() -> None:
    assert ids("张伟\n李娜\n张伟") == [1, 2]


def test_nothing_is_guessed() -> None:
    assert left("张伟伟") == [(1, "张伟伟", "unknown", (1,))]
    assert left("伟") == [(1, "伟", "unknown", ())]
    assert left("张伟已交") == [(1, "张伟已交", "unknown", (1,))]
    assert left("快乐每一天（李娜）") == [(1, "快乐每一天", "unknown", (2,))]
    assert left("张韦") == [(1, "张韦", "unknown", ())]
    assert left("张伟代李娜") == [(1, "张伟代李娜", "unknown", (1, 2))]


def test_namesakes_are_for_a_person_to_tell_apart() -> None:
    assert left("1. 王芳") == [(1, "王芳", "namesakes", (6, 7))]


@pytest.mark.parametrize(
    "line",
    [
        "张伟 请假",
        "张伟（请假）",
        "张伟-未交",
        "张伟：没交",
        "张伟 不来",
        "张伟（缺席）",
        "张伟 有异议",
        "张伟：分数有误",
    ],
)
def test_a_word_against_it_is_for_a_person(line: str) -> None:
    assert [(doubt, who) for _line, _words, doubt, who in left(line)] == [("against", (1,))]


def test_a_list_of_those_excused_may_say_so() -> None:
    result = match_pasted_names("张伟 请假\n李娜（请假）", MEMBERS, agreeing=("请假",))
    assert (result.member_ids, result.left) == ((1, 2), ())


def test_an_exact_name_and_somebody_else_in_one_line() -> None:
    result = match_pasted_names("张伟、老王、李娜", MEMBERS)
    assert result.member_ids == (1, 2)
    assert [(row.words, row.doubt) for row in result.left] == [("老王", Doubt.UNKNOWN)]


def test_a_name_behind_a_dash_is_not_taken() -> None:
    result = match_pasted_names("赵敏-李娜", MEMBERS)
    assert result.member_ids == (8,)
    assert [(row.doubt, row.candidates) for row in result.left] == [(Doubt.UNCLEAR, (2,))]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "1.\n2、\n③", "🎉🎉", "#接龙\n", "#接龙 三月党费", "——", "（）"])
def test_nothing_in_it(text: str) -> None:
    assert match_pasted_names(text, MEMBERS) == match_pasted_names("", MEMBERS)


def test_a_chat_list_of_fifty_lines() -> None:
    members = {number: f"{surname}{given}" for number, (surname, given) in enumerate(_people(), start=1)}
    styles = (
        "{n}. {x}",
        "{n}、{x}",
        "{n}） {x}👍",
        "{n} {s}",
        "@{x}",
        "{x}（已交）",
        "{x}+1",
        "🌹{x}🌹",
        "{n}.{x}-已交",
        "{s}",
    )
    lines = ["#接龙", "三月党费接龙，请党员同志们按时交纳"]
    for number, name in list(members.items())[:40]:
        style = styles[number % len(styles)]
        lines.append(style.format(n=number, x=name, s=f"{name[0]} {name[1:]}"))
    nicknames = [
        "41. 平安是福🙏",
        "42. 小草",
        "43、A建材老周",
        "44. 老党员",
        "45、云淡风轻",
        "46. 🌸花开富贵🌸",
        "47. 张三丰哥",
        "48. Lily",
    ]
    lines += nicknames
    assert len(lines) == 50
    result = match_pasted_names("\n".join(lines), members)
    assert result.member_ids == tuple(range(1, 41))
    assert sorted({row.line for row in result.left}) == [2, *range(43, 51)]
    assert all(row.text == lines[row.line - 1] for row in result.left)


def _people() -> list[tuple[str, str]]:
    surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    return [(surname, "国华" if index % 2 else "敏") for index, surname in enumerate(surnames)]


@pytest.mark.parametrize(("opening", "closing"), [("某某、", ""), ("(", ")"), ("某 ", ""), ("-某", "")])
def test_what_is_no_list_costs_neither_minutes_nor_megabytes(opening: str, closing: str) -> None:
    """A page of prose without line breaks, or brackets within brackets, pasted by mistake or on purpose."""
    members = {number: f"张{chr(0x4E00 + number)}" for number in range(150)}
    calls = []
    for characters in (MOST_CHARACTERS // 2, MOST_CHARACTERS):
        times = characters // len(opening + closing)
        with counting_calls() as work:
            result = match_pasted_names(opening * times + closing * times, members)
        calls.append(work.calls)
    half, whole = calls
    assert whole < 2.5 * half  # twice the text, about twice the work
    assert whole < 1_000_000
    assert not result.found
    assert sum(len(row.text) + len(row.words) for row in result.left) < 2_000_000


def test_a_heading_s_month_numbers_no_line() -> None:
    assert left("11月组织生活会报到\n3 月 5 日签到\n2月张伟") == [
        (1, "11月组织生活会报到", "unknown", ()),
        (2, "月", "unknown", ()),
        (2, "日签到", "unknown", ()),
        (3, "2月张伟", "unknown", (1,)),
    ]
