"""Passwords that are guessed first: a name or word in pinyin, the town, a date, a row of digits, and these together."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from time import strptime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from foundation.normal_forms import normalise

COMMON_WORDS = frozenset(
    word
    for line in (
        "abc abcd admin aini asdf demo dangjian dangyuan dangzhibu dengni hello iloveyou jifen jifenzhi",
        "letmein love mima passw0rd password pwd qaz qwe qwer qwerty qwertyuiop root test user welcome woaini",
        "wsx zhibu zhongguo zxc zxcv",
    )
    for word in line.split()
)
"""What stands in every list of stolen passwords, and the words of this site."""
FEWEST_OWN = 5
"""Letters and digits that must be left once everything guessable is taken out."""
LONGEST_SYLLABLE = len("zhuang")
SYLLABLES_OF_A_NAME = 3
"""So many syllables of pinyin are a name or a word; more are a phrase, which nobody guesses."""
LONGEST_LOOKED_AT = 200
"""Characters; a password that goes on after so many is long enough anyway."""
_RUNS = re.compile(r"[a-z]+|[0-9]+")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2099
_ROWS = "0123456789", "9876543210", "1234567890", "0987654321"
_DATE_FORMS = ("%Y%m%d", "%Y%m", "%y%m%d", "%m%d")


class GuessablePasswordValidator:
    """Refuses what is left too short without names, common words, pinyin of a word, years, dates and rows of digits."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError` for a password that somebody who knows its owner would try."""
        if len(take_out_guessable(password, words_about(user))) < FEWEST_OWN:
            raise ValidationError(
                _(
                    "This password is easily guessed: it is made of a name, a common word or pinyin, with a date or a "
                    "row of digits. Choose another one, such as four words that have nothing to do with each other."
                ),
                code="guessable",
            )

    def get_help_text(self) -> str:
        """What a form says beforehand."""
        return _("Not a name, a word or pinyin with a date or a row of digits.")


def words_about(user: Any) -> set[str]:
    """What everybody knows about an account's owner, in small Latin letters and digits."""
    member = getattr(user, "member", None)
    town = getattr(user, "town", None)
    told = [getattr(user, "username", ""), user.get_full_name() if user is not None else "", town.name if town else ""]
    if member is not None:
        told += [member.name, member.phone or "", member.id_number[-6:] if member.id_number else ""]
    return {word for text in told for word in ("".join(lazy_pinyin(text)).casefold(), text.casefold()) if len(word) > 1}


def take_out_guessable(password: str, about: set[str]) -> str:
    """The letters and digits of a password that no list, calendar or acquaintance supplies."""
    rest = "".join(lazy_pinyin(normalise("NFKC", password[:LONGEST_LOOKED_AT]).casefold()))
    for word in sorted(about | COMMON_WORDS, key=lambda word: (-len(word), word)):
        rest = rest.replace(word, " ")
    parts = _RUNS.findall(rest)
    letters = [part for part in parts if part.isalpha()]
    syllables = [_count_syllables(part) for part in letters]
    if all(syllables) and sum(syllables) <= SYLLABLES_OF_A_NAME:
        letters = []
    digits = [part for part in parts if part.isdecimal() and not _is_usual_number(part)]
    others = [char for char in rest if char.isalnum() and not char.isascii()]
    return "".join([*letters, *digits, *others])


def _is_usual_number(digits: str) -> bool:
    """A row like 123, one digit repeated, a year or a date. A digit by itself may be anybody's own."""
    if len(digits) == 1:
        return False
    if len(set(digits)) == 1 or any(digits in row for row in _ROWS):
        return True
    if len(digits) == 4 and digits[:2] in ("19", "20"):
        return True
    return any(_is_date(digits, form) for form in _DATE_FORMS)


def _is_date(digits: str, form: str) -> bool:
    if len(digits) != len(date(2000, 10, 10).strftime(form)):
        return False
    try:
        # A day without a year is one of a leap year: 29 February is a birthday too.
        read = strptime(f"2000{digits}" if form == "%m%d" else digits, "%Y%m%d" if form == "%m%d" else form)
    except ValueError:
        return False
    return EARLIEST_YEAR <= read.tm_year <= LATEST_YEAR


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Every syllable of pinyin without its tone."""
    read = {one for several in PINYIN_DICT.values() for one in several.split(",")}
    plain = {to_normal(one) for one in read}
    typed = {"lv", "nv", "lve", "nve"}  # ü has no key
    return frozenset(one for one in plain if len(one) > 1 or one in "aeo") | typed


def _count_syllables(letters: str) -> int:
    """The fewest syllables of pinyin that a run of letters can be read as; 0 where it cannot."""
    fewest = {0: 0}
    for end in range(1, len(letters) + 1):
        starts = [
            start for start in range(max(0, end - 6), end) if start in fewest and letters[start:end] in _syllables()
        ]
        if starts:
            fewest[end] = 1 + min(fewest[start] for start in starts)
    return fewest.get(len(letters), 0)
