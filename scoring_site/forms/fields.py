"""What forms share: the looks of their fields, the token, points and amounts, and fields that pick members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from foundation.clock import read_clock
from foundation.workbooks.cells import clean_text, parse_fen
from foundation.workbooks.errors import CellError
from members.log.reasons import REASON_LENGTH
from members.models import Member
from members.people.naming import tell_apart, tell_apart_at_home
from scoring_site.parameters import MOST_DIGITS, read_id

TEXT_CLASS = "workbench-input"


class DateInput(forms.DateInput):
    """The browser's own date field: works without scripts and on phones."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def offer_phrases(name: str) -> forms.TextInput:
    """A line of text that offers what the page's list of that id holds; anything else can be typed."""
    return forms.TextInput(attrs={"list": name, "autocomplete": "off"})


def read_day(text: str, today: date) -> date:
    """The day a form sent, or today where it is none; the form itself says what is wrong with it."""
    try:
        return parse_date(text) or today
    except ValueError:
        return today


class TidyField(forms.CharField):
    """Text as imports read it: no invisible characters, odd spaces as plain ones; what cannot be shown is refused."""

    default_error_messages = {
        "max_length": _("At most %(limit_value)d characters; these are %(show_value)d. Shorten the text.")
    }

    def to_python(self, value: Any) -> str:
        """The tidied text; lines are kept where the field has several."""
        text = super().to_python(value) or ""
        try:
            # The length is the validators' to judge: they say it in the words of a form.
            return clean_text(text, max_length=len(text), multiline=isinstance(self.widget, forms.Textarea))
        except CellError as error:
            raise forms.ValidationError(str(error)) from error


class WorkbenchForm(forms.Form):
    """A form whose fields look like the workbench's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, forms.DateInput):
                field.widget = widget = DateInput(widget.attrs)
            if not isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                widget.attrs.setdefault("class", TEXT_CLASS)
            if field.help_text:
                widget.attrs.setdefault("aria-describedby", f"id_{name}_help")

    def offer(self, name: str, rows: QuerySet[Any]) -> None:
        """Let a field choose among these rows: they are the reach, a posted one outside them is refused."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows


class TokenForm(WorkbenchForm):
    """A form that writes a batch: its token is the batch's uuid, so sending it twice writes once."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid4


class ReasonForm(WorkbenchForm):
    """Why something is voided, revoked, ended or looked at."""

    reason = TidyField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays readable."),
    )


class _MemberOptions:
    """Gives each option what the picker filters and groups by."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        member = getattr(value, "instance", None)
        if isinstance(member, Member):
            beside = "" if member.told_apart else member.party_group
            find = f"{member.name} {member.initials} {member.pinyin}"
            option |= {"party_group": beside, "group": member.party_group, "find": find}
        return option


class MemberChecks(_MemberOptions, forms.CheckboxSelectMultiple):
    """Tick members; the template `workbench/base/pickers/member_picker.html` draws it."""


class MemberRadios(_MemberOptions, forms.RadioSelect):
    """Choose one member; drawn like `MemberChecks`."""


class _ToldApart(ModelChoiceIterator):
    """The members a field offers, namesakes told apart; one alone, or some of a branch, from all of it."""

    def __iter__(self) -> Iterator[Any]:
        members = tell_apart(self.queryset.all())
        if len(members) == 1 or getattr(self.field, "is_part", False):
            tell_apart_at_home(members, on=timezone.localdate(read_clock()))
        return (self.choice(member) for member in members)


class MembersField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # generic for the type checker alone
    """Members to tick; the queryset is the reach, a posted member outside it is refused."""

    widget = MemberChecks
    iterator = _ToldApart

    def clean(self, value: Any) -> Any:
        """The members; a number too large for the database is as little one of them as any other."""
        for sent in value or ():
            if not read_id(str(sent)):
                message = self.error_messages["invalid_pk_value"]
                raise forms.ValidationError(message, code="invalid_pk_value", params={"pk": str(sent)[:MOST_DIGITS]})
        return super().clean(value)


class MemberField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One member to choose; the queryset is the reach, a posted member outside it is refused."""

    widget = MemberRadios
    iterator = _ToldApart

    def __init__(self, *args: Any, is_part: bool = False, **kwargs: Any) -> None:
        # Before the parent's, which asks the iterator: whether some of a branch are offered and others are left out.
        self.is_part = is_part
        super().__init__(*args, empty_label=None, **kwargs)


class PointsField(forms.DecimalField):
    """Points in steps of 0.1; `to_tenths` of its value is what the verbs take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal("0.1"), max_value=Decimal(100), max_digits=4, decimal_places=1, localize=False, **kwargs
        )


class AmountField(forms.Field):
    """An amount in yuan, read as imports read it; its value is integer fen, None for a blank (D23)."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> int | None:
        try:
            return parse_fen(value)
        except CellError as error:
            raise forms.ValidationError(str(error)) from error
