"""The words of the log: what the verbs, keys and values of its entries are called.

Each app keeps the words of its own verbs in its module `log_words` and registers them when it starts
(`AppConfig.ready`). What the fields of an entry's model say of themselves needs no second word here: names and choices
of fields are found through the model. Words only: who may read an entry is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise
Saying = Callable[[Any], str]
"""Puts one value into words that are not a code: a period, a count, a list of pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWords:
    """The words of one app, by code; `values` and `sayings` are by the key under which a value is logged."""

    verbs: Mapping[str, Text] = field(default_factory=dict)
    keys: Mapping[str, Text] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    sayings: Mapping[str, Saying] = field(default_factory=dict)


_VERBS: dict[str, Text] = {}
_KEYS: dict[str, Text] = {}
_VALUES: dict[str, dict[str, Text]] = {}
_SAYINGS: dict[str, Saying] = {}


def register_log_words(words: LogWords) -> None:
    """Register the words of an app; once, from its `ready`. Apps above may use the keys and values of those below.

    Raises:
        ValueError: a code has words already; nothing of `words` was registered.
    """
    twice = [f"verb {code}" for code in words.verbs.keys() & _VERBS.keys()]
    twice += [f"key {code}" for code in words.keys.keys() & _KEYS.keys()]
    twice += [f"saying of {key}" for key in words.sayings.keys() & _SAYINGS.keys()]
    twice += [
        f"value {key}={code}"
        for key, codes in words.values.items()
        for code in codes.keys() & _VALUES.get(key, {}).keys()
    ]
    if twice:
        raise ValueError(f"The log has words for these already: {', '.join(sorted(twice))}")
    _VERBS.update(words.verbs)
    _KEYS.update(words.keys)
    _SAYINGS.update(words.sayings)
    for key, codes in words.values.items():
        _VALUES.setdefault(key, {}).update(codes)


def list_words() -> LogWords:
    """All that is registered."""
    return LogWords(verbs=dict(_VERBS), keys=dict(_KEYS), values=dict(_VALUES), sayings=dict(_SAYINGS))


def list_verbs() -> list[tuple[str, str]]:
    """Every verb with its words, sorted by the words: the choices of a filter."""
    return sorted(((code, str(text)) for code, text in _VERBS.items()), key=lambda verb: verb[1])


def require_words(verb: str) -> None:
    """Raise LookupError unless the verb has words."""
    if verb not in _VERBS:
        raise LookupError(f"The log has no words for “{verb}”: add them to `log_words` of the app whose verb it is.")


def name_verb(verb: str) -> str:
    """What was done, in words; the code of a verb that an older version logged."""
    return str(_VERBS.get(verb, verb))


def name_key(model: type[Model], key: str) -> str:
    """What an entry about a row of `model` calls a value: registered words, else the name of the model's field."""
    if key in _KEYS:
        return str(_KEYS[key])
    names = {column.name: column.verbose_name for column in model._meta.concrete_fields}
    return str(names.get(key, key))


def name_value(model: type[Model], key: str, value: Any) -> str:
    """A value that an entry about a row of `model` keeps, in words; other text as it stands."""
    if value is None or value in ("", []):
        return "—"
    if key in _SAYINGS:
        return _SAYINGS[key](value)
    if isinstance(value, list):
        return "、".join(name_value(model, key, part) for part in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return str(_codes(model, key).get(value, value))
    return str(value)


def _codes(model: type[Model], key: str) -> Mapping[str, Text]:
    """The codes a value may be: registered ones, else the choices of the model's field."""
    if key in _VALUES:
        return _VALUES[key]
    for column in model._meta.concrete_fields:
        if column.name == key:
            return {str(code): text for code, text in column.flatchoices}
    return {}
