"""Pictures taken in as what they really are: read and written anew as JPEG, without whatever hid in them.

A picture's place, device and other data are gone, and so is anything appended to it. What decoding needs is reckoned
before it begins, and one picture is decoded at a time: a file of 50 kB can stand for hundreds of megabytes of pixels.
What people send is decoded in a process of its own, under limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from threading import Lock

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from foundation.errors import DomainError
from foundation.limited_process import LimitedProcess, ProcessBusy, ProcessFailed, speak
from foundation.picture_parts import PictureParts, take_picture_parts

LIMIT_PIXELS = 60_000_000
LIMIT_DECODED = 160 * 1024 * 1024
"""Bytes held for a picture: enough for a phone's 48 megapixels, as a JPEG is decoded at half its size, 28 of a
screenshot in colours, 60 of one with a palette, 8 of WebP."""
LONGEST_SIDE = 2400
"""Pixels: enough to read a notice on a photo of its board, small enough to keep for years."""
THUMBNAIL_SIDE = 320
MEGABYTES = 1024
"""Address space of the process that decodes: a WebP file asks for half of it before its size can be refused."""
FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow's readers stumble over in damaged files.
_DAMAGED = (UnidentifiedImageError, OSError, ValueError, SyntaxError)
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}
"""Of a decoded pixel by Pillow's mode; 4 of all others."""
_STRIP_PIXELS = 1_000_000
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by the orientation EXIF says."""
_ONE_AT_A_TIME = Lock()
_KEPT, _REFUSED = b"+", b"-"

DARKROOM = LimitedProcess(f"{__name__}:work", megabytes=MEGABYTES, answer_megabytes=32)
"""Of this process."""


class EvidenceRefused(DomainError):
    """The file is too large, of a kind that is not taken, dangerous or damaged; the message says which."""


class PictureRefused(EvidenceRefused):
    """The file is too large, is no JPEG, PNG or WebP picture, or is damaged."""


def encode_upload(data: bytes) -> bytes:
    """`encode_picture` of what somebody sent, within `settings.FILE_SECONDS`.

    Raises:
        PictureRefused.
    """
    if not settings.FILE_SECONDS:
        return encode_picture(data)
    language = get_language() or settings.LANGUAGE_CODE
    try:
        [answer] = DARKROOM.do(language.encode() + b"\n" + data, seconds=settings.FILE_SECONDS)
    except ProcessBusy as busy:
        raise PictureRefused(_("Other pictures are being read just now. Try again in a minute.")) from busy
    except ProcessFailed as failed:
        raise PictureRefused(
            _("Reading this picture takes longer or more memory than a picture may. Send a smaller one.")
        ) from failed
    if not answer.startswith(_KEPT):
        raise PictureRefused(answer[len(_REFUSED) :].decode())
    return answer[len(_KEPT) :]


def work(message: bytes) -> Iterator[bytes]:
    """What the process does: encode one picture, or refuse it."""
    language, _newline, data = message.partition(b"\n")
    speak(language.decode())
    try:
        yield _KEPT + encode_picture(data)
    except PictureRefused as refusal:
        yield _REFUSED + str(refusal).encode()


def encode_picture(data: bytes) -> bytes:
    """A picture as clean JPEG, upright, no side longer than `LONGEST_SIDE`.

    Raises:
        PictureRefused.
    """
    try:
        parts = take_picture_parts(data)
        with _ONE_AT_A_TIME, Image.open(BytesIO(parts.data), formats=FORMATS) as picture:
            _refuse_too_many_pixels(picture, parts)
            small = _shrink(picture, LONGEST_SIDE)
            return _write(small.transpose(_TURNS[parts.orientation]) if parts.orientation in _TURNS else small)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except _DAMAGED as error:
        raise PictureRefused(
            _("This file is not a JPEG, PNG or WebP picture, or it is damaged. Choose another one.")
        ) from error


def make_thumbnail(data: bytes) -> bytes:
    """A small JPEG of a picture that `encode_picture` made."""
    with _ONE_AT_A_TIME, Image.open(BytesIO(data), formats=("JPEG",)) as picture:
        return _write(_shrink(picture, THUMBNAIL_SIDE))


def _refuse_too_many_pixels(picture: Image.Image, parts: PictureParts) -> None:
    pixels = picture.width * picture.height
    beside = pixels * parts.bytes_per_pixel
    width, _height = _draft(picture, LONGEST_SIDE)
    decoded = picture.width * picture.height * _BYTES.get(picture.mode, 4) + width * picture.height * 4
    if pixels > LIMIT_PIXELS or beside + decoded > LIMIT_DECODED:
        raise _too_many_pixels()


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(_("The picture has too many pixels. Take it again with a lower resolution."))


def _draft(picture: Image.Image, side: int) -> tuple[int, int]:
    """The size a picture is shrunk to. A JPEG is from now on decoded at a fraction of its size."""
    scale = min(1, side / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    picture.draft("RGB", size)
    return size


def _shrink(picture: Image.Image, side: int) -> Image.Image:
    """A small copy without anything else, made narrow strip by strip: a large picture is never in memory twice."""
    width, height = _draft(picture, side)
    narrow = Image.new("RGB", (width, picture.height))
    rows = max(1, _STRIP_PIXELS // picture.width)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        narrow.paste(_flatten(strip).resize((width, strip.height)), (0, top))
    return narrow.resize((width, height))


def _flatten(picture: Image.Image) -> Image.Image:
    """The picture in colours, on white where one sees through it."""
    if "transparency" not in picture.info and "A" not in picture.mode:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen)
    return flat


def _write(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
