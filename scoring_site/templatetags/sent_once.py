"""The token of a form that is carried out once, beside `{% csrf_token %}`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from scoring_site.sent_once import FIELD, read_token

register = template.Library()


@register.simple_tag(takes_context=True)
def form_token(context: template.Context) -> SafeString | str:
    """The hidden field: a new token, or the one sent with a form that is shown again.

    Nothing where the form has the field itself.
    """
    form: Any = context.get("form")
    if form is not None and FIELD in form.fields:
        return ""
    token = read_token(context["request"]) or uuid4()
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, token)
