from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from points import claim_views, hearing_views, sign_in_views
from publicity import objection_views, result_views
from publicity import views as publicity_views
from scoring_site import first_login, own_affairs
from scoring_site.portal import appearance, home, more
from scoring_site.workbench import workbench

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.show_home, name="home"),
    path("record-form/<int:year>/", home.download_record_form, name="record_form"),
    path("my-data/", own_affairs.show_my_data, name="my_data"),
    path("exemption/", own_affairs.show_exemption, name="exemption"),
    path("exemption/<uuid:token>/withdraw/", own_affairs.withdraw_exemption, name="withdraw_exemption"),
    path("notices/", publicity_views.show_notices, name="notices"),
    path("notices/<uuid:token>/", publicity_views.show_notice, name="notice"),
    path("notices/<uuid:token>/object/", objection_views.object_to_notice, name="object_to_notice"),
    path("results/", result_views.show_results, name="results"),
    path("results/<uuid:token>/confirm/", result_views.confirm_result, name="confirm_result"),
    path("hearings/", hearing_views.show_hearings, name="hearings"),
    path("hearings/<uuid:token>/", hearing_views.show_hearing, name="hearing"),
    path("sign-in/<uuid:token>/", sign_in_views.show_sign_in, name="sign_in"),
    path("objections/", objection_views.show_objections, name="objections"),
    path("objections/<uuid:token>/", objection_views.show_objection, name="objection"),
    path("objections/<uuid:token>/dissatisfied/", objection_views.say_dissatisfied, name="objection_dissatisfied"),
    path("claims/", claim_views.show_claims, name="claims"),
    path("claims/new/", claim_views.new_claim, name="new_claim"),
    path("claims/<uuid:token>/", claim_views.show_claim, name="claim"),
    path("claims/<uuid:token>/change/", claim_views.change_claim, name="change_claim"),
    path("claims/<uuid:token>/withdraw/", claim_views.take_back_claim, name="withdraw_claim"),
    path("evidence/<uuid:token>/", claim_views.open_own_evidence, name="evidence"),
    path("evidence/<uuid:token>/thumbnail/", claim_views.show_own_thumbnail, name="evidence_thumbnail"),
    path("notifications/", publicity_views.show_notifications, name="notifications"),
    path("notifications/read/", publicity_views.read_notifications, name="read_notifications"),
    path("more/", more.show_more, name="more"),
    path("login/", first_login.SiteLoginView.as_view(), name="login"),
    path("first-login/", first_login.show_first_login, name="first_login"),
    path("first-login/password/", first_login.choose_password, name="first_password"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        auth_views.PasswordChangeView.as_view(template_name="portal/password_change.html"),
        name="password_change",
    ),
    path(
        "password/changed/",
        auth_views.PasswordChangeDoneView.as_view(template_name="portal/password_changed.html"),
        name="password_change_done",
    ),
    path("workbench/", workbench.urls),
    path("language/", set_language, name="set_language"),
    path("large-type/", appearance.switch_large_type, name="large_type"),
    path("theme/", appearance.switch_theme, name="theme"),
]
