"""The portal's page of a sign-in: the member confirms with one tap that they are there (D24)."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.access import reach_of
from members.models import Member
from points.errors import NotSignedIn
from points.meetings.sign_ins import check_signing, name_announced, sign_in_link, sign_in_self
from points.models import SignIn
from scoring_site.requests import actor_of, now_of, today_of


def _find(request: HttpRequest, token: UUID) -> SignIn:
    """The sign-in, for whoever belongs to its town; others do not learn that it exists. Raises Http404."""
    sign_in = SignIn.objects.select_related("branch__town").filter(uuid=token).first()
    user = actor_of(request)
    if sign_in is None:
        raise Http404
    towns = {user.town_id}
    if user.member_id is not None:
        towns |= set(Member.objects.filter(pk=user.member_id).values_list("town_id", flat=True))
    if sign_in.branch.town_id not in towns:
        raise Http404
    return sign_in


@require_http_methods(["GET", "HEAD", "POST"])
def show_sign_in(request: HttpRequest, token: UUID) -> HttpResponse:
    """Confirm (POST), or see that one has, or why one cannot."""
    user, now = actor_of(request), now_of(request)
    sign_in = _find(request, token)
    refusal = ""
    try:
        if request.method == "POST":
            sign_in_self(actor=user, now=now, sign_in=sign_in)
            return redirect(sign_in_link(sign_in))
        scan = check_signing(actor=user, now=now, sign_in=sign_in)
    except NotSignedIn as error:
        scan, refusal = None, str(error)
    context = {
        "sign_in": sign_in,
        "announced": name_announced(sign_in),
        "scan": scan,
        "refusal": refusal,
        "is_worker": reach_of(user, on=today_of(request)).is_worker,
    }
    return render(request, "portal/sign_in.html", context)
