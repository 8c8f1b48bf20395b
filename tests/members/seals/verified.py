"""What a verification of the seals names, in a database that was just emptied: what its tables are is sealed first."""

from __future__ import annotations

from foundation.clock import read_clock
from foundation.databases.commits import find_connection
from members.models import Seal
from members.seals.chain import seal_pending
from members.seals.definitions import seal_definitions
from members.seals.verification import Chain, verify_seals
from tests.flush import without_ledger_triggers

Named = tuple[str, str, str]


def begin_chain() -> None:
    """Seal the definitions and every row that is there; what was sealed before (when the database was made) goes."""
    connection = find_connection()
    connection.check_constraints()
    with without_ledger_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_seal")
    seal_definitions(connection)
    seal_pending(connection)  # in a test whose transaction never ends


def deviations() -> list[Named]:
    """Kind, name and message of each deviation."""
    return [
        (found.kind, found.identity, found.message) for found in verify_seals(Chain(), now=read_clock(), progress=None)
    ]


def last_link() -> Seal:
    return Seal.objects.order_by("-sequence")[0]
