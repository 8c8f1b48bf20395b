"""Which papers each ground of the regulation asks for before anybody is confronted with it (D18).

They prove that somebody verified the fact, and who; the software itself collects nothing about anybody (D22). A ground
that a town's own rulebook adds asks for none.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.errors import PapersMissing

_AUTHORITY = gettext_lazy("the competent authority's finding: which authority, number and date of the document")

DEDUCTION_PAPERS: Mapping[str, Promise] = {
    "gambling": gettext_lazy("how it was verified: the police's or village's document or inquiry, with its date"),
    "religion": gettext_lazy("dates of the talks in which it was verified, and who talked with the member"),
    "rumour": _AUTHORITY,
    "remarks": _AUTHORITY,
    "noncompliance": gettext_lazy("the order or notice that was not followed: who issued it, number and date"),
}
VETO_PAPERS: Mapping[str, Promise] = {
    "absence": gettext_lazy("dates on which the member was reminded or visited, and who did it"),
    "dues_refusal": gettext_lazy("dates of the reminders and talks about the dues, and who held them"),
    "religion_unreformed": gettext_lazy("dates of the help and education given, and who gave it"),
    "cult": _AUTHORITY,
    "disciplined": gettext_lazy("number and date of the disciplinary decision, and who took it"),
    "disrepute": gettext_lazy("the finding of the higher party organisation or authority: which, number and date"),
}


def require_papers(asked_by_ground: Mapping[str, Promise], ground: str, papers: str) -> None:
    """Refuse a ground that asks for papers where none are named. Raises PapersMissing."""
    asked = asked_by_ground.get(ground)
    if asked is not None and not papers:
        raise PapersMissing(
            _("This ground asks for its papers (D18). Name: %(papers)s. Without them it cannot be proposed.")
            % {"papers": asked}
        )
