"""What is said of a payment of dues beside the month it is for (2.3.1.1, D25); amounts are integer fen (D23)."""

from __future__ import annotations

from typing import NamedTuple


class Payment(NamedTuple):
    """What was due and what was paid, both or neither, and who paid for the member.

    Most dues are a tick, which leaves it all unsaid.
    """

    due_fen: int | None = None
    paid_fen: int | None = None
    paid_by: str = ""

    @property
    def is_said(self) -> bool:
        return self != UNSAID

    def contradicts(self, other: Payment) -> bool:
        """Whether this one says something that the other does not say; what it leaves open fits everything."""
        amounts, others = (self.due_fen, self.paid_fen), (other.due_fen, other.paid_fen)
        return (amounts not in ((None, None), others)) or self.paid_by not in ("", other.paid_by)


UNSAID = Payment()

PAYMENT_COLUMNS = ("due_fen", "paid_fen", "paid_by")
"""Where the ledger keeps them, in their order."""
