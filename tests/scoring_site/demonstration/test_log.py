"""The log of the demonstration town speaks in words."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

from members.log.words import name_key, name_value, name_verb
from members.models import AuditEntry, Town

OWN_TEXT = {"reason", "remark", "username", "usernames", "file", "topic", "place", "host", "minutes"}
"""What somebody typed, and names of files and accounts: shown as they stand."""

pytestmark = pytest.mark.django_db


IDENTITY = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{64}\b")


CODE = re.compile(r"[A-Za-z]+_[A-Za-z]+|(?<![\w-])[a-z]{2,}(?![\w-])")


def test_the_log_says_everything_in_words(town: Town) -> None:
    seen: set[tuple[str, str]] = set()
    for verb, object_type, old, new in AuditEntry.objects.values_list("verb", "object_type", "old", "new").iterator():
        model = apps.get_model(object_type)
        said = [name_verb(verb), str(model._meta.verbose_name)]
        for key, value in (*old.items(), *new.items()):
            seen.add((verb, key))
            said.append(name_key(model, key))
            if key not in OWN_TEXT:
                said.append(IDENTITY.sub("", name_value(model, key, value)))
        assert [text for text in said if CODE.search(text)] == [], (verb, object_type, old, new)
    assert len({verb for verb, _key in seen}) > 30
    assert {("raise_objection", "via"), ("record_meeting", "kinds"), ("file_claim", "item")} <= seen
