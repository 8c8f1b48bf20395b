"""The ground of a finding in the regulation's words, for who may read it: its member, papers handed to them (D21)."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.tenths import say_points
from points.rules.rulebook import ItemKind, NegativeItem, Rulebook
from points.scoring.adoption import rulebook_for
from veto.models import Deduction, Finding, VetoRecord


@dataclass(frozen=True, slots=True)
class Ground:
    """What a finding is about and what a confirmation does; `points` is empty for a veto."""

    is_veto: bool
    name: str
    clause_text: str
    year: int
    points: str


def read_ground(finding: Finding) -> Ground:
    """The ground by the rulebook of its year; its code alone where a later rulebook no longer has it.

    Raises:
        NoRulebook.
    """
    is_veto = isinstance(finding, VetoRecord)
    kind: ItemKind = "veto" if is_veto else "deduction"
    year, code = _place(finding)
    rulebook = rulebook_of(finding)
    section = rulebook.clause_text("2.3.4" if is_veto else "2.3.3")
    if code not in rulebook.item_names(kind):
        return Ground(is_veto, code, section, year, "")
    item = rulebook.item(code, kind)
    points = say_points(item.points) if isinstance(item, NegativeItem) else ""
    clause_text = section + rulebook.clause_text(item.clause).rstrip("；。") + "。"
    return Ground(is_veto, item.name, clause_text, year, points)


def rulebook_of(finding: Finding) -> Rulebook:
    """The rulebook of the finding's year.

    Raises:
        NoRulebook.
    """
    year, _code = _place(finding)
    return rulebook_for(finding.member.town, year)


def _place(finding: Finding) -> tuple[int, str]:
    """The year whose rulebook applies and the code of the ground."""
    if isinstance(finding, VetoRecord):
        return finding.year, finding.ground
    assert isinstance(finding, Deduction)
    return finding.date.year, finding.item
