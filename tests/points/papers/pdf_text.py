"""Reading what a PDF says, with poppler's pdftotext, as a person who copies from it would."""

from __future__ import annotations

import re
import subprocess


def read_pages(pdf: bytes) -> list[str]:
    """The text of each page, laid out in columns as printed."""
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return text.split("\f")[:-1]


def read_text(pdf: bytes) -> str:
    """All its pages, without any blanks."""
    return squeeze("".join(read_pages(pdf)))


def read_heights(pdf: bytes) -> dict[str, float]:
    """How high each word is set, in points; of one that stands there twice the last."""
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</word>', boxes)
    return {word: round(float(bottom) - float(top), 1) for top, bottom, word in found}


def squeeze(text: str) -> str:
    """Without any blanks."""
    return "".join(text.split())
