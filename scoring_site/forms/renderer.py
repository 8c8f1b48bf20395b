"""How the inputs of forms are drawn: the plain ones by hand, to the byte as Django's templates would, in less time.

A page with a choice of members has hundreds of options, each of which is two templates to Django.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape

_Widget = Mapping[str, Any]


class PlainRenderer(TemplatesSetting):
    """Inputs, choices and texts without a template; any other widget from `templates/` like every page."""

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of one widget, which marks it as safe: each part is escaped below."""
        draw = DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, dict(context), request)
        return draw(context["widget"]).strip()


def _escape(value: Any) -> str:
    """A value as a page shows it."""
    return conditional_escape(value if isinstance(value, str) else localize(value))


def _draw_attributes(widget: _Widget) -> str:
    return "".join(
        f" {_escape(name)}" if value is True else f' {_escape(name)}="{_draw_value(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _draw_value(value: Any) -> str:
    """A value that a form sends, never in the reader's own way of writing numbers."""
    return conditional_escape(value if hasattr(value, "__html__") else str(value))


def _draw_input(widget: _Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_draw_value(widget["value"])}"'
    kind, name = _escape(widget["type"]), _escape(widget["name"])
    return f'<input type="{kind}" name="{name}"{value}{_draw_attributes(widget)}>\n'


def _draw_textarea(widget: _Widget) -> str:
    text = _escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_escape(widget["name"])}"{_draw_attributes(widget)}>\n{text}</textarea>\n'


def _draw_option(option: _Widget) -> str:
    value, label = _draw_value(option["value"]), _escape(option["label"])
    return f'<option value="{value}"{_draw_attributes(option)}>{label}</option>\n'


def _draw_select(widget: _Widget) -> str:
    parts = [f'<select name="{_escape(widget["name"])}"{_draw_attributes(widget)}>']
    for group, options, _number in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_escape(group)}">')
        parts += [f"\n  {_draw_option(option)}" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>\n"])


_INPUTS = ("text", "number", "email", "password", "hidden", "date", "datetime", "time", "checkbox", "file")
DRAWN: dict[str, Callable[[_Widget], str]] = {
    **{f"django/forms/widgets/{kind}.html": _draw_input for kind in _INPUTS},
    "django/forms/widgets/textarea.html": _draw_textarea,
    "django/forms/widgets/select.html": _draw_select,
}
"""By the template that Django would draw the widget from; `templates/` has none of these."""
