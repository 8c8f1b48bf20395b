"""Run by itself: encode the files named, one after the other; print each with what became of it and the peak memory."""

from __future__ import annotations

import warnings
from pathlib import Path

from foundation.pictures import PictureRefused, encode_picture
from tests.foundation.measured import report_peaks


def encode(path: Path) -> str:
    """Whether the picture is kept, or what it is refused for."""
    try:
        encode_picture(path.read_bytes())
    except PictureRefused as refusal:
        return "pixels" if "pixels" in str(refusal) else "damaged"
    return "kept"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # Pillow's own, of more pixels than it likes
    report_peaks(encode)
