"""A posted notice, and an objection to it from the portal."""

from __future__ import annotations

from datetime import timedelta

from publicity.models import Notice, Objection
from publicity.objections.objections import raise_objection
from tests.cast import Cast
from tests.publicity.stages import at, dues, posted, record

POSTED = at(7, 7)
LATER = POSTED + timedelta(days=1)
TODAY = LATER.date()


def put_up(cast: Cast) -> Notice:
    """The first half's notice went up on Monday 7 July; 张伟 has the dues of March."""
    record(cast, dues(cast.member_a))
    return posted(cast)


def raise_in_portal(cast: Cast, notice: Notice, **more: object) -> Objection:
    return raise_objection(
        actor=cast.member_user_a,
        now=LATER,
        notice=notice,
        **{"text": "三月的党课没有给我登记。", **more},  # type: ignore[arg-type]
    )
