"""回避: whom a matter concerns, and their close kin, neither enter nor review nor decide it (D18, D19).

Who belongs to whom is on no roster, so kin are kept out by a statement of the actor that is ticked and logged.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.access import refuse_own_case
from members.errors import NotAllowed
from members.models import Member, User


def require_unrelated(actor: User, member: Member, *, declared: bool) -> None:
    """Refuse the member themselves, and whoever has not declared to be no close kin of theirs.

    Raises:
        NotAllowed.
    """
    refuse_own_case(actor, member)
    require_recusal_statement(declared=declared)


def require_recusal_statement(*, declared: bool) -> None:
    """Refuse whoever has not declared it, where the verb itself says whose own case it is: a line, a whole sheet.

    Raises:
        NotAllowed.
    """
    if not declared:
        raise NotAllowed(
            _(
                "Tick the recusal statement. Whoever is the member's spouse, parent, child or sibling leaves this to "
                "another officer of the committee or to the town's staff."
            )
        )
