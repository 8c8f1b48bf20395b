"""The part of a page that shows evidence: `{"evidence": show_evidence(request, row)}` and one include."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from points.evidence.links import NAMES, Subject, evidence_of, may_add_evidence
from points.models import Claim, EvidenceLink
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import page_url


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file of a list; `thumbnail` is empty for what has none, `reason` carries why a ground is looked at."""

    link: EvidenceLink
    url: str
    thumbnail: str
    page: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """Live files, voided ones (for the record, not to open), and where more are added ("" where they are not)."""

    files: Sequence[ShownFile]
    voided: Sequence[EvidenceLink]
    add_url: str = ""


def show_evidence(request: HttpRequest, subject: Subject) -> EvidencePanel:
    """What proves a row, as far as the user may open it, with the way to add more; for `base/evidence.html`."""
    links = evidence_of(actor_of(request), [subject], on=today_of(request))[subject.pk]
    adds = not isinstance(subject, Claim) and may_add_evidence(actor_of(request), subject, on=today_of(request))
    name = NAMES[type(subject)]
    attach = f"{reverse('workbench:points_evidencelink_attach')}?{name}={subject.pk}"
    return make_panel(links, add_url=attach if adds else "")


def make_panel(links: Iterable[EvidenceLink], *, add_url: str = "", reason: str = "") -> EvidencePanel:
    """The panel of links somebody may open; with `reason`, by permission and logged (D21)."""
    links = list(links)
    return EvidencePanel(
        files=[_show(link, reason) for link in links if not link.is_void],
        voided=[link for link in links if link.is_void],
        add_url=add_url,
    )


def _show(link: EvidenceLink, reason: str) -> ShownFile:
    def find_url(page: str) -> str:
        return page_url(f"points_evidencelink_{page}", link.pk)

    return ShownFile(
        link=link,
        url=find_url("file"),
        thumbnail=find_url("thumbnail") if link.has_thumbnail else "",
        page="" if reason else find_url("change"),
        reason=reason,
    )
