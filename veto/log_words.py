"""The words of what this app logs: that a step was taken, never what it says (D21)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.log.words import LogWords
from veto.models import Answer, Appeal

WORDS = LogWords(
    verbs={
        "answer_appeal": _("answered an appeal"),
        "answer_own_finding": _("answered the branch in the portal"),
        "clear_finding": _("let a proposal through"),
        "confirm_finding": _("entered a confirmation"),
        "disown_answer": _("said that an answer entered is not theirs"),
        "dismiss_finding": _("entered a dismissal"),
        "end_appeal": _("ended an appeal whose member died"),
        "end_proceeding": _("ended a finding whose member left"),
        "file_appeal": _("filed an appeal"),
        "give_decision": _("entered that the decision letter was given"),
        "postpone_meeting": _("told a member of a postponed meeting"),
        "propose_finding": _("proposed a finding"),
        "read_grounds": _("read the grounds of a finding"),
        "record_answer": _("entered a member's answer"),
        "revoke_finding": _("revoked a finding"),
        "tell_member": _("told a member of a finding"),
        "void_finding": _("voided a finding"),
    },
    keys={
        "answer": _("answer"),
        "appeal": _("appeal"),
        "outcome": _("outcome"),
        "signed_paper": _("with the signed paper"),
    },
    values={"answer": dict(Answer.Kind.choices), "outcome": dict(Appeal.Outcome.choices)},
)
