"""What a page says to whoever asks for it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

from django.contrib.messages import get_messages
from django.test import Client
from django.utils import translation

from members.models import User


def get(client: Client, user: User, address: str, *, language: str = "zh-hans") -> str:
    """The visible text of a page, one blank between words."""
    client.force_login(user)
    # The language of a request outlives it in its thread; the next test wants its own.
    with translation.override("zh-hans"):
        response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200, response.status_code
    return visible(response)


def name_of(response: Any) -> str:
    """What a file that is sent is called."""
    header = response.headers["Content-Disposition"]
    assert header.startswith("attachment; filename")
    return unquote(header.rpartition("''")[2])


def visible(response: Any) -> str:
    html = re.sub(r"<(head|style|script).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def told(response: Any) -> str:
    """What the messages say that a page shows, or that wait for the next one."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request)) or " ".join(
        str(message) for message in response.context["messages"]
    )


def status(client: Client, user: User, address: str) -> int:
    client.force_login(user)
    return client.get(address).status_code
