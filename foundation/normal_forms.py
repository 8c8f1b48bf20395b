"""Unicode's normal forms of what strangers write, in time that grows with the text and no faster.

Python sorts the marks on a letter by exchanging neighbours: 100,000 of them on one letter take minutes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

MOST_MARKS = 30
"""On one letter: as many as Unicode's own stream-safe format allows, more than any language writes."""

# A run without a plain letter or a Chinese character, long enough to hold more marks than that.
_STRETCH = re.compile(rf"(?:^|(?<=[ -~\u4e00-\u9fff]))[^ -~\u4e00-\u9fff]{{{MOST_MARKS + 1}}}")


def normalise(form: Literal["NFC", "NFKC"], text: str) -> str:
    """The text in a normal form; marks beyond `MOST_MARKS` on one letter are left out."""
    if len(text) > MOST_MARKS and _STRETCH.search(text):
        text = _leave_out_marks(text)
    return unicodedata.normalize(form, text)


def _leave_out_marks(text: str) -> str:
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
