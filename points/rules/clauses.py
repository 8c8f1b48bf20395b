"""From a clause's id to the regulation's own numbering, which people find in the paper (D28).

The paper numbers 一 to 五 by characters, the parts of 二 in brackets, the sections of （三） by figures, and within
them only the grounds of a veto. Items that the paper lists without a number are cited by their section.
"""

REGULATION = "《办法》"
_CHAPTERS = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五", "6": "附表"}
_PARTS = {"1": "（一）", "2": "（二）", "3": "（三）"}
_SCORING = "2.3"
_VETO = "2.3.4"
_LAST_PARAGRAPH = "D"


def number_clause(clause: str) -> str:
    """How the paper numbers a clause: `2.3.1.4` → 二（三）1, `2.3.4.2` → 二（三）4（2）, `3.3` → 三3, `4.1` → 四."""
    chapter, *rest = clause.split(".")
    numbered = _CHAPTERS.get(chapter, "")
    if not rest or not numbered:
        return numbered
    if chapter in ("3", "5"):
        return f"{numbered}{rest[0]}"
    if chapter != "2" or rest[0] not in _PARTS:
        return numbered
    numbered += _PARTS[rest[0]]
    if len(rest) > 1 and clause.startswith(_SCORING):
        numbered += rest[1]
    if len(rest) > 2 and clause.startswith(f"{_VETO}."):
        numbered += f"（{rest[2]}）"
    elif len(rest) > 2 and rest[2] == _LAST_PARAGRAPH:
        numbered += "末段"
    return numbered


def cite_clause(clause: str) -> str:
    """A clause as a paper or a screen cites it: 《办法》二（三）1."""
    return f"{REGULATION}{number_clause(clause)}"
