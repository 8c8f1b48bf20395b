"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NETWORK_OF_ONE_V6 = 64
"""Bits: whoever has one address of IPv6 has all that begin like it."""


def address_of(request: HttpRequest) -> str:
    """The address of the caller: one of IPv4, the network of one of IPv6, empty where there is none.

    Behind a proxy (`BEHIND_PROXY`) it is what the proxy wrote last; what stands before that anybody can invent.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        told = request.META.get("HTTP_X_FORWARDED_FOR", told).rpartition(",")[2]
    try:
        address = ipaddress.ip_address(told.strip())
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, NETWORK_OF_ONE_V6), strict=False))
    return str(address)
