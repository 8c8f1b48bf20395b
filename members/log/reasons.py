"""What people write beside what they do: reasons, remarks, answers. It is kept as written or refused, never cut."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.errors import MissingReason, TextTooLong

REASON_LENGTH = 500
"""Characters a reason, a remark or an explanation may have."""


def refuse_too_long(text: str, *, most: int) -> None:
    """Refuse a text that would have to be cut.

    Raises:
        TextTooLong: it has more than `most` characters.
    """
    if len(text) > most:
        raise TextTooLong(
            _("The text has %(length)d characters; at most %(limit)d fit. Please shorten it.")
            % {"length": len(text), "limit": most}
        )


def fit_text(text: str, *, most: int = REASON_LENGTH) -> str:
    """The text as it is kept, without the blanks around it.

    Raises:
        TextTooLong: it has more than `most` characters.
    """
    text = text.strip()
    refuse_too_long(text, most=most)
    return text


def require_reason(reason: str, ask: str = "", *, most: int = REASON_LENGTH) -> str:
    """The reason as it is kept; `ask` is what to say to somebody who gave none, where it does not stand beside a row.

    Raises:
        MissingReason: it is blank.
        TextTooLong: it has more than `most` characters.
    """
    reason = fit_text(reason, most=most)
    if not reason:
        raise MissingReason(ask or _("Say why; the reason stays readable beside it."))
    return reason
