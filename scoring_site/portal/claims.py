"""The portal's pages of claims: what I did and can show, and what became of it (3.1). Another's claim is not there."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.errors import DomainError
from foundation.tenths import say_points
from members.errors import DuplicateBatch
from members.models import User
from members.notifications import mark_read
from points.claims.claims import claim_link, file_claim, own_claims, revise_claim, withdraw_claim
from points.evidence.links import attach_evidence, evidence_of, own_evidence
from points.evidence.sending import send_evidence, send_thumbnail
from points.models import Claim, EvidenceLink
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebooks_of
from scoring_site.access_log import mark_small
from scoring_site.menu import lies_under
from scoring_site.portal.claim_forms import ClaimForm, PhotoForm, claim_initial
from scoring_site.requests import actor_of, now_of, today_of

MOST_SHOWN = 200


def _own(request: HttpRequest, token: UUID) -> Claim:
    """One of the user's own claims. Raises Http404 for anybody else's."""
    claim = own_claims(actor_of(request)).select_related("member__town", "event__batch").filter(uuid=token).first()
    if claim is None:
        raise Http404
    return claim


def _rulebooks(user: User) -> Mapping[int, Rulebook]:
    return rulebooks_of(user.member.town) if user.member else {}


def name_item(rulebooks: Mapping[int, Rulebook], claim: Claim) -> str:
    """The item's name in the rulebook of the deed's year; its code where there is none."""
    rulebook = rulebooks.get(claim.date.year)
    return rulebook.item_names().get(claim.item, claim.item) if rulebook else claim.item


@lies_under("claims")
@require_safe
def show_claims(request: HttpRequest) -> HttpResponse:
    """One's own claims, latest first, with what was answered."""
    user = actor_of(request)
    rulebooks = _rulebooks(user)
    rows = own_claims(user).select_related("event")[:MOST_SHOWN]
    claims = [(claim, name_item(rulebooks, claim)) for claim in rows]
    return render(
        request, "portal/claims/claims.html", {"claims": claims, "member": user.member, "can_file": bool(rulebooks)}
    )


@lies_under("claims")
@require_http_methods(["GET", "HEAD", "POST"])
def new_claim(request: HttpRequest) -> HttpResponse:
    """File a claim; what was typed stays when it cannot be taken."""
    user = actor_of(request)
    rulebooks = _rulebooks(user)
    if not rulebooks:
        raise Http404
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ClaimForm(*sent, rulebooks=rulebooks, today=today_of(request))
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        try:
            claim = file_claim(actor=user, now=now_of(request), deed=form.told, files=form.files_taken, token=token)
        except DuplicateBatch as error:
            messages.warning(request, str(error))
            return redirect("claims")
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Filed. The recorder looks at it; you are told here what becomes of it."))
            _say_refused(request, form)
            return redirect(claim_link(claim))
    return render(request, "portal/claims/claim_form.html", {"form": form, "claim": None})


@lies_under("claims")
@require_http_methods(["GET", "HEAD", "POST"])
def show_claim(request: HttpRequest, token: UUID) -> HttpResponse:
    """One's own claim: what was said, its files, where it stands, the answer; while it is open, more photos (POST)."""
    user = actor_of(request)
    claim = _own(request, token)
    mark_read(user=user, now=now_of(request), link=claim_link(claim))
    form = PhotoForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            attach_evidence(actor=user, now=now_of(request), files=form.files_taken, subject=claim)
        except DomainError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The photos are added."))
            _say_refused(request, form)
        return redirect(claim_link(claim))
    event = claim.event
    context = {
        "claim": claim,
        "form": form,
        "item": name_item(_rulebooks(user), claim),
        "claimed": None if claim.points is None else say_points(claim.points),
        "links": _live_links(request, claim),
        "event": event,
        "awarded": say_points(event.points) if event and event.points else None,
        "differs": event is not None and (event.led != claim.led or claim.points not in (None, event.points)),
        "is_open": claim.state in Claim.OPEN,
    }
    return render(request, "portal/claims/claim.html", context)


def _say_refused(request: HttpRequest, form: PhotoForm) -> None:
    for words in form.files_refused:
        messages.warning(
            request, _("%(words)s Everything else is in; another photo can be added below.") % {"words": words}
        )


@lies_under("claims")
@require_http_methods(["GET", "HEAD", "POST"])
def change_claim(request: HttpRequest, token: UUID) -> HttpResponse:
    """Complete a claim that was returned, and file it again."""
    user = actor_of(request)
    claim = _own(request, token)
    if claim.state != Claim.State.RETURNED:
        messages.warning(request, _("Only a claim that was returned can be changed."))
        return redirect(claim_link(claim))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    rulebooks = _rulebooks(user)
    form = ClaimForm(
        *sent,
        rulebooks=rulebooks,
        today=today_of(request),
        links=_live_links(request, claim),
        initial=claim_initial(claim, rulebooks),
    )
    if request.method == "POST" and form.is_valid():
        try:
            revise_claim(
                actor=user,
                now=now_of(request),
                claim=claim,
                deed=form.told,
                files=form.files_taken,
                take_away=form.taken_away,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Filed again. The recorder looks at it; you are told here what becomes of it."))
            _say_refused(request, form)
            return redirect(claim_link(claim))
    return render(request, "portal/claims/claim_form.html", {"form": form, "claim": claim})


@lies_under("claims")
@require_POST
def take_back_claim(request: HttpRequest, token: UUID) -> HttpResponse:
    """Withdraw an open claim."""
    claim = _own(request, token)
    try:
        withdraw_claim(actor=actor_of(request), now=now_of(request), claim=claim)
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Withdrawn. If it was a mistake, file it again."))
    return redirect(claim_link(claim))


@require_safe
def open_own_evidence(request: HttpRequest, token: UUID) -> HttpResponse:
    """A file that concerns oneself, as an attachment."""
    return send_evidence(_own_link(request, token))


@require_safe
def show_own_thumbnail(request: HttpRequest, token: UUID) -> HttpResponseBase:
    """A picture that concerns oneself, small."""
    return mark_small(send_thumbnail(_own_link(request, token)))


def _own_link(request: HttpRequest, token: UUID) -> EvidenceLink:
    links = own_evidence(actor_of(request), on=today_of(request)).select_related("file")
    link = links.live().filter(uuid=token).first()
    if link is None:
        raise Http404
    return link


def _live_links(request: HttpRequest, claim: Claim) -> list[EvidenceLink]:
    links = evidence_of(actor_of(request), [claim], on=today_of(request))[claim.pk]
    return [link for link in links if not link.is_void]
