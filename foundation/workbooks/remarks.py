"""Remarks that offices write into the cell of a name: 陆明德（书记）, 顾长河★, 褚文博-女."""

from __future__ import annotations

from typing import Self

MARKS = "★☆*＊※▲△◆◇■□#"
AFTER_A_HYPHEN = frozenset({"女", "男", "预备", "正式"})
HYPHENS = "-－—"
GONE = ("已故", "去世", "病故", "转出", "迁出", "除名", "开除", "停止党籍")
"""Remarks that say that somebody is on no roster any more."""


class RemarkedName(str):
    """A name beside which a remark stood."""

    __slots__ = ("remark",)
    remark: str

    def __new__(cls, name: str, remark: str) -> Self:
        """The name, which remembers the remark."""
        remarked = super().__new__(cls, name)
        remarked.remark = remark
        return remarked


def split_remark(text: str) -> tuple[str, str]:
    """The name in a cell, and the remark before or behind it; without a remark, or a name, the text and nothing."""
    name = text.strip().strip(MARKS).strip()
    if name.endswith((")", "）")):
        name = name[: max(name.rfind("("), name.rfind("（"))]
    for hyphen in HYPHENS:
        head, found, tail = name.rpartition(hyphen)
        if found and tail.strip() in AFTER_A_HYPHEN:
            name = head
    name = name.strip().strip(MARKS).strip()
    if not name or name == text.strip():
        return text, ""
    return name, text.strip().replace(name, "", 1)


def says_gone(remark: str) -> bool:
    """Whether a remark says that the person is on no roster any more."""
    return any(word in remark for word in GONE)
