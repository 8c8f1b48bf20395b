"""What was answered before answers were rows of their own is, after the upgrade, by whoever the log names (D18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from points.integrity.ledger import verify_ledger
from tests.cast import build_cast
from tests.factories import NOW
from tests.flush import without_ledger_triggers
from tests.older_migrations import OneByOne, migrate_back, migrate_forth
from tests.veto.hearings import tell
from tests.veto.proposals import PROPOSED, TOLD, Kind, answer, propose, propose_a_veto
from veto.hearings import answer_own_finding
from veto.models import Answer, Finding, Telling

LATER = NOW + timedelta(hours=1)


def store_as_the_first_version(finding: Finding, **said: Any) -> None:
    state = OneByOne(connection).project_state(("veto", "0001_house"))
    model = state.apps.get_model("veto", type(finding).__name__)
    model.objects.filter(pk=finding.pk).update(notified_on=TOLD, answered_on=date(2026, 2, 5), **said)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_answers_are_by_whom_the_log_names() -> None:
    cast = build_cast()
    own, on_paper, imported = propose(cast), propose_a_veto(cast), propose(cast, item="rumour")
    for finding in (own, on_paper):
        tell(actor=cast.secretary_a, now=NOW, finding=finding, notified_on=TOLD)
    answer_own_finding(actor=cast.member_user_a, now=LATER, finding=own, kind=Kind.STATEMENT, statement="不是我")
    answer(cast, on_paper, Kind.WAIVED, actor=cast.secretary_a, now=LATER)
    try:
        with without_ledger_triggers():
            migrate_back("veto", "0001_house")
        with without_ledger_triggers():
            store_as_the_first_version(own, answer="statement", statement="不是我")
            store_as_the_first_version(on_paper, answer="waived")
            store_as_the_first_version(imported, answer="refused", witnesses="王一、王二")
    finally:
        migrate_forth()
    answers: list[Any] = list(Answer.objects.all())
    given = {row.finding: (row.kind, row.entered_by, row.entered_at, row.is_own) for row in answers}
    assert given == {
        own: ("statement", cast.member_user_a, LATER, True),
        on_paper: ("waived", cast.secretary_a, LATER, False),
        imported: ("lapsed", cast.recorder_a, PROPOSED, False),
    }
    tellings: list[Any] = list(Telling.objects.all())
    told = {row.finding: (row.way, row.witnesses, row.entered_by, row.entered_at) for row in tellings}
    assert told == {
        own: ("handed", "", cast.secretary_a, NOW),
        on_paper: ("handed", "", cast.secretary_a, NOW),
        imported: ("refused", "王一、王二", cast.recorder_a, PROPOSED),
    }
    assert list(verify_ledger()) == []
