"""The portal's pages about objections: raise one from a notice, follow one's own to its answer (3.3, D11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.errors import DomainError
from members.access import reach_of
from members.errors import DuplicateBatch
from members.models import Member
from members.notifications import mark_read
from members.people.naming import tell_apart_at_home
from points.rules.periods import half_end
from points.scoring.wording import name_period
from publicity.corrections.figures import show_revised
from publicity.corrections.plans import read_revised_lines
from publicity.models import Notice, Objection
from publicity.notices.audience import members_of, notices_for
from publicity.objections.access import own_objections
from publicity.objections.deadlines import read_answer_days
from publicity.objections.objections import note_dissatisfaction, objection_link, raise_objection
from scoring_site.forms.objections import AboutForm, DissatisfactionForm
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.sent_once import sent_once


class PortalObjectionForm(AboutForm):
    """A member's own objection."""

    text = forms.CharField(
        label=gettext_lazy("What do you not agree with?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("If you can, say what is missing or wrong, and who or what shows it."),
    )
    about_officers = forms.BooleanField(
        label=gettext_lazy("It is about what the secretary or the recorder did"),
        required=False,
        help_text=gettext_lazy("Then the town handles it, and those two do not see it."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: Sequence[Member], own: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_members(members, own=own)
        self.fields["about"].initial = str(own) if own is not None else ""
        self.fields["token"].initial = uuid4


def _notice_of(request: HttpRequest, token: UUID) -> Notice:
    """The notice, if it is open to the user. Raises Http404."""
    notice = notices_for(actor_of(request), on=today_of(request)).filter(uuid=token).first()
    if notice is None:
        raise Http404
    return notice


def _own_objection(request: HttpRequest, token: UUID) -> Objection:
    """One of the user's own objections. Raises Http404 for anybody else's."""
    rows = own_objections(actor_of(request)).select_related("notice__review__branch__town", "about", "correction")
    objection = rows.filter(uuid=token).first()
    if objection is None:
        raise Http404
    return objection


def _is_worker(request: HttpRequest) -> bool:
    return reach_of(actor_of(request), on=today_of(request)).is_worker


@lies_under("notices")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def object_to_notice(request: HttpRequest, token: UUID) -> HttpResponse:
    """Raise an objection to a notice, during its days or later; what was typed stays when it cannot be taken."""
    user, now = actor_of(request), now_of(request)
    notice = _notice_of(request, token)
    members = members_of(notice)
    own = user.member_id if any(member.pk == user.member_id for member in members) else None
    form = PortalObjectionForm(request.POST or None, members=members, own=own)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            objection = raise_objection(
                actor=user,
                now=now,
                notice=notice,
                text=data["text"],
                about=form.chosen_member(),
                about_officers=data["about_officers"],
                token=data["token"],
            )
        except DuplicateBatch:
            sent = own_objections(user).filter(uuid=data["token"]).first()
            return redirect(objection_link(sent)) if sent else redirect("objections")
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            said = _("Thank you. Your objection has been received; its number is %(receipt)s.")
            if objection.uuid != data["token"]:
                said = _("Thank you. It has been added to your objection no. %(receipt)s about the same line.")
            messages.success(request, said % {"receipt": objection.receipt})
            return redirect(objection_link(objection))
    context = {
        "notice": notice,
        "period": name_period(notice.period),
        "form": form,
        "is_worker": _is_worker(request),
    }
    return render(request, "portal/objections/object.html", context)


@lies_under("notices")
@require_GET
def show_objections(request: HttpRequest) -> HttpResponse:
    """One's own objections, latest first."""
    rows = (
        own_objections(actor_of(request))
        .select_related("notice__review__branch__town", "about")
        .prefetch_related("notice__review__branch__former_names")
    )
    objections = [
        (row, name_period(row.notice.period), day)
        for row, day in zip(rows, read_answer_days(rows, on=today_of(request)), strict=True)
    ]
    return render(
        request, "portal/objections/objections.html", {"objections": objections, "is_worker": _is_worker(request)}
    )


@lies_under("notices")
@require_GET
def show_objection(request: HttpRequest, token: UUID) -> HttpResponse:
    """One's own objection: what was said, until when it is answered, the answer and what follows."""
    objection = _own_objection(request, token)
    mark_read(user=actor_of(request), now=now_of(request), link=objection_link(objection))
    return _show(request, objection, DissatisfactionForm())


@lies_under("notices")
@require_POST
@sent_once
def say_dissatisfied(request: HttpRequest, token: UUID) -> HttpResponse:
    """The objector does not accept the answer: it goes to the town."""
    objection = _own_objection(request, token)
    form = DissatisfactionForm(request.POST)
    if form.is_valid():
        try:
            note_dissatisfaction(
                actor=actor_of(request), now=now_of(request), objection=objection, text=form.cleaned_data["text"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Passed to the town's party office, which will reply to you here."))
            return redirect(objection_link(objection))
    return _show(request, objection, form)


def _show(request: HttpRequest, objection: Objection, form: DissatisfactionForm) -> HttpResponse:
    if objection.about is not None:
        review = objection.notice.review
        tell_apart_at_home([objection.about], on=half_end(review.year, review.half), lasting=True)
    context = {
        "objection": objection,
        "notice": objection.notice,
        "period": name_period(objection.notice.period),
        "additions": objection.additions.all(),
        "day": read_answer_days([objection], on=today_of(request))[0],
        "revised": show_revised(read_revised_lines(objection.correction)) if objection.correction else [],
        "form": form,
        "is_worker": _is_worker(request),
    }
    return render(request, "portal/objections/objection.html", context)
