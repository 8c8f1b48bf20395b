"""The addresses of the site."""

from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from scoring_site.menu import lies_under
from scoring_site.portal import (
    appeals,
    appearance,
    claims,
    first_login,
    hearings,
    home,
    logins,
    made_codes,
    meetings_to_come,
    more,
    notices,
    objections,
    own_affairs,
    results,
    second_factor,
    sign_in,
)
from scoring_site.readiness import show_health, show_readiness
from scoring_site.workbench.register import workbench

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.show_home, name="home"),
    path("record-form/<year:year>/", home.download_record_form, name="record_form"),
    path("my-data/", own_affairs.show_my_data, name="my_data"),
    path("my-data/read/", own_affairs.acknowledge_my_data, name="acknowledge_my_data"),
    path("my-data/copy/", own_affairs.download_my_data, name="my_data_copy"),
    path("exemption/", own_affairs.show_exemption, name="exemption"),
    path("exemption/<uuid:token>/withdraw/", own_affairs.withdraw_exemption, name="withdraw_exemption"),
    path("notices/", notices.show_notices, name="notices"),
    path("notices/<uuid:token>/", notices.show_notice, name="notice"),
    path("notices/<uuid:token>/object/", objections.object_to_notice, name="object_to_notice"),
    path("results/", results.show_results, name="results"),
    path("results/<uuid:token>/confirm/", results.confirm_result, name="confirm_result"),
    path("hearings/", hearings.show_hearings, name="hearings"),
    path("hearings/<uuid:token>/", hearings.show_hearing, name="hearing"),
    path("hearings/<uuid:token>/disown/", appeals.disown, name="disown_answer"),
    path("hearings/<uuid:token>/appeal/", appeals.appeal, name="appeal"),
    path("sign-in/<uuid:token>/", sign_in.show_sign_in, name="sign_in"),
    path("objections/", objections.show_objections, name="objections"),
    path("objections/<uuid:token>/", objections.show_objection, name="objection"),
    path("objections/<uuid:token>/dissatisfied/", objections.say_dissatisfied, name="objection_dissatisfied"),
    path("meetings/<uuid:token>/", meetings_to_come.show_meeting_to_come, name="meeting_to_come"),
    path("meetings/<uuid:token>/take-back/", meetings_to_come.take_back_own_leave, name="take_back_leave"),
    path("claims/", claims.show_claims, name="claims"),
    path("claims/new/", claims.new_claim, name="new_claim"),
    path("claims/<uuid:token>/", claims.show_claim, name="claim"),
    path("claims/<uuid:token>/change/", claims.change_claim, name="change_claim"),
    path("claims/<uuid:token>/withdraw/", claims.take_back_claim, name="withdraw_claim"),
    path("evidence/<uuid:token>/", claims.open_own_evidence, name="evidence"),
    path("evidence/<uuid:token>/thumbnail/", claims.show_own_thumbnail, name="evidence_thumbnail"),
    path("notifications/", notices.show_notifications, name="notifications"),
    path("notifications/read/", notices.read_notifications, name="read_notifications"),
    path("more/", more.show_more, name="more"),
    path("second-factor/", second_factor.show_second_factor, name="second_factor"),
    path("logins/", logins.show_logins, name="logins"),
    path("logins/end/", logins.end_other_logins, name="end_other_logins"),
    path("logins/acknowledge/", made_codes.acknowledge, name="acknowledge_login_codes"),
    path("login/", first_login.SiteLoginView.as_view(), name="login"),
    path("first-login/", first_login.show_first_login, name="first_login"),
    path("first-login/password/", first_login.choose_password, name="first_password"),
    path("logout/", login_not_required(auth_views.LogoutView.as_view()), name="logout"),
    path(
        "password/",
        lies_under("more")(logins.PasswordChangeView.as_view()),
        name="password_change",
    ),
    path(
        "password/changed/",
        lies_under("more")(
            auth_views.PasswordChangeDoneView.as_view(template_name="portal/accounts/password_changed.html")
        ),
        name="password_change_done",
    ),
    path("workbench/", workbench.urls),
    path("language/", login_not_required(set_language), name="set_language"),
    path("large-type/", appearance.switch_large_type, name="large_type"),
    path("theme/", appearance.switch_theme, name="theme"),
    path("health/", show_health, name="health"),
    path("ready/", show_readiness, name="ready"),
]

handler500 = "scoring_site.faults.answer_fault"
