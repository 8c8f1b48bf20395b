"""What of a picture's file its decoder needs: the pixels and the tables to read them by, nothing else.

Places, texts, colour profiles, further frames and whatever else a file can carry are left out before any library reads
it: they can be bombs, and reading them can take a time that grows with their square. All errors are ValueErrors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MOST_PARTS = 20_000
"""Chunks of a PNG or WebP file; programs that write small ones write a thousand for 8 MB."""
MOST_SEGMENTS = 1_000
"""Segments of a JPEG file: a camera writes some dozens."""
MOST_SCANS = 32
"""Of a JPEG picture: progressive ones have about ten, and each is a walk over all of it."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))
_WEBP_FLAGS = 0x12  # alpha and animation; the others announce what is left out
_WEBP_BYTES = 12  # the decoder's two canvases and the copy it hands over

_JPEG = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a byte of the pixels, a restart nor a filler
_START, _END, _TEMPORARY, _SCAN = 0xD8, 0xD9, 0x01, 0xDA
_JFIF, _EXIF, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xEE, 0xFE
_LEFT_OUT = frozenset((*range(0xE0, 0xF0), _COMMENT)) - {_JFIF, _ADOBE}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FRAMES_IN_ONE_GO = frozenset((0xC0, 0xC1, 0xC9))

_ORIENTATION = 0x0112
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}


@dataclass(frozen=True, slots=True)
class PictureParts:
    """A file reduced to its picture.

    `orientation`: how EXIF says it lies, 1 (upright) to 8. `bytes_per_pixel`: what the decoder holds for each pixel of
    the full size beside the decoded picture.
    """

    data: bytes
    orientation: int = 1
    bytes_per_pixel: float = 0


def take_picture_parts(data: bytes) -> PictureParts:
    """The parts of a JPEG, PNG or WebP file that its picture needs.

    Raises:
        ValueError: it is none of them, is cut short, or has more parts than any program writes.
    """
    if data.startswith(_JPEG):
        return _JpegFile(data).read()
    if data.startswith(_PNG):
        return _read_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _read_webp(data)
    raise ValueError("no JPEG, PNG or WebP file")


class _JpegFile:
    """The walk through the segments of one JPEG file, to the end of its first picture."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._kept = [_JPEG[:2]]
        self._orientation = 0
        self._scans = 0
        self._frame: tuple[int, bytes] | None = None
        self._is_partial = False

    def read(self) -> PictureParts:
        at = 2
        for _segment in range(MOST_SEGMENTS):
            found = _MARKER.search(self._data, at)
            if found is None:
                break
            code = found[0][1]
            if code == _END:
                self._kept.append(found[0])
                break
            at = found.end() if code in (_START, _TEMPORARY) else self._take(code, found.start())
        else:
            raise ValueError("too many segments")
        return PictureParts(b"".join(self._kept), self._orientation or 1, self._bytes_per_pixel())

    def _take(self, code: int, start: int) -> int:
        """Keep a segment or leave it out; returns where it ends, with the pixels behind it."""
        end = start + 2 + int.from_bytes(self._data[start + 2 : start + 4])
        content = self._data[start + 4 : end]
        if end < start + 4 or end > len(self._data):
            raise ValueError("cut short")
        if code == _EXIF and not self._orientation and content.startswith(b"Exif\0\0"):
            self._orientation = _read_orientation(content[6:])
        elif code in _FRAMES:
            if self._frame is not None:
                raise ValueError("two pictures in one")
            self._frame = code, content
        elif code == _SCAN:
            end = self._take_scan(content, end)
        if code not in _LEFT_OUT:
            self._kept.append(self._data[start:end])
        return end

    def _take_scan(self, content: bytes, at: int) -> int:
        """Count a scan; returns where its pixels end."""
        self._scans += 1
        if self._scans > MOST_SCANS:
            raise ValueError("too many scans")
        self._is_partial |= self._frame is not None and content[:1] != self._frame[1][5:6]
        following = _MARKER.search(self._data, at)
        return following.start() if following else len(self._data)

    def _bytes_per_pixel(self) -> float:
        """A picture of several scans is kept whole, two bytes for each value, until the last was read."""
        if self._frame is None:
            raise ValueError("no picture")
        code, content = self._frame
        samplings = [divmod(byte, 16) for byte in content[7::3]]
        if not samplings or any(0 in sampling for sampling in samplings):
            raise ValueError("no components")
        if code in _FRAMES_IN_ONE_GO and self._scans <= 1 and not self._is_partial:
            return 0
        full = max(across for across, _down in samplings) * max(down for _across, down in samplings)
        return 2 * sum(across * down for across, down in samplings) / full


def _read_png(data: bytes) -> PictureParts:
    kept = [_PNG]
    orientation = 1
    at = len(_PNG)
    for _chunk in range(MOST_PARTS):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if end > len(data):
            raise ValueError("cut short")
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        elif kind == b"eXIf":
            orientation = _read_orientation(data[at + 8 : end - 4])
        if kind == b"IEND":
            return PictureParts(b"".join(kept), orientation)
        at = end
    raise ValueError("too many chunks")


def _read_webp(data: bytes) -> PictureParts:
    kept: list[bytes] = []
    kinds: set[bytes] = set()
    orientation = 1
    at = 12
    for _chunk in range(MOST_PARTS):
        if at + 8 > len(data):
            body = b"".join(kept)
            head = b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP"
            return PictureParts(head + body, orientation, _WEBP_BYTES)
        kind = data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if at + 8 + size > len(data):
            raise ValueError("cut short")
        if kind in _WEBP_KEPT - kinds:  # the first frame is the picture
            kinds.add(kind)
            chunk = data[at:end]
            kept.append(chunk[:8] + bytes([chunk[8] & _WEBP_FLAGS]) + chunk[9:] if kind == b"VP8X" else chunk)
        elif kind == b"EXIF":
            orientation = _read_orientation(data[at + 8 : end].removeprefix(b"Exif\0\0"))
        at = end
    raise ValueError("too many chunks")


def _read_orientation(exif: bytes) -> int:
    """The orientation that EXIF data (from its byte order on) say; 1 where they say none."""
    order = _ORDERS.get(exif[:2])
    if order is None:
        return 1
    first = int.from_bytes(exif[4:8], order)
    entries = exif[first + 2 : first + 2 + 12 * int.from_bytes(exif[first : first + 2], order)]
    for at in range(0, len(entries) - 11, 12):
        if int.from_bytes(entries[at : at + 2], order) == _ORIENTATION:
            said = int.from_bytes(entries[at + 8 : at + 10], order)
            return said if 1 <= said <= 8 else 1
    return 1
