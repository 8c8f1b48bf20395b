from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VetoConfig(AppConfig):
    name = "veto"
    verbose_name = _("Veto findings")
    default_auto_field = "django.db.models.BigAutoField"
