"""What a correction that waits for its review keeps open: the rating of whose line it changes (D14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from publicity.models import EnteredCorrection


def read_open_corrections(member_ids: Collection[int], year: int) -> Mapping[int, str]:
    """Whose line of the year a correction waits to change; one query."""
    rows = EnteredCorrection.objects.filter(settled_at__isnull=True, member__in=member_ids, review__year=year)
    return dict.fromkeys(rows.values_list("member_id", flat=True), _("a correction is not reviewed yet"))
