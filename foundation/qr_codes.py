"""An address as a QR code, drawn on this server."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def draw_qr_code(address: str) -> SafeString:
    """An address as a drawing to put into HTML."""
    drawing: str = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    return mark_safe(drawing)  # noqa: S308 # drawn by us: squares, no text
