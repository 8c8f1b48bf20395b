from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from members.log.words import register_log_words
from points.results.open_readers import register_open_reader
from veto.protections import register_protection


class PublicityConfig(AppConfig):
    name = "publicity"
    verbose_name = _("Publicity")

    def ready(self) -> None:
        register_log_words(import_string("publicity.log_words.WORDS"))
        register_open_reader("publicity.objections.open_matters.read_open_objections")
        register_open_reader("publicity.rechecking.open_matters.read_open_corrections")
        register_protection("publicity.objections.protection.has_recent_objection")
