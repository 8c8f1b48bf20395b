"""Remarks that offices write into the cell of a name: 陆明德（书记）, 顾长河★, 褚文博-女."""

from __future__ import annotations

MARKS = "★☆*＊※▲△◆◇■□#"
AFTER_A_HYPHEN = frozenset({"女", "男", "预备", "正式"})
HYPHENS = "-－—"
GONE = ("已故", "去世", "病故", "转出", "迁出", "除名", "开除", "停止党籍")
"""Remarks that say that somebody is on no roster any more."""


class RemarkedName(str):
    """A name beside which a remark stood."""

    __slots__ = ("remark",)
    remark: str

    @property
    def is_gone(self) -> bool:
        """Whether the remark says that the person is on no roster any more."""
        return any(word in self.remark for word in GONE)


def split_remark(text: str) -> str:
    """The name of a cell; where a remark stands before or behind it, as a `RemarkedName`. Without a name, the text."""
    name = text.strip().strip(MARKS).strip()
    if name.endswith((")", "）")):
        name = name[: max(name.rfind("("), name.rfind("（"))]
    for hyphen in HYPHENS:
        head, found, tail = name.rpartition(hyphen)
        if found and tail.strip() in AFTER_A_HYPHEN:
            name = head
    name = name.strip().strip(MARKS).strip()
    if not name or name == text.strip():
        return text
    remarked = RemarkedName(name)
    remarked.remark = text.strip().replace(name, "", 1)
    return remarked
