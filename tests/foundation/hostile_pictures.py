"""Picture files that no honest program would write, or that stand for far more than they weigh."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
"""Colour types of PNG."""
_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
_PROFILE = b"ICC_PROFILE\0\x01\x01"


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The file of a picture."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def png_chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 40, height: int = 30, colour: int = RGB, depth: int = 8, *, more: bytes = b"") -> bytes:
    """A black PNG, made without its pixels in memory; `more` are chunks in front of the pixels."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (width * _CHANNELS[colour] * depth + 7) // 8)
    pixels = b"".join(packer.compress(row) for _row in range(height)) + packer.flush()
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    palette = png_chunk(b"PLTE", bytes(768)) if colour == PALETTE else b""
    return b"\x89PNG\r\n\x1a\n" + head + palette + more + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND")


def jpeg(*segments: bytes) -> bytes:
    """A small JPEG with more segments in front of its own."""
    own = saved(Image.new("RGB", (40, 30)), "JPEG")
    return own[:2] + b"".join(segments) + own[2:]


def jpeg_segment(code: int, content: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(content) + 2) + content


def jpeg_of_scans(count: int, size: tuple[int, int] = (600, 400)) -> bytes:
    """A progressive JPEG whose last scan comes so many times."""
    data = saved(Image.new("RGB", size), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def exif(entries: int, *, reach: int = 0, orientation: int = 1) -> bytes:
    """EXIF data: so many entries, each of which claims the next `reach` bytes as its own, and an orientation."""
    body = b"".join(struct.pack("<HHII", tag, 7, reach, 8) for tag in range(0x8000, 0x8000 + entries))
    turn = struct.pack("<HHII", 0x0112, 3, 1, orientation)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", entries + 1) + turn + body + bytes(4) + bytes(reach)


def _texts(count: int) -> bytes:
    """Compressed texts of a megabyte, one of whose characters makes Python keep four bytes for each."""
    text = zlib.compress(b"a" * ((1 << 20) - 4) + "𠮷".encode())
    return b"".join(png_chunk(b"iTXt", b"k%d\0\1\0\0\0" % number + text) for number in range(count))


def _frames(kind: str) -> bytes:
    first, *others = (Image.new("RGB", (400, 300), (number, 0, 0)) for number in range(100))
    return saved(first, kind, save_all=True, append_images=others)


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "palette of 60 megapixels": ("kept", lambda: png(10_000, 6_000, PALETTE)),
    "palette with transparency": (
        "kept",
        lambda: png(10_000, 6_000, PALETTE, more=png_chunk(b"tRNS", bytes(256))),
    ),
    "one bit a pixel": ("kept", lambda: png(10_000, 6_000, GREY, 1)),
    "one bit, too many": ("pixels", lambda: png(9_000, 9_000, GREY, 1)),
    "one bit, 250 megapixels": ("pixels", lambda: png(25_000, 10_000, GREY, 1)),
    "long screenshot": ("kept", lambda: png(1_080, 24_000, RGBA)),
    "transparent, 25 megapixels": ("kept", lambda: png(5_000, 5_000, RGBA)),
    "transparent, 60 megapixels": ("pixels", lambda: png(10_000, 6_000, RGBA)),
    "colours of 60 megapixels": ("pixels", lambda: png(10_000, 6_000, RGB)),
    "colours of 16 bits": ("kept", lambda: png(5_000, 5_000, RGB, 16)),
    "greys of 16 bits": ("pixels", lambda: png(10_000, 6_000, GREY, 16)),
    "34 bytes of WebP for 60 megapixels": (
        "pixels",
        lambda: saved(Image.new("RGB", (10_000, 6_000)), "WEBP", lossless=True, method=0),
    ),
    "WebP of 8 megapixels": ("kept", lambda: saved(Image.new("RGB", (3_264, 2_448)), "WEBP", method=0)),
    "WebP of many frames": ("kept", lambda: _frames("WEBP")),
    "PNG of many frames": ("kept", lambda: _frames("PNG")),
    "progressive, 60 megapixels": (
        "pixels",
        lambda: saved(Image.new("RGB", (10_000, 6_000)), "JPEG", progressive=True, subsampling=0),
    ),
    "for print, just not halved": ("kept", lambda: saved(Image.new("CMYK", (4_799, 4_799)), "JPEG")),
    "texts in a PNG": ("kept", lambda: png(more=_texts(60))),
    "EXIF in a PNG": ("kept", lambda: png(more=png_chunk(b"eXIf", exif(20_000, reach=200_000)))),
    "EXIF in a WebP": (
        "kept",
        lambda: saved(Image.new("RGB", (40, 30)), "WEBP", exif=exif(20_000, reach=200_000)),
    ),
    "EXIF in a JPEG": ("kept", lambda: jpeg(jpeg_segment(0xE1, b"Exif\0\0" + exif(2_000, reach=40_000)))),
    "EXIF in many segments": ("damaged", lambda: jpeg(jpeg_segment(0xE1, b"Exif\0\0" + bytes(8)) * 60_000)),
    "profiles": ("kept", lambda: jpeg(jpeg_segment(0xE2, _PROFILE + bytes(60_000)) * 150)),
    "a thousand scans": ("damaged", lambda: jpeg_of_scans(1_000)),
    "half a million chunks": ("damaged", lambda: png(more=png_chunk(b"abCd") * 500_000)),
}
"""Each with what becomes of it: kept, or refused for its pixels or as damaged."""

LEGAL: dict[str, Callable[[], bytes]] = {
    "48 megapixels of a phone": lambda: saved(Image.new("RGB", (8_000, 6_000)), "JPEG"),
    "its panorama": lambda: saved(Image.new("RGB", (13_000, 3_500)), "JPEG"),
    "24 megapixels, progressive": lambda: saved(Image.new("RGB", (6_000, 4_000)), "JPEG", progressive=True),
}
"""What people send; it is kept, and costs no more than the others."""
