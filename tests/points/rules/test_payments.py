"""What is said of a payment of dues, and when it says something else than another."""

from __future__ import annotations

import pytest

from points.rules.payments import PAYMENT_COLUMNS, UNSAID, Payment


@pytest.mark.parametrize(
    ("row", "stored", "contradicts"),
    [
        (UNSAID, UNSAID, False),
        (UNSAID, Payment(500, 500, "李娜"), False),
        (Payment(500, 500), Payment(500, 500, "李娜"), False),
        (Payment(paid_by="李娜"), Payment(500, 500, "李娜"), False),
        (Payment(500, 500), UNSAID, True),
        (Payment(500, 600), Payment(500, 500), True),
        (Payment(0, 0), Payment(500, 500), True),
        (Payment(500, 500, "张伟"), Payment(500, 500, "李娜"), True),
        (Payment(500, 500, "李娜"), Payment(500, 500), True),
    ],
)
def test_what_is_left_open_fits_everything(row: Payment, stored: Payment, contradicts: bool) -> None:
    assert row.contradicts(stored) is contradicts


def test_the_columns_are_the_parts_in_their_order() -> None:
    assert Payment._fields == PAYMENT_COLUMNS
    assert [UNSAID.is_said, Payment(0, 0).is_said, Payment(paid_by="李娜").is_said] == [False, True, True]
