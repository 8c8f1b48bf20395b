"""What a finding reminds of that the software never decides (D18)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.models import Member
from veto.models import Finding, VetoRecord


def remind_of_probation(row: Finding) -> str:
    """A veto of a probationary member: the branch decides about the probation apart from it; empty for others."""
    if not isinstance(row, VetoRecord) or row.member.category != Member.Category.PROBATIONARY:
        return ""
    return _(
        "The member is on probation. A reminder, no conclusion: whether they become a full member in time, later or "
        "not at all the branch decides by the rules for admitting members, apart from this."
    )
