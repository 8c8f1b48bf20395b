"""Pages of the site: a browser for somebody logged in, and a page as a tree, for tests about what stands where."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import etree

from members.models import User


def browse(user: User, language: str = "") -> Any:
    """A browser in which somebody is logged in, and has chosen a language; Any: contexts are read without casts."""
    client = Client()
    client.force_login(user)
    if language:
        client.cookies["django_language"] = language
    return client


def read_tree(content: bytes) -> etree._Element:
    """The root of a page."""
    root = etree.fromstring(content, etree.HTMLParser(encoding="utf-8"))
    assert root is not None
    return root


def find_all(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements that an XPath names."""
    found = element.xpath(path)
    assert isinstance(found, list)
    elements = [each for each in found if isinstance(each, etree._Element)]
    assert len(elements) == len(found), path
    return elements


def find_values(element: etree._Element, path: str) -> list[str]:
    """The attributes or texts that an XPath names."""
    found = element.xpath(path)
    assert isinstance(found, list)
    values = [str(each) for each in found if isinstance(each, str)]
    assert len(values) == len(found), path
    return values


def text_of(element: etree._Element) -> str:
    """All text within an element."""
    return "".join(str(text) for text in element.itertext())


def read_form(content: bytes, *, by: str) -> dict[str, list[str]]:
    """What a browser would send of the form that has a field of this name: what stands in it, button aside."""
    (form, *_others) = find_all(read_tree(content), f"//form[@method='post'][.//*[@name='{by}']]")
    sent: dict[str, list[str]] = {}
    for field in find_all(form, ".//input[@name] | .//select[@name] | .//textarea[@name]"):
        name, kind = field.get("name", ""), field.get("type", "")
        if name == "csrfmiddlewaretoken" or kind in ("file", "submit"):
            continue
        if kind in ("checkbox", "radio"):
            values = [field.get("value", "on")] if field.get("checked") is not None else []
        elif field.tag == "select":
            options = find_all(field, ".//option[@selected]") or find_all(field, ".//option")[:1]
            values = [option.get("value", "") for option in options]
        elif field.tag == "textarea":
            values = [text_of(field).removeprefix("\n").removeprefix("\r\n")]
        else:
            values = [field.get("value", "")]
        if values:
            sent.setdefault(name, []).extend(values)
    return sent
