"""Keeping pictures that prove something: taken in only as what they really are, kept under the hash of their bytes.

A picture is read and written anew as JPEG: what a camera or a person hid in it (place, device, other data) is gone, and
nothing but a picture is ever kept or served. Files lie in `settings.EVIDENCE_DIR`, which no web server serves; views
authorise and then call `read_picture`.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from members.errors import DomainError

LIMIT_BYTES = 10 * 1024 * 1024
LIMIT_PIXELS = 60_000_000
LONGEST_SIDE = 2400
"""Pixels: enough to read a notice on a photo of its board, small enough to keep for years."""
FORMATS = ("JPEG", "PNG", "WEBP")
CONTENT_TYPE = "image/jpeg"
NAME = re.compile(r"[0-9a-f]{64}")


class PictureRefused(DomainError):
    """The file is too large, is no JPEG, PNG or WebP picture, or is damaged."""


def store_picture(upload: UploadedFile) -> str:
    """Keep an uploaded picture and return its name, the SHA-256 of the kept bytes; the same picture is kept once.

    Raises:
        PictureRefused.
    """
    if upload.size is None or upload.size > LIMIT_BYTES:
        raise PictureRefused(_("The picture is larger than 10 MB. Take it again with a lower resolution."))
    data = _encode(upload.read(LIMIT_BYTES + 1))
    name = hashlib.sha256(data).hexdigest()
    path = _path_of(name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)  # only the owner may read it
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    return name


def read_picture(name: str) -> bytes | None:
    """The bytes of a kept picture; None where there is no such file."""
    if not NAME.fullmatch(name):
        return None
    try:
        return _path_of(name).read_bytes()
    except FileNotFoundError:
        return None


def _path_of(name: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / name[:2] / name


def _encode(data: bytes) -> bytes:
    refusal = PictureRefused(_("This file is not a JPEG, PNG or WebP picture, or it is damaged. Choose another one."))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > LIMIT_PIXELS:
                raise PictureRefused(_("The picture has too many pixels. Take it again with a lower resolution."))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    # Pillow answers damaged files with whatever its readers stumble over.
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise refusal from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    out = BytesIO()
    clean.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
