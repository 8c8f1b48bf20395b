"""A pasted list of names read for a page: which members of a branch it names, and what the person has to decide."""

from __future__ import annotations

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from members.errors import TextTooLong
from members.people.naming import tell_apart
from members.selectors import members_in
from scoring_site.forms.fields import read_day
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import WorkbenchPage
from scoring_site.workbench.recording.drafting import require_writable_branches
from scoring_site.workbench.recording.roster import describe_pasted, read_pasted, say_too_long


class PastedNamesPage(WorkbenchPage):
    """Which members of a branch a pasted list names, as JSON: `found`, `left` for the person to decide, `missing`.

    Nobody is set whom the page sends as `closed`, or, where it offers some of the branch, not as one `among` them.
    """

    route = "names/"
    name = "names"

    def prepare(self) -> None:
        self.branches = require_writable_branches(self.request)

    def post(self, request: HttpRequest) -> JsonResponse:
        """Read the list for the members of a day (today where none is sent); nothing is written."""
        wanted = read_id(request.POST.get("branch", ""))
        if not wanted:
            return JsonResponse({"error": _("Choose a branch first.")}, status=400)
        branch = next((row for row in self.branches if row.pk == wanted), None)
        if branch is None:
            raise Http404
        day = read_day(request.POST.get("day", ""), self.today)
        members = tell_apart(members_in([branch.pk], day).order_by("position", "id"))
        said = request.POST.get("as", "")
        closed = self._read_ids("closed")
        if among := self._read_ids("among"):
            closed |= {member.pk for member in members} - among
        try:
            pasted = read_pasted(request.POST.get("text", ""), members, said)
        except TextTooLong:
            return JsonResponse({"error": say_too_long()}, status=400)
        return JsonResponse(describe_pasted(pasted, members, said=said, closed=closed, is_part=bool(among)))

    def _read_ids(self, name: str) -> set[int]:
        return {pk for text in self.request.POST.getlist(name) if (pk := read_id(text))}
