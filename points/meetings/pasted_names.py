"""Reading names out of a list pasted from a chat (接龙, D26): exact names only, nothing is guessed.

Pure: no database. What is no exact name, or one that two people bear, or one with a word against it (张伟 请假), is
handed back with its line for a person to decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from foundation.normal_forms import normalise
from members.log.reasons import refuse_too_long

MOST_CHARACTERS = 20_000
"""Longer texts are no list of a branch."""

MOST_WORDS_OF_A_NAME = 4
MOST_CANDIDATES = 5
MOST_SHOWN = 120
"""Characters of a line that are handed back with each part of it in doubt."""
MOST_NESTED = 5
"""Brackets within brackets; what is deeper is no remark."""

_DOTS = str.maketrans(dict.fromkeys("・•‧∙⋅･", "·") | {"　": " "})
_DROPPED = frozenset({"So", "Sk", "Cf", "Me", "Cn", "Co", "Cs"})
_VARIATION_SELECTORS = "\ufe0e\ufe0f"
_BRACKETS = re.compile(r"[(\[{<【〔「《][^()\[\]{}<>【】〔〕「」《》]*[)\]}>】〕」》]")
# `++` keeps what it took: nothing stands after it, and a long run needs no memory to go back over.
_NUMBERING = re.compile(
    r"^\s*(?:第?\d{1,4}\s*(?:[.、,:;)\]。号位·]|\s|(?=[^\d年月日])|$)++|[一二三四五六七八九十]{1,3}\s*[、.)。])"
)
_INNER_NUMBERING = re.compile(r"^\d{1,3}[.)、]")
_SEPARATORS = re.compile(r"[、,;/|。!?]+")
_SUFFIX_STARTS = re.compile(r"[-—–―~+:=]+")
_HEADING = re.compile(r"^\s*#")
_AMOUNT = re.compile(r"[\d.%¥]+元?")
_AGREEING = ("已", "交", "缴", "收", "到", "转", "参加")
"""A word beginning so after a name says that it is so; no name begins like this."""
_POLITE = frozenset({"谢谢", "辛苦了", "好的", "ok", "元", "块"})
_AGAINST = (
    *("请假", "未", "没", "不", "缺", "取消", "退", "事假", "病假", "晚点", "稍后"),
    # Of a result that is to be confirmed.
    *("异议", "意见", "有误", "反对", "疑", "问题", "错"),
)


class Doubt(StrEnum):
    """Why a part of the list was left to a person."""

    UNKNOWN = "unknown"
    NAMESAKES = "namesakes"
    AGAINST = "against"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class FoundName:
    """A member whose exact name stands in the list; `line` counts from 1."""

    member_id: int
    line: int


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A part of the list for a person to decide: its line as pasted, the words in doubt and whom they might mean."""

    line: int
    text: str
    words: str
    doubt: Doubt
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PastedNames:
    """What a pasted list says: each member once, in the list's order, and what was left."""

    found: tuple[FoundName, ...]
    left: tuple[LeftLine, ...]

    @property
    def member_ids(self) -> tuple[int, ...]:
        return tuple(entry.member_id for entry in self.found)


def plain_name(text: str) -> str:
    """A name without what people type differently: width, blanks, the dot of minority names, emoji."""
    folded = normalise("NFKC", text).translate(_DOTS)
    return "".join(c for c in folded if not c.isspace() and not _is_decoration(c))


def _is_decoration(character: str) -> bool:
    return unicodedata.category(character) in _DROPPED or character in _VARIATION_SELECTORS


def match_pasted_names(text: str, members: Mapping[int, str], *, agreeing: Collection[str] = ()) -> PastedNames:
    """The members (id to name) whose exact names stand in a pasted list, and what is left to a person.

    Numbering, emoji, `@`, blanks within a name and remarks in brackets or after a dash do not matter. `agreeing` are
    words that speak against a tick in another list but not in this one (请假 in a list of those excused).

    Raises:
        TextTooLong: no list of a branch is that long; whoever stands beyond a cut would be taken for left out.
    """
    refuse_too_long(text, most=MOST_CHARACTERS)
    bearers: dict[str, list[int]] = defaultdict(list)
    for member_id, name in members.items():
        bearers[plain_name(name)].append(member_id)
    against = tuple(word for word in _AGAINST if word not in agreeing)
    found: dict[int, FoundName] = {}
    left: list[LeftLine] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        shown = raw.strip()[:MOST_SHOWN]
        for ids, words, doubt in _read_line(raw, bearers, against, tuple(agreeing)):
            if doubt is None:
                found.setdefault(ids[0], FoundName(ids[0], number))
            else:
                left.append(LeftLine(number, shown, words, doubt, ids[:MOST_CANDIDATES]))
    return PastedNames(tuple(found.values()), tuple(left))


_Part = tuple[tuple[int, ...], str, Doubt | None]


def _read_line(
    raw: str, bearers: Mapping[str, list[int]], against: tuple[str, ...], agreeing: tuple[str, ...]
) -> Iterator[_Part]:
    line = normalise("NFKC", raw).translate(_DOTS)
    is_heading = bool(_HEADING.match(line))
    line = "".join(" " if _is_decoration(c) or c in "@#*" else c for c in line)
    bare, remarks = _take_brackets(line)
    parts: list[_Part] = []
    for segment in _SEPARATORS.split(_NUMBERING.sub("", bare, count=1)):
        parts += _read_segment(_NUMBERING.sub("", segment, count=1), bearers, against, (*_AGREEING, *agreeing))
    if any(word in remarks for word in against):
        parts = [(ids, words, doubt or Doubt.AGAINST) for ids, words, doubt in parts]
    if is_heading and all(doubt is not None for _ids, _words, doubt in parts):
        return
    if not parts and remarks and (ids := _named_in(remarks, bearers)):
        parts = [(ids, remarks.strip(), Doubt.UNKNOWN)]
    # Whoever's name stands somewhere in the line is offered, never taken.
    named = () if all(ids for ids, _words, _doubt in parts) else _named_in(line, bearers)
    for ids, words, doubt in parts:
        yield ids or named, words, doubt


def _take_brackets(line: str) -> tuple[str, str]:
    """The line without its brackets, and what stood in them."""
    remarks: list[str] = []
    for _depth in range(MOST_NESTED):
        taken = _BRACKETS.findall(line)
        if not taken:
            break
        remarks += [part[1:-1] for part in taken]
        line = _BRACKETS.sub(" ", line)
    return line, " ".join(remarks)


def _read_segment(
    segment: str, bearers: Mapping[str, list[int]], against: tuple[str, ...], agreeing: tuple[str, ...]
) -> Iterator[_Part]:
    """The names of one segment, the remark behind them left aside or, where it is no plain remark, in doubt."""
    head, *tails = _SUFFIX_STARTS.split(segment)
    parts = list(_read_words(head.split(), bearers))
    words = " ".join(tails).split()
    for index, (ids, said, doubt) in enumerate(parts):
        if doubt is Doubt.UNKNOWN and index and (said in _POLITE or said.startswith(agreeing)):
            parts[index] = (ids, "", None)
        elif doubt is Doubt.UNKNOWN and index and any(word in said for word in against):
            words.append(said)
            parts[index] = (ids, "", None)
    spoken = [part for part in parts if part[0] or part[1]]
    if any(word in said for said in words for word in against):
        spoken = [(ids, said, doubt or Doubt.AGAINST) for ids, said, doubt in spoken]
    yield from spoken
    for ids, said, doubt in _read_words(words, bearers):
        if doubt is None:
            yield ids, said, Doubt.UNCLEAR


def _read_words(words: list[str], bearers: Mapping[str, list[int]]) -> Iterator[_Part]:
    words = [_INNER_NUMBERING.sub("", word) for word in words]
    words = [word for word in words if not _AMOUNT.fullmatch(word) and any(c.isalnum() for c in word)]
    start = 0
    while start < len(words):
        ends = [
            end
            for end in range(start + 1, min(start + MOST_WORDS_OF_A_NAME, len(words)) + 1)
            if "".join(words[start:end]) in bearers
        ]
        if not ends:
            yield (), words[start], Doubt.UNKNOWN
            start += 1
            continue
        ids = tuple(bearers["".join(words[start : ends[0]])])
        said = " ".join(words[start : ends[-1]])
        if len(ends) > 1:
            every = tuple(one for end in ends for one in bearers["".join(words[start:end])])
            yield every, said, Doubt.UNCLEAR
        else:
            yield ids, said, Doubt.NAMESAKES if len(ids) > 1 else None
        start = ends[-1]


def _named_in(line: str, bearers: Mapping[str, list[int]]) -> tuple[int, ...]:
    plain = plain_name(line)
    return tuple(one for name, ids in bearers.items() if name and name in plain for one in ids)
