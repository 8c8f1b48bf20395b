"""A pasted list of names read for a page: which members of a branch it names, and what the person has to decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.errors import TextTooLong
from members.models import Member
from members.people.naming import tell_apart
from members.selectors import members_in
from points.meetings.pasted_names import MOST_CHARACTERS, Doubt, PastedNames, match_pasted_names
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import WorkbenchPage
from scoring_site.workbench.recording.drafting import require_writable_branches
from scoring_site.workbench.recording.month.forms import words_agreeing

DOUBTS = {
    Doubt.UNKNOWN: gettext_lazy("no exact name of this branch"),
    Doubt.NAMESAKES: gettext_lazy("several members bear this name"),
    Doubt.AGAINST: gettext_lazy("a word in the line speaks against it"),
    Doubt.UNCLEAR: gettext_lazy("not clear who is meant"),
}


class PastedNamesPage(WorkbenchPage):
    """Which members of a branch a pasted list names, as JSON: `found`, and `left` for the person to decide."""

    route = "names/"
    name = "names"

    def prepare(self) -> None:
        self.branches = require_writable_branches(self.request)

    def post(self, request: HttpRequest) -> JsonResponse:
        """Read the list; nothing is written."""
        wanted = read_id(request.POST.get("branch", ""))
        if not wanted:
            return JsonResponse({"error": _("Choose a branch first.")}, status=400)
        branch = next((row for row in self.branches if row.pk == wanted), None)
        if branch is None:
            raise Http404
        text = request.POST.get("text", "")
        members = tell_apart(members_in([branch.pk], self.today).order_by("position", "id"))
        names = {member.pk: member.name for member in members}
        try:
            pasted = match_pasted_names(text, names, agreeing=words_agreeing(request.POST.get("as", "")))
        except TextTooLong:
            return JsonResponse({"error": say_too_long()}, status=400)
        return JsonResponse(describe_pasted(pasted, members))


def say_too_long() -> str:
    """What to do with a list that is too long to be read at once."""
    return _("The list is longer than %(count)d characters. Paste it in parts.") % {"count": MOST_CHARACTERS}


def describe_pasted(pasted: PastedNames, members: Iterable[Member]) -> dict[str, Any]:
    """What a pasted list held, for the page: found names, lines left to decide with who may be meant."""
    by_id = {member.pk: member for member in members}
    return {
        "summary": _("%(found)d names found, %(left)d to be decided by you.")
        % {"found": len(pasted.found), "left": len(pasted.left)},
        "found": [
            {"id": entry.member_id, "name": by_id[entry.member_id].listed_name, "line": entry.line}
            for entry in pasted.found
        ],
        "left": [
            {
                "line": row.line,
                "text": row.text,
                "words": row.words,
                "why": str(DOUBTS[row.doubt]),
                "candidates": [{"id": one, "name": by_id[one].listed_name} for one in row.candidates],
            }
            for row in pasted.left
        ],
    }
