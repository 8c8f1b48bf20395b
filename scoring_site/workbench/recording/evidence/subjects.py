"""What evidence proves: found by the address, named, and led to."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from members.access import findings_for, rows_for
from members.models import RecordBatch
from points.evidence.links import NAMES, Subject
from points.models import Meeting, PointEvent
from scoring_site.parameters import read_id
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import row_url
from veto.models import Deduction, VetoRecord

ATTACHABLE: dict[str, type[Subject]] = {
    NAMES[model]: model for model in (RecordBatch, Meeting, PointEvent, Deduction, VetoRecord)
}
"""What the workbench attaches to; a claim's files are its member's to add."""


def find_subject(request: HttpRequest) -> Subject:
    """The one row the address names, if it lies within reach. Raises Http404."""
    named = [(name, pk) for name in ATTACHABLE if (pk := read_id(request.GET.get(name, "")))]
    if len(named) != 1:
        raise Http404
    name, pk = named[0]
    subject: Subject | None = _rows_within_reach(request, ATTACHABLE[name], pk).first()
    if subject is None:
        raise Http404
    return subject


def find_subject_url(request: HttpRequest, subject: Subject) -> str:
    """The page of what is proved, where it is the user's to see."""
    return row_url(subject) if _rows_within_reach(request, type(subject), subject.pk).exists() else ""


def _rows_within_reach(request: HttpRequest, model: type[Subject], pk: int) -> QuerySet[Any]:
    """The row, where it lies within the user's reach: of a finding, who may know of it."""
    rows: QuerySet[Any] = model._default_manager.filter(pk=pk)
    within_reach = findings_for if model in (Deduction, VetoRecord) else rows_for
    return within_reach(actor_of(request), rows, on=today_of(request))


def name_subject(subject: Model) -> str:
    """What is proved, in words and without a ground."""
    kind = str(subject._meta.verbose_name)
    member = getattr(subject, "member", None)
    day = getattr(subject, "date", None)
    return f"{kind} {member.listed_name} {day}" if member is not None else f"{kind} {subject}"
