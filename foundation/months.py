"""Days of which people may know the month alone (入党时间 1998年7月): kept as that month, no day is invented."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Month(date):
    """A month without its day: before and after other days as its first, equal to no day, written 1998-07."""

    __slots__ = ()

    @classmethod
    def of(cls, year: int, month: int) -> Self:
        """The month; raises `ValueError` where the calendar has none such."""
        return cls(year, month, 1)

    @property
    def last_day(self) -> date:
        """The day by which whatever happened in the month has happened."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def isoformat(self) -> str:
        """The month as it is written and stored."""
        return f"{self.year:04}-{self.month:02}"

    __str__ = isoformat

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Month) and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = date.__hash__


def latest_day(day: date) -> date:
    """A day, and of a month its last one: the latest that is meant."""
    return day.last_day if isinstance(day, Month) else day


def read_day_or_month(text: str) -> date:
    """A day or a `Month` from what `isoformat` wrote; raises `ValueError`."""
    return Month.fromisoformat(f"{text}-01") if len(text) == len("1998-07") else date.fromisoformat(text)


class MonthOrDayField(models.Field):  # type: ignore[type-arg]
    """A day or a `Month`, stored as written (1998-07-01, 1998-07), so that the database sorts them as Python does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"max_length": len("1998-07-01")}))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "CharField"

    def to_python(self, value: Any) -> date | None:
        """The day or month; raises `ValidationError`."""
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return read_day_or_month(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> date | None:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> str | None:
        day = self.to_python(super().get_prep_value(value))
        return None if day is None else day.isoformat()

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
