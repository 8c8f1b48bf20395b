"""The site as a Django app, so that its commands, its checks and its templates are found."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.module_loading import import_string

from members.log.words import register_log_words


class ScoringSiteConfig(AppConfig):
    """Joins the apps together; has no tables."""

    name = "scoring_site"

    def ready(self) -> None:
        register_log_words(import_string("scoring_site.log_words.WORDS"))
        # Django's own signal, as its `last_login` has: whichever way somebody logs in, the session knows since when.
        user_logged_in.connect(import_string("members.accounts.sessions.note_login"), dispatch_uid="note_login")
