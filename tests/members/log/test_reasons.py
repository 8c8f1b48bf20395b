"""What people write beside what they do is kept as written or refused with the limit, never cut."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.utils import translation

import members
import points
import publicity
import veto
from members.errors import MissingReason, TextTooLong
from members.log.reasons import REASON_LENGTH, fit_text, require_reason
from members.models import Exemption, Member
from tests.factories import NOW

WORDS = {
    "reason",
    "remark",
    "explanation",
    "text",
    "answer",
    "reply",
    "statement",
    "particulars",
    "papers",
    "contact",
    "objector_name",
}
"""Parameters of verbs that hold what somebody typed in their own words."""

FIT = {
    "appoint_stand_in.reason": 500,
    "remove_second_factor.reason": 500,
    "pseudonymise_member.reason": 500,
    "void_informing.reason": 500,
    "revoke_finding.reason": 500,
    "void_finding.reason": 500,
    "log_look.reason": 500,
    "propose_deduction.particulars": 2000,
    "propose_deduction.papers": 500,
    "propose_veto.particulars": 2000,
    "propose_veto.papers": 500,
    "record_answer.statement": 4000,
    "answer_own_finding.statement": 4000,
    "file_own_appeal.text": 4000,
    "file_paper_appeal.text": 4000,
    "answer_appeal.answer": 4000,
    "give_guidance.remark": 500,
    "answer_guidance.answer": 500,
    "ask_leave.reason": 300,
    "enter_leave.reason": 300,
    "answer_leave.remark": 500,
    "withdraw_announcement.reason": 500,
    "accept_claim.remark": 500,
    "return_claim.remark": 500,
    "reject_claim.reason": 500,
    "return_draft.remark": 500,
    "void_evidence_link.reason": 500,
    "change_attendance.reason": 500,
    "change_meeting.reason": 500,
    "void_event.reason": 500,
    "void_events.reason": 500,
    "void_attendance.reason": 500,
    "void_batch.reason": 500,
    "save_ticks.reason": 500,
    "declare_not_held.reason": 500,
    "return_review.remark": 500,
    "reopen_review.reason": 500,
    "export_annual_report.reason": 500,
    "export_records.reason": 500,
    "end_exemption.reason": 500,
    "apply_for_exemption.text": 1000,
    "enter_paper_application.text": 1000,
    "grant_application.explanation": 500,
    "decline_application.explanation": 500,
    "ask_about_data.text": 1000,
    "answer_data_request.answer": 500,
    "prepare_notice.contact": 300,
    "raise_objection.text": 4000,
    "raise_objection.objector_name": 60,
    "note_investigation.text": 4000,
    "answer_objection.answer": 4000,
    "note_dissatisfaction.text": 2000,
    "reply_for_town.reply": 4000,
    "correct_by_town_decision.answer": 4000,
    "enter_correction.answer": 4000,
    "revoke_on_appeal.answer": 4000,
    "refuse_correction.reason": 500,
    "reset_password.reason": 500,
    "ask_for_reset.reason": 500,
}
"""How many characters fit, for each of them."""


def find_verbs() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every verb that takes words, by `verb.parameter`; a `stamp_…` writes for a verb what that has looked at."""
    for room in (members, points, publicity, veto):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for name, verb in inspect.getmembers(import_module(found.name), inspect.isfunction):
                if name.startswith(("_", "stamp_")) or verb.__module__ != found.name:
                    continue
                parameters = inspect.signature(verb).parameters
                if "actor" in parameters and parameters["actor"].kind is inspect.Parameter.KEYWORD_ONLY:
                    for word in sorted(WORDS & parameters.keys()):
                        if parameters[word].annotation == "str":
                            yield f"{name}.{word}", verb


VERBS = dict(find_verbs())


def test_every_verb_that_takes_words_is_in_the_table() -> None:
    assert sorted(VERBS) == sorted(FIT)


@pytest.mark.parametrize("case", FIT)
def test_a_text_that_does_not_fit_is_refused_before_anything_else(case: str) -> None:
    """Nothing but the text is given: what is too long is refused before a row is read or locked."""
    verb, word = VERBS[case], case.partition(".")[2]
    given: dict[str, Any] = dict.fromkeys(inspect.signature(verb).parameters, None)
    given |= {"now": NOW, word: f" {'长' * (FIT[case] + 1)}\n"}
    given |= {other: "话" for other in WORDS & given.keys() - {word} if given[other] is None}
    if "exemption" in given:
        given["exemption"] = Exemption(member=Member())
    with translation.override("en"), pytest.raises(TextTooLong) as refused:
        verb(**given)
    length = FIT[case] + 1
    assert str(refused.value) == f"The text has {length} characters; at most {FIT[case]} fit. Please shorten it."


def test_what_fits_is_kept_to_the_last_character() -> None:
    text = "字" * REASON_LENGTH
    assert fit_text(f"  {text}\n") == text
    assert require_reason(text) == text
    assert fit_text("") == ""


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_reason_is_not_blank(blank: str) -> None:
    with translation.override("en"):
        with pytest.raises(MissingReason, match=r"^Say why; the reason stays readable beside it\.$"):
            require_reason(blank)
        with pytest.raises(MissingReason, match=r"^Say what is missing\.$"):
            require_reason(blank, "Say what is missing.")
