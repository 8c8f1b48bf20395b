"""For migrations: columns that were kept in the clear, and are encrypted from now on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

from foundation.encryption import decrypt_text, encrypt_text
from foundation.key_rotation import STORED, as_stored, with_stored
from foundation.ledger import GUARDS


def encrypt_columns(app_label: str, columns: dict[str, Sequence[str]]) -> RunPython:
    """The operation that encrypts what stands in some columns, by the model's name; it can be taken back.

    It comes after the columns have become `EncryptedTextField`s. The guards of append-only tables are taken away for
    it: `migrate` brings them back when it is done.
    """

    def rewrite(way: Callable[[str], str]) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
        def run(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
            for model_name, names in columns.items():
                model = apps.get_model(app_label, model_name)
                table = model._meta.db_table
                on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {GUARDS.prefix}{table}_update{on_table}")
                found = with_stored(model, names).values_list("pk", *(STORED + name for name in names))
                for pk, *values in list(found):
                    fresh = {name: as_stored(way(value)) for name, value in zip(names, values, strict=True) if value}
                    if fresh:
                        model._base_manager.filter(pk=pk).update(**fresh)

        return run

    return RunPython(rewrite(encrypt_text), rewrite(decrypt_text))
