"""The site as a Django app, so that its commands, its checks and its templates are found."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils.module_loading import import_string

from members.jobs.kinds import register_job_kind
from members.log.words import register_log_words
from scoring_site.checks import register_checks
from scoring_site.parameters import register_converters


class ScoringSiteConfig(AppConfig):
    """Joins the apps together; has no tables."""

    name = "scoring_site"

    def ready(self) -> None:
        register_checks()
        register_converters()
        register_log_words(import_string("scoring_site.log_words.WORDS"))
        register_job_kind("verification", "scoring_site.verification_report.VERIFICATION")
        # Django's own signal, as its `last_login` has: whichever way somebody logs in, the session knows since when.
        user_logged_in.connect(import_string("members.accounts.sessions.note_login"), dispatch_uid="session")
        user_logged_in.connect(import_string("members.accounts.second_factor.note_login"), dispatch_uid="factor")
        user_logged_in.connect(import_string("scoring_site.access_log.note_login"), dispatch_uid="access")
        user_logged_out.connect(import_string("scoring_site.access_log.note_logout"), dispatch_uid="access")
        user_login_failed.connect(import_string("scoring_site.access_log.note_failed_login"), dispatch_uid="access")
