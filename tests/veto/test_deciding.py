"""A finding is found, its member heard, and the committee decides; each step once, in order, by who may (D18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from foundation.errors import DomainError
from members.errors import AlreadyVoided, DuplicateBatch, MissingReason, NotAllowed
from members.models import AuditEntry, User
from points.errors import FindingNotReady, FutureDate, NoRulebook, PapersMissing, UnknownItem
from points.rules.rulebook import NegativeItem, VetoGround, load_shipped_rulebook
from tests.cast import Cast, build_cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY, make_batch
from tests.threads import run_at_once
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import let_through, typed
from tests.veto.hearings import revoke as revoke_finding
from veto.deciding import propose_deduction, propose_veto, void_finding
from veto.models import Answer, Deduction, Finding, VetoRecord

FOUND = date(2026, 2, 1)
TOLD = date(2026, 2, 3)
ANSWERED = date(2026, 2, 10)
DECIDED = date(2026, 2, 20)
PROPOSED = datetime(2026, 2, 2, 9, 0, tzinfo=SHANGHAI)


def propose(cast: Cast, kind: str = "deduction", *, actor: User | None = None, **fields: Any) -> Finding:
    common: dict[str, Any] = {
        "actor": actor or cast.recorder_a,
        "now": PROPOSED,
        "member": cast.member_a,
        "date": FOUND,
        "particulars": "派出所书面通报",
        "papers": "治安调解材料",
    }
    if kind == "veto":
        return propose_veto(**{**common, "ground": "disciplined"} | fields)
    return propose_deduction(**{**common, "item": "gambling"} | fields)


def hear(cast: Cast, finding: Finding, **fields: Any) -> None:
    hear_member(
        **typed(
            {
                "actor": cast.recorder_a,
                "now": NOW,
                "finding": finding,
                "notified_on": TOLD,
                "answered_on": ANSWERED,
                "answer": Answer.Kind.WAIVED,
            }
            | fields
        )
    )


def confirm(cast: Cast, finding: Finding, **fields: Any) -> None:
    confirm_finding(
        **typed({"actor": cast.secretary_a, "now": NOW, "finding": finding, "decided_on": DECIDED} | fields)
    )


def dismiss(cast: Cast, finding: Finding, **fields: Any) -> None:
    let_through(finding, now=PROPOSED)
    dismiss_finding(
        **typed({"actor": cast.secretary_a, "now": NOW, "finding": finding, "decided_on": DECIDED} | fields)
    )


def revoke(cast: Cast, finding: Finding, **fields: Any) -> None:
    revoke_finding(**typed({"actor": cast.secretary_a, "now": NOW, "finding": finding, "reason": "查无此事"} | fields))


def void(cast: Cast, finding: Finding, **fields: Any) -> None:
    void_finding(
        **typed(
            {"actor": cast.secretary_a, "now": NOW, "finding": finding, "reason": "录错人", "is_unrelated": True}
            | fields
        )
    )


def counting() -> int:
    return Deduction.objects.confirmed().count() + VetoRecord.objects.confirmed().count()


KINDS = pytest.mark.parametrize("kind", ["deduction", "veto"])


@KINDS
def test_the_whole_path(kind: str, cast: Cast) -> None:
    finding = propose(cast, kind)
    assert (finding.state, counting()) == ("proposed", 0)
    hear(cast, finding, answer=Answer.Kind.STATEMENT, statement="  不是我  ")
    finding.refresh_from_db()
    assert (finding.state, counting()) == ("proposed", 0)
    given = finding.answered
    assert given is not None
    assert (finding.notified_on, given.answered_on, given.kind, given.statement) == (
        TOLD,
        ANSWERED,
        "statement",
        "不是我",
    )
    confirm(cast, finding)
    finding.refresh_from_db()
    assert (finding.state, counting()) == ("confirmed", 1)
    assert (finding.decided_on, finding.decided_by, finding.confirmed_at) == (DECIDED, cast.secretary_a, NOW)
    revoke(cast, finding)
    finding.refresh_from_db()
    assert (finding.state, counting()) == ("revoked", 0)
    assert (finding.revoked_at, finding.revoked_by, finding.revoke_reason) == (NOW, cast.secretary_a, "查无此事")
    assert list(
        AuditEntry.objects.filter(object_id=str(finding.uuid)).order_by("pk").values_list("verb", flat=True)
    ) == [
        "propose_finding",
        *(["clear_finding"] if kind == "veto" else []),
        "tell_member",
        "record_answer",
        "confirm_finding",
        "revoke_finding",
    ]


@KINDS
def test_a_dismissed_finding_never_counts(kind: str, cast: Cast) -> None:
    finding = propose(cast, kind)
    dismiss(cast, finding)
    finding.refresh_from_db()
    assert (finding.state, counting()) == ("dismissed", 0)
    assert (finding.dismissed_at, finding.confirmed_at, finding.decided_by) == (NOW, None, cast.secretary_a)


@KINDS
def test_a_voided_finding_never_counts(kind: str, cast: Cast) -> None:
    finding = propose(cast, kind)
    hear(cast, finding)
    confirm(cast, finding)
    void(cast, finding)
    finding.refresh_from_db()
    assert (finding.state, counting()) == ("void", 0)
    with pytest.raises(AlreadyVoided):
        void(cast, finding)


def test_a_veto_names_its_year(cast: Cast) -> None:
    assert propose(cast, "veto").year == 2026  # type: ignore[attr-defined]
    assert propose(cast, "veto", year=2025).year == 2025  # type: ignore[attr-defined] # D7: the sanction's


@KINDS
def test_grounds_and_particulars_stay_out_of_the_log(kind: str, cast: Cast) -> None:  # D21
    finding = propose(cast, kind, particulars="某某某事")
    hear(cast, finding, answer=Answer.Kind.STATEMENT, statement="某某某话")
    confirm(cast, finding)
    revoke(cast, finding, reason="某某某理由")
    void(cast, finding, reason="某某某误")
    logged = str(list(AuditEntry.objects.values_list("verb", "object_type", "object_id", "old", "new")))
    for secret in ("某某某", "gambling", "disciplined"):
        assert secret not in logged


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("deduction", {"item": "dues"}, UnknownItem),
        ("deduction", {"item": "cult"}, UnknownItem),
        ("veto", {"ground": "gambling"}, UnknownItem),
        ("veto", {"ground": ""}, UnknownItem),
        ("deduction", {"date": TODAY + timedelta(days=1)}, FutureDate),
        ("veto", {"date": TODAY + timedelta(days=1)}, FutureDate),
        ("deduction", {"date": date(2024, 3, 1)}, NoRulebook),
        ("veto", {"year": 2024}, NoRulebook),
        ("deduction", {"particulars": "  "}, MissingReason),
        ("veto", {"particulars": ""}, MissingReason),
    ],
)
def test_a_refused_proposal_writes_nothing(
    kind: str, fields: dict[str, Any], error: type[DomainError], cast: Cast
) -> None:
    with pytest.raises(error) as refusal:
        propose(cast, kind, **fields)
    assert str(refusal.value)
    assert not Deduction.objects.exists()
    assert not VetoRecord.objects.exists()


def test_a_proposal_sent_twice_is_one(cast: Cast) -> None:
    token = uuid4()
    propose(cast, token=token)
    with pytest.raises(DuplicateBatch):
        propose(cast, token=token)
    assert Deduction.objects.count() == 1


@pytest.mark.parametrize(
    "dates",
    [
        {"notified_on": FOUND - timedelta(days=1)},
        {"answered_on": TOLD - timedelta(days=1)},
    ],
)
def test_the_answer_comes_after_the_telling_and_that_after_the_finding(dates: dict[str, date], cast: Cast) -> None:
    finding = propose(cast)
    with pytest.raises(FindingNotReady):
        hear(cast, finding, **dates)


def test_no_step_lies_in_the_future(cast: Cast) -> None:
    finding = propose(cast)
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(FutureDate):
        hear(cast, finding, answered_on=tomorrow)
    hear(cast, finding)
    for decide in (confirm, dismiss):
        with pytest.raises(FutureDate):
            decide(cast, finding, decided_on=tomorrow)


def test_the_committee_decides_after_the_answer(cast: Cast) -> None:
    finding = propose(cast)
    hear(cast, finding)
    with pytest.raises(FindingNotReady):
        confirm(cast, finding, decided_on=ANSWERED - timedelta(days=1))
    confirm(cast, finding, decided_on=ANSWERED)
    assert counting() == 1


@KINDS
def test_every_ground_asks_for_its_papers(kind: str, cast: Cast) -> None:
    """D18: none of the regulation's eleven grounds can be proposed without them."""
    field = "ground" if kind == "veto" else "item"
    rulebook = load_shipped_rulebook()
    grounds: tuple[VetoGround | NegativeItem, ...] = rulebook.veto if kind == "veto" else rulebook.negative
    assert len(grounds) == (6 if kind == "veto" else 5)
    for ground in grounds:
        code, (asked,) = ground.code, ground.papers
        with pytest.raises(PapersMissing, match=f"须有佐证材料.*{asked}"):
            propose(cast, kind, **typed({field: code, "papers": " "}))
        assert propose(cast, kind, **typed({field: code, "papers": " 文号第7号 "})).papers == "文号第7号"


Step = Callable[[Cast, Finding], None]
STATES: dict[str, tuple[Step, ...]] = {
    "proposed": (),
    "heard": (hear,),
    "confirmed": (hear, confirm),
    "dismissed": (hear, dismiss),
    "dismissed unheard": (dismiss,),
    "revoked": (hear, confirm, revoke),
    "void": (void,),
    "confirmed and void": (hear, confirm, void),
}
POSSIBLE: dict[Step, set[str]] = {
    hear: {"proposed"},
    confirm: {"heard"},
    dismiss: {"proposed", "heard"},
    revoke: {"confirmed"},
    void: {"proposed", "heard", "confirmed", "dismissed", "dismissed unheard", "revoked"},
}


@pytest.mark.parametrize("step", POSSIBLE, ids=lambda step: step.__name__)
@pytest.mark.parametrize("state", STATES)
def test_every_step_from_every_state(state: str, step: Step, cast: Cast) -> None:
    finding = propose(cast)
    for earlier in STATES[state]:
        earlier(cast, finding)
    before = Deduction.objects.values().get()
    logged = AuditEntry.objects.count()
    if state in POSSIBLE[step]:
        step(cast, finding)
        assert Deduction.objects.values().get() != before
    else:
        with pytest.raises((FindingNotReady, AlreadyVoided)):
            step(cast, finding)
        assert Deduction.objects.values().get() == before
        assert AuditEntry.objects.count() == logged


def test_a_backfilled_finding_counts_and_is_heard_afterwards(cast: Cast) -> None:
    batch = make_batch(cast.staff, cast.town)
    finding = Deduction.objects.create(
        batch=batch,
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="历史补录",
        backfilled=True,
        decided_on=DECIDED,
        decided_by=cast.staff,
        confirmed_at=NOW,
    )
    assert counting() == 1
    hear(cast, finding)
    finding.refresh_from_db()
    assert finding.answered is not None
    assert (finding.state, finding.answered.kind) == ("confirmed", "waived")


def test_taking_back_needs_a_reason(cast: Cast) -> None:
    finding = propose(cast)
    hear(cast, finding)
    confirm(cast, finding)
    for step in (revoke, void):
        with pytest.raises(MissingReason):
            step(cast, finding, reason=" ")
    assert counting() == 1


MAY_PROPOSE = {"system", "staff", "recorder_a", "secretary_a"}
MAY_DECIDE = {"system", "staff", "secretary_a"}
EVERYBODY = [
    "system",
    "staff",
    "supervisor",
    "recorder_a",
    "secretary_a",
    "committee_a",
    "member_user_a",
    "recorder_b",
    "secretary_b",
    "outsider",
    "other_staff",
    "other_recorder",
]


@pytest.mark.parametrize("who", EVERYBODY)
@KINDS
def test_who_may_take_each_step(kind: str, who: str, cast: Cast) -> None:
    actor: User = getattr(cast, who)

    def attempt(step: Callable[[], object], allowed: set[str]) -> None:
        if who in allowed:
            step()
        else:
            with pytest.raises(PermissionDenied):
                step()

    attempt(lambda: propose(cast, kind, actor=actor), MAY_PROPOSE)
    finding = propose(cast, kind)
    attempt(lambda: hear(cast, finding, actor=actor), MAY_PROPOSE)
    if who not in MAY_PROPOSE:
        hear(cast, finding)
    attempt(lambda: confirm(cast, finding, actor=actor), MAY_DECIDE)
    if who not in MAY_DECIDE:
        confirm(cast, finding)
    attempt(lambda: revoke(cast, finding, actor=actor), MAY_DECIDE)
    attempt(lambda: void(cast, finding, actor=actor), MAY_DECIDE)
    attempt(lambda: dismiss(cast, propose(cast, kind), actor=actor), MAY_DECIDE)


@pytest.mark.parametrize("office", ["secretary_a", "staff"])
@KINDS
def test_nobody_decides_about_themselves(kind: str, office: str, cast: Cast) -> None:
    officer: User = getattr(cast, office)
    officer.member = cast.members_a[1]
    officer.save()
    finding = propose(cast, kind, member=cast.members_a[1])
    hear(cast, finding)
    for step in (confirm, dismiss, void):
        with pytest.raises(NotAllowed, match="涉及本人"):
            step(cast, finding, actor=officer)
    other = cast.staff if office == "secretary_a" else cast.secretary_a
    confirm(cast, finding, actor=other)
    with pytest.raises(NotAllowed, match="涉及本人"):
        revoke(cast, finding, actor=officer)
    finding.refresh_from_db()
    assert (finding.state, finding.decided_by) == ("confirmed", other)


@KINDS
def test_an_officer_decides_about_others(kind: str, cast: Cast) -> None:
    cast.secretary_a.member = cast.members_a[1]
    cast.secretary_a.save()
    finding = propose(cast, kind)
    hear(cast, finding)
    confirm(cast, finding)
    assert counting() == 1


def test_a_waiver_goes_without_a_statement(cast: Cast) -> None:
    finding = propose(cast)
    hear(cast, finding, answer=Answer.Kind.WAIVED, statement="  ")
    finding.refresh_from_db()
    assert finding.answered is not None
    assert (finding.answered.kind, finding.answered.statement) == ("waived", "")


@pytest.mark.django_db(transaction=True)
def test_confirming_and_dismissing_at_once_decides_once() -> None:
    cast = build_cast()
    finding = propose(cast)
    hear(cast, finding)
    outcomes = run_at_once(lambda: confirm(cast, finding), lambda: dismiss(cast, finding, actor=cast.staff))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FindingNotReady", "NoneType"]
    finding.refresh_from_db()
    assert finding.state == ("confirmed" if outcomes[0] is None else "dismissed")
