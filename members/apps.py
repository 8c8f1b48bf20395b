from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from foundation.databases.commits import call_before_commit
from members.log.words import register_log_words


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members and branches")

    def ready(self) -> None:
        from members.seals import chain, notes  # noqa: PLC0415 (they use models, which need the app registry)

        register_log_words(import_string("members.log_words.WORDS"))
        call_before_commit(chain.seal_pending)
        # Not domain logic: a migration that rebuilds a SQLite table silently loses its triggers.
        post_migrate.connect(notes.install_after_migrate, dispatch_uid="seal_notes")
        register(notes.check_notes, Tags.database)
