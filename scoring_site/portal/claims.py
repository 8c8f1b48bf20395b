"""The portal's pages of claims: what I did and can show, and what became of it (3.1). Another's claim is not there."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.errors import DomainError
from foundation.tenths import say_points, show_points, to_tenths
from members.errors import DuplicateBatch
from members.models import User
from members.notifications import mark_read
from points.claims.claims import DEED_LENGTH, Deed, claim_link, file_claim, own_claims, revise_claim, withdraw_claim
from points.evidence.links import evidence_of, own_evidence
from points.evidence.sending import send_evidence, send_thumbnail
from points.models import Claim, EvidenceLink
from points.rules.rulebook import IncentiveItem, Rulebook
from points.scoring.adoption import rulebooks_of
from points.scoring.catalogue import grade_choices, read_grade
from scoring_site.forms.evidence import CLAIM_ACCEPT, EvidenceField
from scoring_site.forms.fields import DateInput, PointsField, TidyField
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of, now_of, today_of

MOST_SHOWN = 200


class ClaimForm(forms.Form):
    """A member's claim; everything typed stays when it cannot be taken, only files have to be chosen again."""

    item = forms.ChoiceField(label=gettext_lazy("Which item is it?"))
    date = forms.DateField(label=gettext_lazy("On which day?"), widget=DateInput)
    deed = TidyField(
        label=gettext_lazy("What did you do?"),
        max_length=DEED_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Where, with whom, what came of it; a few words are enough."),
    )
    led = forms.BooleanField(label=gettext_lazy("I led or organised it"), required=False)
    grade = forms.ChoiceField(
        label=gettext_lazy("Level (a suggestion)"),
        required=False,
        help_text=gettext_lazy("The recorder decides the points. If you do not know, leave it."),
    )
    points = PointsField(
        label=gettext_lazy("Or points"),
        required=False,
        help_text=gettext_lazy("Before doubling, in steps of 0.1; may stay empty."),
    )
    evidence = EvidenceField(
        label=gettext_lazy("Photos or papers that show it"),
        accept=CLAIM_ACCEPT,
        help_text=gettext_lazy("Photos or PDF, up to 9 at once. Where and with what a photo was taken is removed."),
    )
    take_away = forms.MultipleChoiceField(
        label=gettext_lazy("Take these files away"), required=False, widget=forms.CheckboxSelectMultiple
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        rulebooks: Mapping[int, Rulebook],
        today: datetime.date,
        links: Sequence[EvidenceLink] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rulebooks = rulebooks
        self.links = {str(link.pk): link for link in links}
        latest = rulebooks[max(rulebooks)]
        self._choices("item").choices = [("", _("choose …")), *((item.code, item.name) for item in latest.incentive)]
        self._choices("grade").choices = [("", _("the recorder decides")), *grade_choices(latest)]
        if links:
            self._choices("take_away").choices = [(pk, link.file.name) for pk, link in self.links.items()]
        else:
            del self.fields["take_away"]
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        self.fields["token"].initial = uuid4

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean(self) -> dict[str, Any]:
        """Grade and points must say the same, and the item must be one of the deed's year."""
        data = super().clean() or self.cleaned_data
        if not data.get("item") or not data.get("date"):
            return data
        rulebook = self.rulebooks.get(data["date"].year)
        codes = {item.code: item for item in rulebook.incentive} if rulebook else {}
        item = codes.get(data["item"])
        if rulebook is not None and item is None:
            self.add_error("item", _("The rulebook of %(year)s has no such item.") % {"year": data["date"].year})
        data["tenths"] = self._read_points(data, item) if item else to_tenths(data.get("points"))
        return data

    def _read_points(self, data: dict[str, Any], item: IncentiveItem) -> int | None:
        entered = to_tenths(data.get("points"))
        graded = read_grade(item, data["grade"]) if data.get("grade") else None
        if data.get("grade") and graded is None:
            self.add_error("grade", _("This level belongs to another item."))
        elif graded is not None and entered is not None and graded != entered:
            self.add_error("points", _("Choose a level or enter points, not both."))
        return graded if entered is None else entered

    @property
    def told(self) -> Deed:
        """What the form says."""
        data = self.cleaned_data
        return Deed(item=data["item"], date=data["date"], deed=data["deed"], points=data["tenths"], led=data["led"])

    @property
    def taken_away(self) -> list[EvidenceLink]:
        """The files that are to go."""
        return [self.links[pk] for pk in self.cleaned_data.get("take_away", ())]


def claim_initial(claim: Claim) -> dict[str, Any]:
    """What a form about a claim starts with."""
    points = None if claim.points is None else show_points(claim.points)
    return {"item": claim.item, "date": claim.date, "deed": claim.deed, "led": claim.led, "points": points}


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
            claim = file_claim(
                actor=user, now=now_of(request), deed=form.told, files=form.cleaned_data["evidence"], token=token
            )
        except DuplicateBatch as error:
            messages.warning(request, str(error))
            return redirect("claims")
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Filed. The recorder looks at it; you are told here what becomes of it."))
            return redirect(claim_link(claim))
    return render(request, "portal/claims/claim_form.html", {"form": form, "claim": None})


@lies_under("claims")
@require_safe
def show_claim(request: HttpRequest, token: UUID) -> HttpResponse:
    """One's own claim: what was said, its files, where it stands, the answer in the recorder's words."""
    user = actor_of(request)
    claim = _own(request, token)
    mark_read(user=user, now=now_of(request), link=claim_link(claim))
    event = claim.event
    context = {
        "claim": claim,
        "item": name_item(_rulebooks(user), claim),
        "claimed": None if claim.points is None else say_points(claim.points),
        "links": _live_links(request, claim),
        "event": event,
        "awarded": say_points(event.points) if event and event.points else None,
        "differs": event is not None and (event.led != claim.led or claim.points not in (None, event.points)),
        "is_open": claim.state in Claim.OPEN,
    }
    return render(request, "portal/claims/claim.html", context)


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
    form = ClaimForm(
        *sent,
        rulebooks=_rulebooks(user),
        today=today_of(request),
        links=_live_links(request, claim),
        initial=claim_initial(claim),
    )
    if request.method == "POST" and form.is_valid():
        try:
            revise_claim(
                actor=user,
                now=now_of(request),
                claim=claim,
                deed=form.told,
                files=form.cleaned_data["evidence"],
                take_away=form.taken_away,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Filed again. The recorder looks at it; you are told here what becomes of it."))
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
def show_own_thumbnail(request: HttpRequest, token: UUID) -> HttpResponse:
    """A picture that concerns oneself, small."""
    return send_thumbnail(_own_link(request, token))


def _own_link(request: HttpRequest, token: UUID) -> EvidenceLink:
    links = own_evidence(actor_of(request), on=today_of(request)).select_related("file")
    link = links.live().filter(uuid=token).first()
    if link is None:
        raise Http404
    return link


def _live_links(request: HttpRequest, claim: Claim) -> list[EvidenceLink]:
    links = evidence_of(actor_of(request), [claim], on=today_of(request))[claim.pk]
    return [link for link in links if not link.is_void]
