"""A deduction and a veto of 2025 that the branch confirmed, and the year final since: what an appeal then meets."""

from __future__ import annotations

from datetime import date, datetime

from points.models import Review
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY
from tests.points.half_stages import JULY, bring_to, record_deed, record_dues
from tests.publicity.stages import veto
from tests.veto.hearings import PAPER, confirm, hear
from veto.appeals import file_paper_appeal
from veto.deciding import propose_deduction
from veto.models import Appeal, Deduction, Finding, VetoRecord

DECEMBER = datetime(2025, 12, 20, 10, tzinfo=SHANGHAI)


def earn(cast: Cast) -> None:
    """5.0 points of 张伟 in the first half."""
    record_dues(cast, month=3, now=JULY)
    record_deed(cast, day=date(2025, 3, 1), now=JULY, points=40)


def deduction_of_a_final_year(cast: Cast) -> tuple[Deduction, Review]:
    """Found in December, so of the second half; with the review of that half."""
    earn(cast)
    bring_to(cast, "final")
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=datetime(2025, 12, 1, 9, tzinfo=SHANGHAI),
        member=cast.member_a,
        item="gambling",
        date=date(2025, 12, 1),
        particulars="核实",
        papers="核实材料",
    )
    told_on, answered_on = date(2025, 12, 2), date(2025, 12, 3)
    hear(actor=cast.recorder_a, now=DECEMBER, finding=finding, notified_on=told_on, answered_on=answered_on)
    confirm(actor=cast.secretary_a, now=DECEMBER, finding=finding, decided_on=DECEMBER.date())
    return Deduction.objects.get(pk=finding.pk), bring_to(cast, "final", half="H2")


def veto_of_a_final_year(cast: Cast) -> tuple[VetoRecord, Review]:
    """Confirmed in June, so that both halves are 0; with the review of the second half."""
    earn(cast)
    veto(cast)
    bring_to(cast, "final")
    return VetoRecord.objects.get(), bring_to(cast, "final", half="H2")


def appeal_on_paper(cast: Cast, finding: Finding) -> Appeal:
    return file_paper_appeal(
        actor=cast.staff, now=NOW, finding=finding, text="证人当时不在场", filed_on=TODAY, papers=[PAPER]
    )
