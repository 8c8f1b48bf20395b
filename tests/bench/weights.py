"""What pages of the workbench weigh: the styles and scripts they load, and what answers their scripts."""

from __future__ import annotations

import gzip
from typing import Any, NamedTuple

from django.test import Client
from django.urls import reverse
from lxml import html

from tests.bench.daily import own_branch
from tests.static_files import read_static


class Weight(NamedTuple):
    """How many files, and their bytes as they lie on disk and as they travel to a browser that takes gzip."""

    files: int
    lying: int
    travelling: int


def weigh() -> dict[str, Weight]:
    """The weights of `bench.WEIGHTS` by their names."""
    recorder, branch, _members = own_branch()
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(recorder)
    cells = client.get(reverse("workbench:tick_cells", args=[branch.pk]), {"item": "dues", "year": "2025"})
    content = gzip.decompress(cells.content) if cells.get("Content-Encoding") == "gzip" else cells.content
    return {
        "home": _weigh_page(client, reverse("workbench:index")),
        "list": _weigh_page(client, reverse("workbench:points_pointevent_changelist")),
        "cells": Weight(1, len(content), len(cells.content)),
    }


def _weigh_page(client: Client, address: str) -> Weight:
    page: Any = html.fromstring(gzip.decompress(client.get(address).content))
    links = page.xpath("//link[@rel='stylesheet']/@href | //script/@src")
    files = [read_static(name) for name in sorted(set(links)) if name.startswith("/static/")]
    return Weight(len(files), sum(map(len, files)), sum(len(gzip.compress(file)) for file in files))
