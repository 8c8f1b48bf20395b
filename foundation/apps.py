from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class FoundationConfig(AppConfig):
    name = "foundation"

    def ready(self) -> None:
        from foundation import ledger  # noqa: PLC0415 (it defines models, which need the app registry)

        # Not domain logic: a migration that rebuilds a SQLite table silently loses its triggers.
        post_migrate.connect(ledger.install_after_migrate, dispatch_uid="ledger_triggers")
        register(ledger.check_triggers, Tags.database)
