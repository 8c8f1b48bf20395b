"""Which tables are sealed: every one, but those whose model says why not (`not_sealed`)."""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.db.models import Field, Model

from foundation.encryption import encrypted_columns

NOT_OURS = {"admin.logentry": "nothing is written there: the site keeps a log of its own"}
"""Why a table of another's app is not sealed, by its model."""


def reason_not_sealed(model: type[Model]) -> str:
    """Why a table is not sealed; empty where it is."""
    return NOT_OURS.get(model._meta.label_lower, "") or str(getattr(model, "not_sealed", ""))


@cache
def sealed_models() -> dict[str, type[Model]]:
    """Every model whose rows are sealed, by its name, in a stable order."""
    models = sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label_lower)
    return {
        model._meta.label_lower: model
        for model in models
        if model._meta.managed and not model._meta.proxy and not reason_not_sealed(model)
    }


@cache
def sealed_columns(model: type[Model]) -> tuple[Field, ...]:  # type: ignore[type-arg]
    """The columns that enter the hash of a row, by name.

    Left out: what the model names in `not_sealed_columns`, and the hash beside an encrypted column, which follows from
    it and would change with its key.
    """
    left_out = {*getattr(model, "not_sealed_columns", ()), *(f"{name}_hash" for name in encrypted_columns(model))}
    columns = (column for column in model._meta.concrete_fields if column.name not in left_out)
    return tuple(sorted(columns, key=lambda column: column.attname))
