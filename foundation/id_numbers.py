"""Citizen ID numbers (公民身份号码, GB 11643): 17 digits and a check character."""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from foundation.months import Month
from foundation.workbooks.errors import CellError

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD_FORM = re.compile(r"[0-9]{15}")
_DROPPED = re.compile(r"[\s'’‘]")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


@dataclass(frozen=True)
class IdNumber:
    """A number whose form, date and check character are right. `sex` is `male` or `female`."""

    number: str
    birth_date: date
    sex: str


class Contradiction(NamedTuple):
    """What stands beside an ID number and says something else; `about` is `birth_date` or `sex`."""

    about: str
    problem: str
    remedy: str


def check_id_number(text: str) -> IdNumber:
    """Check a citizen ID number; full-width digits, spaces and a lower-case x are put right.

    Raises `CellError`: `id_15_digits`, `id_form`, `id_birth_date`, `id_check_character`.
    """
    number = _DROPPED.sub("", text).translate(_FULL_WIDTH).upper()
    if _OLD_FORM.fullmatch(number):
        raise CellError(
            "id_15_digits",
            _("This is an old citizen ID number with 15 digits."),
            _("Enter the number with 18 characters from the present ID card."),
        )
    if not _FORM.fullmatch(number):
        raise CellError(
            "id_form",
            _("A citizen ID number has 17 digits and a check character; this has another form."),
            _("Compare it with the ID card; the column must be formatted as text."),
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = None
    if born is None or not 1880 <= born.year <= 2100:
        raise CellError(
            "id_birth_date",
            _("The date of birth inside the citizen ID number does not exist."),
            _("Compare it with the ID card."),
        )
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    if number[17] != _CHECK_CHARACTERS[total % 11]:
        raise CellError(
            "id_check_character",
            _("The check character of the citizen ID number is wrong; a digit was mistyped."),
            _("Compare it with the ID card."),
        )
    return IdNumber(number, born, "male" if int(number[16]) % 2 else "female")


def find_contradictions(number: IdNumber, *, birth_date: date | None, sex: str | None) -> list[Contradiction]:
    """What of a date of birth (or its month) and a sex the ID number contradicts; blanks contradict nothing."""
    remedy = _("Compare both with the ID card.")
    born, found = number.birth_date, []
    if isinstance(birth_date, Month):
        is_another = (birth_date.year, birth_date.month) != (born.year, born.month)
    else:
        is_another = birth_date not in (None, born)
    if is_another:
        problem = _("The date of birth does not agree with the citizen ID number (%(date)s).") % {"date": born}
        found.append(Contradiction("birth_date", problem, remedy))
    if sex and sex != number.sex:
        found.append(Contradiction("sex", _("The sex does not agree with the citizen ID number."), remedy))
    return found
