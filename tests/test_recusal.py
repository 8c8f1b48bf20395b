"""回避: every verb that takes the recusal statement is refused without it, and logs it where it was given (D19).

The verbs are found, not listed. Where the scene's own row is not at a verb's step, `READY` brings one there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from members.errors import NotAllowed
from members.models import AuditEntry, ExemptionApplication, User
from points.roster.exemptions import plan_exemption
from publicity.models import EnteredCorrection, Notice, Objection
from publicity.objections.objections import answer_objection, hand_to_town, note_dissatisfaction, raise_objection
from publicity.rechecking.steps import take_back_correction
from tests.exemptions import apply_on_paper, vote_on
from tests.factories import NOW, TODAY
from tests.points.half_stages import JULY, bring_to
from tests.test_own_case import ANSWERS, VERBS, Scene, furnished, scene
from tests.veto.hearings import PAPER, confirm, hear
from veto.appeals import file_paper_appeal
from veto.deciding import propose_deduction, propose_veto

__all__ = ["furnished", "scene"]
SENTENCE = "请勾选回避声明。与该党员有夫妻、父母子女、兄弟姐妹关系的应当回避，请由其他支部委员或镇党建办办理。"
EARLIER = TODAY - timedelta(days=12)
"""When the member of a finding that is ready was told."""


def _proposal(scene: Scene, *, veto: bool = False) -> dict[str, Any]:
    """A finding against somebody else of the branch, as the recorder proposed it."""
    about: dict[str, Any] = {"actor": scene.cast.recorder_a, "now": NOW - timedelta(days=12)}
    about |= {"member": scene.cast.members_a[1], "date": EARLIER, "particulars": "核实", "papers": "核实材料"}
    if veto:
        return {"finding": propose_veto(ground="disrepute", **about)}
    return {"finding": propose_deduction(item="gambling", **about)}


def _heard(scene: Scene) -> dict[str, Any]:
    given = _proposal(scene)
    answered_on = EARLIER + timedelta(days=1)
    hear(actor=scene.cast.recorder_a, now=NOW, notified_on=EARLIER, answered_on=answered_on, **given)
    return given


def _confirmed(scene: Scene) -> dict[str, Any]:
    given = _heard(scene)
    confirm(actor=scene.cast.secretary_a, now=NOW, decided_on=TODAY, **given)
    return given


def _appealed(scene: Scene) -> dict[str, Any]:
    given = _confirmed(scene)
    file_paper_appeal(actor=scene.cast.staff, now=NOW, text="不服", filed_on=TODAY, papers=[PAPER], **given)
    return given


def _appealed_of_a_final_year(scene: Scene) -> dict[str, Any]:
    """Of the other branch, whose 2025 is final."""
    cast = scene.cast
    finding = propose_deduction(
        actor=cast.recorder_b,
        now=NOW - timedelta(days=12),
        member=cast.member_b,
        item="gambling",
        date=date(2025, 12, 10),
        particulars="核实",
        papers="核实材料",
    )
    answered_on = EARLIER + timedelta(days=1)
    hear(actor=cast.recorder_b, now=NOW, finding=finding, notified_on=EARLIER, answered_on=answered_on)
    confirm(actor=cast.secretary_b, now=NOW, finding=finding, decided_on=TODAY)
    file_paper_appeal(actor=cast.staff, now=NOW, finding=finding, text="不服", filed_on=TODAY, papers=[PAPER])
    _finished_year(scene)
    return {"finding": type(finding).objects.get(pk=finding.pk)}


def _application(scene: Scene) -> ExemptionApplication:
    """Of somebody against whom nothing is open."""
    return apply_on_paper(actor=scene.cast.system, now=NOW, member=scene.cast.members_a[1])


def _dissatisfied(scene: Scene) -> Objection:
    objection: Objection = scene.row(Objection)
    by: dict[str, Any] = {"actor": scene.cast.staff, "now": NOW, "objection": objection}
    answer_objection(answer="已核对台账。", is_unrelated=True, **by)
    note_dissatisfaction(text="不满意", **by)
    return objection


def _handed_to_town(scene: Scene) -> dict[str, Any]:
    """It is then hidden from the branch's officers."""
    by_staff: dict[str, Any] = {"actor": scene.cast.staff, "objection": scene.row(Objection)}
    hand_to_town(now=NOW, **by_staff)
    return by_staff


def _none_entered(scene: Scene) -> dict[str, Any]:
    take_back_correction(actor=scene.cast.staff, now=NOW, entered=scene.row(EnteredCorrection))
    return {}


def _finished_year(scene: Scene) -> dict[str, Any]:
    """Of the other branch: the scene's has an objection open."""
    branch = scene.cast.branch_b
    bring_to(scene.cast, "final", branch=branch, start=JULY)
    bring_to(scene.cast, "final", branch=branch, half="H2")
    return {"branch": branch, "decisions": {scene.cast.member_b.pk: "unqualified"}}


READY: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "points.results.ratings.decide_ratings": _finished_year,
    "points.roster.exemption_applications.grant_application": lambda scene: {"application": _application(scene)},
    "points.roster.moves.grant_exemption": lambda scene: {
        "change": plan_exemption(_application(scene), vote_on(TODAY))
    },
    "publicity.objections.objections.reply_for_town": lambda scene: {"objection": _dissatisfied(scene)},
    "publicity.rechecking.steps.enter_correction": _none_entered,
    "publicity.rechecking.town_decisions.correct_by_town_decision": _handed_to_town,
    "publicity.rechecking.town_decisions.revoke_on_appeal": _appealed_of_a_final_year,
    "veto.appeals.answer_appeal": _appealed,
    "veto.deciding.clear_finding": lambda scene: _proposal(scene, veto=True),
    "veto.deciding.confirm_finding": _heard,
    "veto.deciding.revoke_finding": _confirmed,
}
RECUSING = [key for key, verb in VERBS.items() if "is_unrelated" in inspect.signature(verb).parameters]


def prepare(scene: Scene, key: str, *, declared: bool) -> dict[str, Any]:
    """What the verb is called with, by somebody whom the row does not concern; the scene stays as it is."""
    scene = deepcopy(scene)
    given = {"actor": scene.other, **ANSWERS[key][1](scene)} | (READY[key](scene) if key in READY else {})
    actor = User.objects.get(pk=given["actor"].pk)
    return given | {"actor": actor, "now": NOW + timedelta(minutes=5), "is_unrelated": declared}


def test_who_takes_the_statement() -> None:
    """Nobody decides about a member, or about their line, without it; approving the whole half needs none."""
    assert READY.keys() <= set(RECUSING)
    assert sorted(key.rpartition(".")[2] for key in RECUSING) == [
        "answer_appeal", "answer_objection", "approve_own_line", "clear_finding", "confirm_finding",
        "correct_by_town_decision", "decide_ratings", "decline_application", "dismiss_finding", "end_exemption",
        "enter_correction", "grant_application", "grant_exemption", "refuse_correction", "reply_for_town",
        "review_correction", "revoke_finding", "revoke_on_appeal", "void_finding",
    ]  # fmt: skip


@pytest.mark.django_db
def test_nothing_is_entered_without_the_statement_and_it_is_logged(scene: Scene) -> None:
    """Of every verb that takes it; each starts from the same scene."""
    for key in RECUSING:
        with transaction.atomic():
            given = prepare(scene, key, declared=False)
            logged = AuditEntry.objects.count()
            with pytest.raises(NotAllowed) as refused:
                VERBS[key](**given)
            assert str(refused.value) == SENTENCE, key
            assert AuditEntry.objects.count() == logged, key
            transaction.set_rollback(True)
        with transaction.atomic():
            given = prepare(scene, key, declared=True)
            VERBS[key](**given)
            entry = AuditEntry.objects.filter(actor=given["actor"], verb=key.rpartition(".")[2]).latest("pk")
            assert entry.new["recusal"] is True, key
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_an_objection_that_names_nobody_needs_no_statement(scene: Scene) -> None:
    notice = scene.row(Notice)
    received: dict[str, Any] = {"via": Objection.Via.PAPER, "objector_name": "匿名", "received_on": TODAY}
    objection = raise_objection(actor=scene.cast.staff, now=NOW, notice=notice, text="公示栏字太小", **received)
    answer_objection(actor=scene.other, now=NOW, objection=objection, answer="已换大字。")
    assert "recusal" not in AuditEntry.objects.get(actor=scene.other, verb="answer_objection").new
