"""Run by itself: encode the files named, one after the other; print each with what became of it and the peak memory."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

from django.conf import settings

from foundation.pictures import PictureRefused, encode_picture


def peak() -> int:
    """The most memory this program has had, in bytes; unlike `getrusage`, without that of who started it."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    settings.configure(USE_I18N=False)
    warnings.simplefilter("ignore")  # Pillow's own, of more pixels than it likes
    first, *paths = map(Path, sys.argv[1:])
    encode_picture(first.read_bytes())  # what the libraries take once
    before = peak()
    for path in paths:
        try:
            encode_picture(path.read_bytes())
            became = "kept"
        except PictureRefused as refusal:
            became = "pixels" if "pixels" in str(refusal) else "damaged"
        print(json.dumps([path.name, became, peak() - before]), flush=True)


if __name__ == "__main__":
    main()
