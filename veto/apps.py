from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from members.log.words import register_log_words
from points.roster.leaving import register_ending


class VetoConfig(AppConfig):
    name = "veto"
    verbose_name = _("Deductions and vetoes")

    def ready(self) -> None:
        register_log_words(import_string("veto.log_words.WORDS"))
        register_ending("veto.endings.end_proceedings")
