from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from veto.protections import register_protection


class PublicityConfig(AppConfig):
    name = "publicity"
    verbose_name = _("Publicity")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_protection("publicity.objections.protection.has_recent_objection")
