"""The site as a Django app, so that its commands, its checks and its templates are found."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string

from members.log.words import register_log_words


class ScoringSiteConfig(AppConfig):
    """Joins the apps together; has no tables."""

    name = "scoring_site"

    def ready(self) -> None:
        register_log_words(import_string("scoring_site.log_words.WORDS"))
