"""Findings: what was found about a member, how the member was heard, and what the committee decided (D18).

Only a confirmed, unrevoked, unvoided finding counts. How its member was told and what they answered and appealed are
rows of their own: a meeting is postponed, an answer disowned, and both stay readable.
"""

from veto.models.courses import Answer, Appeal, Telling
from veto.models.findings import HEARING, Deduction, Finding, FindingQuerySet, VetoRecord

__all__ = (
    "HEARING",
    "Answer",
    "Appeal",
    "Deduction",
    "Finding",
    "FindingQuerySet",
    "Telling",
    "VetoRecord",
)
