"""How much hostile input is kept and tried: each case is refused in words or taken as documented, where it is tried.

The cases lie beside what they are for; here they are only counted, so that none goes unseen.
"""

from __future__ import annotations

from collections.abc import Collection

from tests.foundation.hostile_pictures import HOSTILE, LEGAL
from tests.foundation.workbooks.test_bad_files import BAD_FILES
from tests.hostile import IN_ROUTES, VALUES
from tests.members.evidence.test_documents import REFUSED
from tests.members.roster_files.test_refusals import BAD_ROWS as BAD_ROSTER_ROWS
from tests.points.imports.test_anything import ODD
from tests.points.imports.test_import_records import BAD_ROWS
from tests.points.imports.test_tick_workbook import BAD_SHEETS
from tests.test_hostile_requests import VALUES_OF_COOKIES

CORPUS: dict[str, Collection[object]] = {
    "workbooks": BAD_FILES,
    "roster rows": BAD_ROSTER_ROWS,
    "record rows": BAD_ROWS,
    "tick sheets": BAD_SHEETS,
    "cells": ODD,
    "pictures": HOSTILE,
    "odd pictures that are legal": LEGAL,
    "documents": REFUSED,
    "values of requests": VALUES,
    "parts of addresses": [value for values in IN_ROUTES.values() for value in values],
    "cookies": VALUES_OF_COOKIES,
}


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    sizes = {name: len(cases) for name, cases in CORPUS.items()}
    assert all(sizes.values())
    assert sum(sizes.values()) >= 150, sizes
