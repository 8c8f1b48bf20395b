"""What an unsettled objection keeps open: the rating of whose line it is about (D14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from publicity.models import Objection


def read_open_objections(member_ids: Collection[int], year: int) -> Mapping[int, str]:
    """About whose line of the year an objection waits for its answer, or for the town's reply; one query.

    Those that are hidden from the branch's officers are left out: nobody they are hidden from learns of them (D11).
    """
    unsettled = Q(answered_at__isnull=True) | Q(dissatisfied_at__isnull=False, town_replied_at__isnull=True)
    rows = Objection.objects.filter(unsettled, about__in=member_ids, notice__review__year=year, to_town_at__isnull=True)
    words = _("an objection about the score is not settled yet")
    return dict.fromkeys(rows.values_list("about_id", flat=True), words)
