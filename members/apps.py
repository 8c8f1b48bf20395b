from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from members.log.words import register_log_words


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members and branches")

    def ready(self) -> None:
        register_log_words(import_string("members.log_words.WORDS"))
