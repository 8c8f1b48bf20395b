"""Run by itself: read the workbooks named, one after the other; print each, what became of it and the peak memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.conf import settings

from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.reader import read_workbook
from tests.foundation.encode_pictures import peak


def main() -> None:
    settings.configure(USE_I18N=False)
    first, *paths = map(Path, sys.argv[1:])
    read(first)  # what the libraries take once
    before = peak()
    for path in paths:
        print(json.dumps([path.name, read(path), peak() - before]), flush=True)


def read(path: Path) -> str:
    """The code of the refusal, or how many rows were read."""
    try:
        return f"{sum(1 for sheet in read_workbook(path.read_bytes(), path.name).sheets for _row in sheet.rows())} rows"
    except UnreadableWorkbook as refusal:
        return refusal.code


if __name__ == "__main__":
    main()
