"""The words of what this app logs: that a step was taken, never what it says (D21)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.log.words import LogWords

WORDS = LogWords(
    verbs={
        "answer_own_finding": _("answered the branch in the portal"),
        "clear_finding": _("let a proposal through"),
        "confirm_finding": _("entered a confirmation"),
        "dismiss_finding": _("entered a dismissal"),
        "propose_finding": _("proposed a finding"),
        "read_grounds": _("read the grounds of a finding"),
        "record_answer": _("entered a member's answer"),
        "revoke_finding": _("revoked a finding"),
        "tell_member": _("told a member of a finding"),
        "void_finding": _("voided a finding"),
    },
)
