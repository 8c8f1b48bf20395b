from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.accounts import User


class Session(AbstractBaseSession):
    """What the site keeps of one browser that visited it; `user` is who is logged in there."""

    not_sealed = "ends by itself; who logged in is in the access log"

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="sessions", verbose_name=_("account")
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        """What reads and writes its content."""
        return import_module(settings.SESSION_ENGINE).SessionStore
