"""The code at the foot of a printed paper: the number of a link of the chain and the beginning of its hash.

Who has the paper has a checkpoint: the link must be there for good.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.models import Seal

_CODE = re.compile(r"([0-9]{1,15})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})")


class NoSuchCode(DomainError):
    """It is not written like the code of a paper."""


def print_link_since(moment: datetime) -> str:
    """The code of the first link since a moment, `1234-ab12-cd34-ef56-0789`; empty where there is none.

    Of what was written at that moment it is the link that holds it or one soon after: a paper printed again shows the
    same code as the one on the wall.
    """
    found = Seal.objects.filter(at__gte=moment).order_by("sequence").values_list("sequence", "hash").first()
    if found is None:
        return ""
    sequence, digest = found
    return "-".join([str(sequence), *(digest[start : start + 4] for start in range(0, 16, 4))])


def parse_printed(code: str) -> tuple[int, str]:
    """The number of the link and the beginning of its hash.

    Raises:
        NoSuchCode.
    """
    found = _CODE.fullmatch(code.strip().lower())
    if found is None:
        raise NoSuchCode(
            _("“%(code)s” is not the code of a paper: it looks like 1234-ab12-cd34-ef56-0789.") % {"code": code}
        )
    number, *parts = found.groups()
    return int(number), "".join(parts)
