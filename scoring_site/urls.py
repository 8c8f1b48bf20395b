from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from scoring_site import portal
from scoring_site.workbench import workbench

urlpatterns: list[URLPattern | URLResolver] = [
    path("", portal.show_home, name="home"),
    path("record-form/<int:year>/", portal.download_record_form, name="record_form"),
    path("login/", auth_views.LoginView.as_view(template_name="portal/login.html"), name="login"),
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
    path("large-type/", portal.switch_large_type, name="large_type"),
]
