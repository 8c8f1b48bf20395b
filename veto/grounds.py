"""Looks at the grounds of findings: each one is logged (D21)."""

from __future__ import annotations

from datetime import datetime

from members.log.audit import log_change
from members.log.reasons import fit_text
from members.models import User
from veto.models import Finding


def log_look(*, actor: User, now: datetime, finding: Finding, reason: str = "") -> None:
    """Log that somebody read the ground of a finding; who holds only the permission has said why.

    Raises:
        TextTooLong.
    """
    reason = fit_text(reason)
    log_change(
        actor=actor,
        now=now,
        town=finding.member.town,
        verb="read_grounds",
        subject=finding,
        new={"reason": reason} if reason else None,
    )
