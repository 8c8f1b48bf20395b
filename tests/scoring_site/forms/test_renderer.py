"""A widget drawn by hand is, to the byte, what Django's own template would draw."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe

from scoring_site.forms.renderer import DRAWN, PlainRenderer

NASTY = "<b>\"'&\n 王"
CHOICES = [("", "—"), (1, "one"), (2000, 2000), ("a", NASTY), (NASTY, mark_safe("<i>x</i>"))]
GROUPED = [("first", [(1, "one"), (2, "two")]), ("", "none"), (NASTY, [(3, "three")])]

CASES: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(), None),
    (forms.TextInput({"maxlength": 300, "required": True, "disabled": False, "title": NASTY}), NASTY),
    (forms.TextInput({"data-x": mark_safe("&amp;")}), mark_safe("&amp;")),
    (forms.NumberInput({"step": 0.5}), 1234.5),
    (forms.EmailInput(), "a@b.cn"),
    (forms.PasswordInput(), "secret"),
    (forms.PasswordInput(render_value=True), "secret"),
    (forms.HiddenInput(), 0),
    (forms.DateInput(format="%Y-%m-%d"), date(2026, 3, 1)),
    (forms.DateTimeInput(), None),
    (forms.TimeInput(), "09:00"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput({"class": "wide"}), False),
    (forms.FileInput({"accept": ".xlsx"}), "ignored"),
    (forms.Textarea({"rows": 3}), NASTY),
    (forms.Textarea(), ""),
    (forms.Textarea(), None),
    (forms.Select({"class": "x"}, choices=CHOICES), 2000),
    (forms.Select(choices=GROUPED), 3),
    (forms.Select(), ""),
    (forms.SelectMultiple(choices=CHOICES), [1, "a"]),
    (forms.NullBooleanSelect(), True),
    (forms.RadioSelect(choices=CHOICES), 1),
    (forms.CheckboxSelectMultiple(choices=GROUPED), [1]),
]


@pytest.mark.parametrize(("widget", "value"), CASES, ids=[type(widget).__name__ for widget, _value in CASES])
def test_by_hand_as_by_template(widget: forms.Widget, value: Any) -> None:
    drawn = [widget.render("some_name", value, {"id": "id_x"}, renderer) for renderer in (PlainRenderer(), TEMPLATES)]
    assert drawn[0] == drawn[1]


TEMPLATES = TemplatesSetting()


def test_every_one_that_is_drawn_by_hand_is_compared() -> None:
    assert {getattr(widget, "template_name", "") for widget, _value in CASES} >= DRAWN.keys()
