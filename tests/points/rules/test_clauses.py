"""Every clause of the shipped rulebook under the number the paper has (D28)."""

from __future__ import annotations

import pytest

from points.rules.clauses import cite_clause, number_clause
from points.rules.rulebook import load_shipped_rulebook

IN_THE_PAPER = {
    "1": "一",
    "2.1": "二（一）",
    "2.2": "二（二）",
    "2.3": "二（三）",
    "2.3.1": "二（三）1",
    "2.3.1.4": "二（三）1",
    "2.3.2.10": "二（三）2",
    "2.3.2.D": "二（三）2末段",
    "2.3.3": "二（三）3",
    "2.3.3.5": "二（三）3",
    "2.3.4": "二（三）4",
    "2.3.4.2": "二（三）4（2）",
    "3.1": "三1",
    "3.3": "三3",
    "4": "四",
    "4.0": "四",
    "4.4": "四",
    "5.3": "五3",
    "6": "附表",
}


@pytest.mark.parametrize(("clause", "number"), IN_THE_PAPER.items())
def test_a_clause_has_the_paper_s_number(clause: str, number: str) -> None:
    assert number_clause(clause) == number
    assert cite_clause(clause) == f"《办法》{number}"


def test_every_clause_of_the_load_shipped_rulebook_is_numbered() -> None:
    numbers = {clause.id: number_clause(clause.id) for clause in load_shipped_rulebook().clauses}

    assert len(numbers) > 40
    assert [clause for clause, number in numbers.items() if not number or "." in number] == []
