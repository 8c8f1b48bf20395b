"""One member's line of a half: every record behind it, the voided and the late ones, and its revisions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from members.access import Action
from members.models import Member
from members.people.naming import tell_apart_at_home
from points.models import Review
from points.reviews.line import LineView, read_line_view
from points.rules.periods import half_end
from points.scoring.explanations import explain_voided
from points.scoring.wording import name_half
from scoring_site.parameters import read_id
from scoring_site.workbench.base.finding_states import list_findings
from scoring_site.workbench.base.pages import RowPage, row_url
from scoring_site.workbench.reviews.questions import HIDDEN, find_correct_url, reads_reasons


class LinePage(RowPage[Review]):
    """The line as it stands, or the revision that the address asks for."""

    name = "line"
    route = "members/<id:member_id>/"
    action = Action.READ
    template = "workbench/reviews/review_line.html"

    member: Member
    view: LineView

    def prepare(self) -> None:
        super().prepare()
        members = Member.objects.filter(pk=self.kwargs["member_id"], town=self.row.branch.town_id)
        member = members.select_related("town").first()
        revision = read_id(self.request.GET.get("revision", "")) or None
        view = read_line_view(self.row, member, revision=revision) if member else None
        if member is None or view is None:
            raise Http404
        self.member, self.view = member, view
        is_frozen = self.row.state in Review.FROZEN
        tell_apart_at_home([member], on=half_end(self.row.year, self.row.half), lasting=is_frozen)

    def get_title(self) -> str:
        return f"{self.member.listed_name} {name_half(self.row)}"

    def get(self, request: HttpRequest, object_id: int, member_id: int) -> HttpResponseBase:
        """Score, records, findings and revisions."""
        review, member, view = self.row, self.member, self.view
        correct_url = find_correct_url(self.table, request, review)
        return self.render(
            review=review,
            view=view,
            member=member,
            revisions=self._list_revisions(),
            voided=[
                line
                for line in explain_voided(view.rulebook, member=member, year=review.year)
                if line.day <= half_end(review.year, review.half)
            ],
            findings=list_findings(request, member),
            correct_url=f"{correct_url}?member={member.pk}" if correct_url else "",
            back=row_url(review),
            back_name=self.table.row_title(review),
            record_url=f"{row_url(member)}?year={review.year}",
            opened=request.GET.get("item", ""),
        )

    def _list_revisions(self) -> list[dict[str, Any]]:
        readable = reads_reasons(self.table, self.request, self.row)
        return [
            {
                "line": revision.line,
                "half": revision.shown_half,
                "cumulative": revision.shown_cumulative,
                "is_current": revision.is_current,
                "reason": (revision.line.correction.reason if readable else HIDDEN) if revision.line.correction else "",
            }
            for revision in self.view.revisions
        ]
