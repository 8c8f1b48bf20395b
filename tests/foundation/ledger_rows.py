"""A row of every ledger table, a change of it that must be refused, and the refusal itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from foundation.ledger import REFUSAL, LedgerModel, VoidableModel
from members.models import (
    AccessEntry,
    AuditEntry,
    FormerBranchName,
    Informing,
    RecordBatch,
    RemovedAccess,
    Seal,
    StoredFile,
)
from points.models import (
    Attendance,
    Confirmation,
    Correction,
    EvidenceLink,
    Freeze,
    Meeting,
    NotHeldDeclaration,
    PointEvent,
    Rating,
    Review,
    ReviewLine,
    Rulebook,
)
from publicity.models import (
    Closing,
    EnteredCorrection,
    InvestigationNote,
    LinePosting,
    Notice,
    Objection,
    ObjectionAddition,
    Posting,
    Reading,
)
from tests.cast import Cast
from tests.factories import NOW, make_batch, make_event
from veto.models import Answer, Appeal, Deduction, Telling, VetoRecord


def _meeting(cast: Cast) -> Meeting:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    return Meeting.objects.create(batch=batch, branch=cast.branch_a, held_on=date(2026, 1, 20))


def _finding_fields(cast: Cast) -> dict[str, Any]:
    return {
        "batch": make_batch(cast.recorder_a, cast.town, cast.branch_a),
        "member": cast.member_a,
        "date": date(2026, 2, 1),
        "particulars": "经核实",
    }


def _review(cast: Cast) -> Review:
    return Review.objects.get_or_create(branch=cast.branch_a, year=2025, half="H1")[0]


def _freeze(cast: Cast) -> Freeze:
    return Freeze.objects.create(branch=cast.branch_a, sequence=1, hash="1" * 64, at=NOW, actor=cast.secretary_a)


def _line(cast: Cast) -> ReviewLine:
    return ReviewLine.objects.create(
        review=_review(cast), member=cast.member_a, revision=1, payload="{}", hash="2" * 64, freeze=_freeze(cast)
    )


def _notice(cast: Cast) -> Notice:
    return Notice.objects.create(
        review=_review(cast), days=5, contact="支部书记", prepared_at=NOW, prepared_by=cast.secretary_a
    )


def _objection(cast: Cast) -> Objection:
    return Objection.objects.create(
        receipt="2025H1-1111-2222",
        notice=_notice(cast),
        via=Objection.Via.PORTAL,
        objector=cast.member_user_a,
        text="少记一次党课",
        received_on=NOW.date(),
        at=NOW,
        taken_by=cast.member_user_a,
    )


def _evidence(cast: Cast) -> EvidenceLink:
    file = StoredFile.objects.create(
        town=cast.town, sha256="5" * 64, kind=StoredFile.Kind.PDF, size=1, stored_at=NOW, stored_by=cast.recorder_a
    )
    return EvidenceLink.objects.create(file=file, meeting=_meeting(cast), added_by=cast.recorder_a, added_at=NOW)


def _step_fields(cast: Cast) -> dict[str, Any]:
    return {
        "deduction": Deduction.objects.create(item="gambling", **_finding_fields(cast)),
        "entered_by": cast.recorder_a,
        "entered_at": NOW,
    }


# For each ledger model: how a row comes about, and a change that must be refused.
ROWS: dict[type[LedgerModel], tuple[Callable[[Cast], LedgerModel], dict[str, Any]]] = {
    FormerBranchName: (
        lambda cast: FormerBranchName.objects.create(branch=cast.branch_a, name="原一支部", until=NOW.date()),
        {"name": "另一个名称"},
    ),
    AuditEntry: (
        lambda cast: AuditEntry.objects.create(
            town=cast.town, actor=cast.staff, at=NOW, verb="test", object_type="members.town", object_id="1"
        ),
        {"verb": "something else"},
    ),
    Seal: (
        lambda _cast: Seal.objects.create(
            sequence=1 + (Seal.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0),
            kind="rows",
            at=NOW,
            payload="{}",
            hash="7" * 64,
        ),
        {"payload": "[]"},
    ),
    AccessEntry: (
        lambda cast: AccessEntry.objects.create(at=NOW, kind="login", user=cast.staff, town=cast.town, path="/login/"),
        {"address": "10.0.0.1"},
    ),
    Informing: (
        lambda cast: Informing.objects.create(
            member=cast.member_a, kind="informed", channel="meeting", day=NOW.date(), entered_by=cast.recorder_a, at=NOW
        ),
        {"kind": "withdrawn"},
    ),
    RemovedAccess: (
        lambda _cast: RemovedAccess.objects.create(
            first_id=1, last_id=9, entries=9, earliest=NOW, latest=NOW, hash="8" * 32, at=NOW
        ),
        {"last_id": 99},
    ),
    RecordBatch: (
        lambda cast: make_batch(cast.recorder_a, cast.town, cast.branch_a),
        {"source": RecordBatch.Source.IMPORT},
    ),
    Rulebook: (lambda cast: Rulebook.objects.get(), {"text": "{}"}),
    PointEvent: (
        lambda cast: make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a),
        {"item": "party_day"},
    ),
    Attendance: (
        lambda cast: Attendance.objects.create(
            batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
            meeting=_meeting(cast),
            member=cast.member_a,
            status=Attendance.Status.ATTENDED,
        ),
        {"status": Attendance.Status.ABSENT},
    ),
    NotHeldDeclaration: (
        lambda cast: NotHeldDeclaration.objects.create(
            branch=cast.branch_a, item="appraisal", period="2025", reason="未召开", by=cast.recorder_a, at=NOW
        ),
        {"reason": "已召开"},
    ),
    Deduction: (
        lambda cast: Deduction.objects.create(item="gambling", **_finding_fields(cast)),
        {"item": "rumour"},
    ),
    VetoRecord: (
        lambda cast: VetoRecord.objects.create(ground="absence", year=2026, **_finding_fields(cast)),
        {"year": 2025},
    ),
    Telling: (
        lambda cast: Telling.objects.create(
            paper=Telling.Paper.NOTICE,
            told_on=date(2026, 2, 2),
            way=Telling.Way.HANDED,
            meets_at=NOW,
            place="村部会议室",
            **_step_fields(cast),
        ),
        {"place": "镇政府"},
    ),
    Answer: (
        lambda cast: Answer.objects.create(
            kind=Answer.Kind.STATEMENT, answered_on=date(2026, 2, 3), statement="没有此事", **_step_fields(cast)
        ),
        {"statement": "确有此事"},
    ),
    Appeal: (
        lambda cast: Appeal.objects.create(filed_on=date(2026, 3, 1), text="认定有误", **_step_fields(cast)),
        {"text": "没有异议"},
    ),
    EvidenceLink: (_evidence, {"uuid": "11111111-1111-4111-8111-111111111111"}),
    Freeze: (_freeze, {"hash": "3" * 64}),
    ReviewLine: (_line, {"payload": '{"cumulative":1000}'}),
    Correction: (
        lambda cast: Correction.objects.create(
            review=_review(cast),
            member=cast.member_a,
            decided_on=date(2025, 8, 1),
            reason="漏记",
            actor=cast.secretary_a,
            at=NOW,
        ),
        {"reason": "没有理由"},
    ),
    Confirmation: (
        lambda cast: Confirmation.objects.create(
            line=_line(cast),
            how=Confirmation.How.SLIP,
            confirmed_on=date(2025, 8, 1),
            entered_by=cast.secretary_a,
            at=NOW,
        ),
        {"how": Confirmation.How.PORTAL},
    ),
    Rating: (
        lambda cast: Rating.objects.create(
            branch=cast.branch_a,
            member=cast.member_a,
            year=2025,
            decision="qualified",
            met_on=date(2026, 2, 1),
            by=cast.secretary_a,
            at=NOW,
        ),
        {"decision": "excellent"},
    ),
    Posting: (
        lambda cast: Posting.objects.create(
            notice=_notice(cast), channel="board", posted_on=date(2025, 8, 1), entered_by=cast.secretary_a, at=NOW
        ),
        {"channel": "web"},
    ),
    LinePosting: (
        lambda cast: LinePosting.objects.create(
            notice=_notice(cast),
            line=_line(cast),
            posted_on=date(2025, 8, 1),
            entered_by=cast.secretary_a,
            at=NOW,
        ),
        {"photo": "4" * 64},
    ),
    Closing: (
        lambda cast: Closing.objects.create(notice=_notice(cast), by=cast.secretary_a, at=NOW),
        {"photo": "4" * 64},
    ),
    Reading: (
        lambda cast: Reading.objects.create(notice=_notice(cast), user=cast.member_user_a, at=NOW),
        {"at": "2025-08-01T08:00:00+08:00"},
    ),
    Objection: (_objection, {"text": "没有异议"}),
    ObjectionAddition: (
        lambda cast: ObjectionAddition.objects.create(objection=_objection(cast), text="四月也漏了", at=NOW),
        {"text": "四月没漏"},
    ),
    InvestigationNote: (
        lambda cast: InvestigationNote.objects.create(
            objection=_objection(cast), text="已核对签到表", by=cast.secretary_a, at=NOW
        ),
        {"text": "未核对"},
    ),
    EnteredCorrection: (
        lambda cast: EnteredCorrection.objects.create(
            review=_review(cast),
            member=cast.member_a,
            decided_on=date(2025, 8, 1),
            expected=3,
            present=3,
            minutes="核对后表决",
            reason="漏记",
            plan="{}",
            lines="[]",
            figures="6" * 64,
            entered_by=cast.secretary_a,
            at=NOW,
        ),
        {"plan": '{"record":[]}'},
    ),
}
MODELS = sorted(ROWS, key=lambda model: model._meta.label)
VOIDABLE = [model for model in MODELS if issubclass(model, VoidableModel)]
by_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def make_row(model: type[LedgerModel], cast: Cast) -> LedgerModel:
    row = ROWS[model][0](cast)
    connection.check_constraints()  # or PostgreSQL refuses TRUNCATE and ALTER for want of the deferred checks
    return row


def change_of(model: type[LedgerModel]) -> dict[str, Any]:
    return ROWS[model][1]


def stored(model: type[LedgerModel]) -> list[dict[str, Any]]:
    rows: Any = model._default_manager.order_by("pk").values()
    return list(rows)


class Refused:
    """The block must be refused by the database, and leave the table as it was."""

    def __init__(self, model: type[LedgerModel], match: str = REFUSAL) -> None:
        self.model, self.match = model, match

    def __enter__(self) -> None:
        self.before = stored(self.model)
        self.raises = pytest.raises(IntegrityError, match=self.match)
        self.raises.__enter__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error: Any) -> bool:
        self.atomic.__exit__(*error)
        swallowed = self.raises.__exit__(*error)
        assert stored(self.model) == self.before
        return bool(swallowed)


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def quoted(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'
