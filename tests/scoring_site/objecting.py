"""An objection to the first half's notice as the tests of both sites raise it, and the addresses of its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from publicity.models import Notice, Objection
from publicity.objections.objections import raise_objection
from tests.cast import Cast
from tests.publicity.stages import at

LATER = at(7, 8)
TEXT = "三月的党课没有给我登记。"
OBJECTOR = "刘群众"


def page(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def work(name: str, *args: Any) -> str:
    return reverse(f"workbench:publicity_objection_{name}", args=args)


def raise_it(cast: Cast, notice: Notice, **more: Any) -> Objection:
    return raise_objection(actor=cast.member_user_a, now=LATER, notice=notice, text=TEXT, **more)


def take_it_down(cast: Cast, notice: Notice, **more: Any) -> Objection:
    values = {"actor": cast.recorder_a, "via": Objection.Via.PHONE, "objector_name": OBJECTOR, **more}
    return raise_objection(now=LATER, notice=notice, text=TEXT, **values)
