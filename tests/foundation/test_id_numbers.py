from datetime import date

import pytest

from foundation.id_numbers import IdNumber, check_id_number
from foundation.workbooks.errors import CellError


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("430121198109050145", IdNumber("430121198109050145", date(1981, 9, 5), "female")),
        ("41012219471217194x", IdNumber("41012219471217194X", date(1947, 12, 17), "female")),
        ("４１０１２２１９４７１２１７１９４Ｘ", IdNumber("41012219471217194X", date(1947, 12, 17), "female")),
        (" 430121 19870626 8548 ", IdNumber("430121198706268548", date(1987, 6, 26), "female")),
        ("330282196602240191", IdNumber("330282196602240191", date(1966, 2, 24), "male")),
    ],
)
def test_good_numbers(written: str, expected: IdNumber) -> None:
    assert check_id_number(written) == expected


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("430121810905014", "id_15_digits"),
        ("43012119810905014", "id_form"),
        ("4301211981090501455", "id_form"),
        ("4301211981O9050145", "id_form"),
        ("4.30121198109E+17", "id_form"),
        ("030121198109050145", "id_form"),
        ("43012119810905014²", "id_form"),
        ("430121198113050145", "id_birth_date"),
        ("430121198102300145", "id_birth_date"),
        ("430121000002280145", "id_birth_date"),
        ("430121198109050146", "id_check_character"),
        ("430121198109050154", "id_check_character"),
        ("43012119810905014X", "id_check_character"),
    ],
)
def test_bad_numbers(written: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        check_id_number(written)

    assert caught.value.code == code
    assert caught.value.problem
    assert caught.value.remedy
