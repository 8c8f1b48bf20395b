"""What a browser may do with the site's pages: load, run, send, and which of its devices they may use.

Pages load from the site alone, and run nothing that stands in them: what somebody smuggles into a page stays text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase

PAGES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
"""The content security policy of every page: the portal, the log-in, errors."""

WORKBENCH: dict[str, Any] = {
    # unfold's menus and folding parts are expressions in attributes, which Alpine compiles with `new Function`.
    "script-src": [SELF, UNSAFE_EVAL],
    # unfold writes the theme's colours into each page, and widths into attributes; a style runs nothing.
    "style-src": [SELF, UNSAFE_INLINE],
}
"""Where the workbench's pages differ: what unfold cannot do without. Scripts in a page do not run there either."""

UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",  # a sign-in's code is read by the phone's own camera, a photo chosen by the file input
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "sync-xhr",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)


class PermissionsMiddleware:
    """No page uses a device or a sensor, and none may ask for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS
        return response
