"""The figures above the overview: what is late, what is up, what waits, and how the members stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.access import reach_of
from members.models import User
from publicity.objections.deadlines import read_answer_days
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.overview.reading import BranchRow, Overview
from scoring_site.workbench.overview.waiting import list_objections

MOST_NAMED = 2
"""So many branches are named in a tile; of more, their number says enough."""


@dataclass(frozen=True, slots=True)
class OverviewTile:
    """A figure with its words, whom it is about, and the way on; `is_late` ones are to be asked about."""

    figure: str
    label: str
    url: str
    names: str = ""
    is_late: bool = False


def make_tiles(user: User, overview: Overview, *, query: str) -> list[OverviewTile]:
    """Those of the overview; objections are the town's roles' alone, as far as each may know of them."""
    months, halves, notices = overview.late_with_months, overview.late_with_halves, overview.on_notice
    tiles = [
        OverviewTile(
            str(len(months)), _("branches have months without dues"), "#late", _name(months), is_late=bool(months)
        ),
        OverviewTile(
            str(len(halves)), _("branches are late with a half-year"), "#late", _name(halves), is_late=bool(halves)
        ),
        OverviewTile(
            str(len(notices)),
            _("notices are up"),
            page_url("publicity_notice_changelist"),
            "、".join(f"{row.branch.name} {half.shown}" for row, half in notices) if len(notices) <= 1 else "",
        ),
    ]
    if overview.town.pk in reach_of(user, on=overview.on).read_towns:
        days = read_answer_days(list_objections(user, overview.town, on=overview.on), on=overview.on)
        tiles.append(
            OverviewTile(
                str(len(days)),
                _("objections wait for their answer"),
                f"{page_url('publicity_objection_changelist')}?state=waiting",
                min(days, key=lambda day: day.left).shown if days else "",
                is_late=any(day.is_overdue for day in days),
            )
        )
    tiles.append(
        OverviewTile(
            overview.spread.average,
            _("points on average of %(count)d members scored in %(year)d")
            % {"count": overview.spread.count, "year": overview.year},
            page_url("scores") + query,
            _("to date; the year is not over") if overview.is_running else "",
        )
    )
    return tiles


def _name(rows: Sequence[BranchRow]) -> str:
    return "、".join(row.branch.name for row in rows) if len(rows) <= MOST_NAMED else ""
