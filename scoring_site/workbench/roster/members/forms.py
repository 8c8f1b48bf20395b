"""The forms of a member's details, made of the fields the roster declares; they clean input only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.db.models import DateField, QuerySet
from django.utils.translation import gettext_lazy

from foundation.id_numbers import check_id_number
from foundation.months import MonthOrDayField
from foundation.workbooks.cells import parse_date_or_month
from foundation.workbooks.errors import CellError
from members.models import Branch, Membership
from members.people.fields import MEMBER_FIELDS, RosterField
from scoring_site.forms.fields import TidyField, WorkbenchForm

LONGEST_NUMBER = 40
"""Of a personal number as somebody types it; encrypted columns have no length of their own."""

FormT = TypeVar("FormT", bound=WorkbenchForm)


class IdNumberField(TidyField):
    """A citizen ID number as it is stored."""

    def clean(self, value: Any) -> str:
        """The checked number, or what is wrong with it."""
        text: str = super().clean(value)
        try:
            return check_id_number(text).number if text else ""
        except CellError as error:
            raise forms.ValidationError(str(error)) from error


class MonthOrDayFormField(forms.CharField):
    """A day, or the month alone where nobody knows the day."""

    def clean(self, value: Any) -> date | None:
        """The day or `Month`, or what is wrong with it."""
        try:
            return parse_date_or_month(super().clean(value))
        except CellError as error:
            raise forms.ValidationError(str(error)) from error


def make_form_field(field: RosterField) -> forms.Field:
    """The form's field for a field of the roster; required where its column is."""
    column = field.column
    said: dict[str, Any] = {
        "label": column.verbose_name,
        "help_text": column.help_text,
        "required": not column.blank,
    }
    if field.name == "id_number":
        return IdNumberField(max_length=LONGEST_NUMBER, **said)
    if column.choices:
        return forms.ChoiceField(choices=[*([] if said["required"] else [("", "—")]), *column.flatchoices], **said)
    if isinstance(column, DateField):
        return forms.DateField(widget=forms.DateInput, **said)
    if isinstance(column, MonthOrDayField):
        hint = gettext_lazy("As 2015-07-01; where only the month is known, 2015-07.")
        return MonthOrDayFormField(max_length=LONGEST_NUMBER, **said | {"help_text": hint})
    return TidyField(max_length=column.max_length or LONGEST_NUMBER, **said)


def with_fields(fields: Iterable[RosterField]) -> Callable[[type[FormT]], type[FormT]]:
    """Decorate a form: it begins with these fields of the roster, in their order."""

    def put_first(form: type[FormT]) -> type[FormT]:
        form.base_fields = {field.name: make_form_field(field) for field in fields} | form.base_fields
        return form

    return put_first


@with_fields(field for field in MEMBER_FIELDS.values() if field.on_edit_form)
class MemberForm(WorkbenchForm):
    """Personal details as the roster holds them."""


@with_fields(field for field in MEMBER_FIELDS.values() if field.on_new_form)
class NewMemberForm(WorkbenchForm):
    """A person who comes onto the roster: also where, since when and how."""

    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"), queryset=Branch.objects.none(), empty_label=gettext_lazy("choose …")
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)
    why = forms.ChoiceField(
        label=gettext_lazy("why"),
        choices=[(why.value, why.label) for why in Membership.Why if why not in Membership.LEAVING],
    )

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("branch", branches)
        self.order_fields(["name", "branch", "category", "from_date", "why"])


class FullMemberForm(WorkbenchForm):
    """Since when a probationary member is a full one."""

    full_since = forms.DateField(label=MEMBER_FIELDS["full_since"].column.verbose_name, widget=forms.DateInput)
