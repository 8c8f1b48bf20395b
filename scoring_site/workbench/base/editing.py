"""A form that changes what it shows: what somebody else changed meanwhile is not written back unseen.

The page carries what it showed (`shown`). When it is sent, what it is about is locked and read anew; where that
differs, nothing is saved: the page says who changed what, from what to what, keeps what was typed, takes over what was
changed in fields that were left alone, and can be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.log.locks import lock_for_score
from members.log.words import name_key
from members.models import AuditEntry
from scoring_site.sent_once import SHOWN
from scoring_site.workbench.base.pages import RowT
from scoring_site.workbench.base.steps import FormStep, FormT, RowStep

Shown = dict[str, list[str]]
"""By field: what stood in it, as a browser sends it."""
LONGEST_SAID = 60


class ChangedMeanwhile(DomainError):
    """Somebody else changed what the form shows, since it was opened."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One field: how it stood on the page and how it stands now."""

    name: str
    old: list[str]
    new: list[str]


class EditStep(FormStep[FormT]):
    """A step whose form shows what stands, to be changed."""

    verb: ClassVar[str]
    """The verb of the log by which others change the same; its last entry says who did."""

    _is_stale = False

    def get_subject(self) -> Model:
        """What the log names as changed."""
        raise NotImplementedError

    def lock(self) -> None:
        """Lock what the form shows, before anything else the verb locks, and forget what was read of it."""
        raise NotImplementedError

    def show_besides(self) -> Mapping[str, str]:
        """What the page shows that no field holds, by the key that the log has words for."""
        return {}

    def get_shown(self, form: FormT | None) -> str:
        """What the page carries: what it shows now, or showed first where it is shown again."""
        if form is None:
            return ""
        if form.is_bound and not self._is_stale:
            return self.request.POST.get(SHOWN, "")
        return json.dumps(self._read_shown(self._make_unbound()), ensure_ascii=False)

    def _make_unbound(self) -> forms.Form:
        return self.form_class(**self.get_form_arguments())

    def _read_shown(self, form: forms.Form) -> Shown:
        shown = {field.name: _plain(field.field.widget, field.value()) for field in form if not field.is_hidden}
        return shown | {name: [text] for name, text in self.show_besides().items()}

    def _carry_out(self, form: FormT) -> HttpResponseBase:
        shown = _read_sent(self.request)
        if not shown:
            return super()._carry_out(form)
        with transaction.atomic():
            self.lock()
            current = self._make_unbound()
            now = self._read_shown(current)
            changes = [
                _Change(name, old, now[name])
                for name, old in shown.items()
                if name in now and now[name] != old and _sent(form, name) != now[name]
            ]
            if changes:
                self._is_stale = True
                form.data = _take_over(form, changes)
                raise ChangedMeanwhile(self._say(current, changes))
            return super()._carry_out(form)

    def _say(self, form: forms.Form, changes: list[_Change]) -> str:
        subject = self.get_subject()
        identity = str(getattr(subject, "uuid", None) or subject.pk)
        entries = AuditEntry.objects.filter(
            object_type=subject._meta.label_lower, object_id=identity, verb__exact=self.verb
        ).select_related("actor")
        last = entries.order_by("-at", "-pk").first()
        what = "；".join(_say_change(form, subject, change) for change in changes)
        kept = _("Nothing was saved. What you typed is kept; look at it and save again.")
        if last is None:
            return _("This was changed while you had it open: %(what)s.") % {"what": what} + kept
        said = _("%(who)s changed this at %(time)s, while you had it open: %(what)s.")
        time = f"{timezone.localtime(last.at):%Y-%m-%d %H:%M}"
        return said % {"who": last.actor, "time": time, "what": what} + kept


class EditRow(EditStep[FormT], RowStep[RowT, FormT]):
    """Changing one row."""

    def get_subject(self) -> Model:
        return self.row

    def lock(self) -> None:
        """Lock the row and read it anew."""
        type(self.row)._base_manager.select_for_update().get(pk=self.row.pk)
        self.row.refresh_from_db()


class EditBranchRow(EditRow[FormT, RowT]):
    """Changing one row of a branch: whoever changes it holds the branch first of all."""

    def lock(self) -> None:
        row: Any = self.row
        lock_for_score(branch_ids=[row.branch_id], member_ids=())
        row.refresh_from_db()


def _read_sent(request: HttpRequest) -> Shown:
    """What the page had shown; nothing where what was sent is none of ours."""
    try:
        shown = json.loads(request.POST.get(SHOWN, ""))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(shown, dict):
        return {}
    return {
        name: values
        for name, values in shown.items()
        if isinstance(values, list) and all(isinstance(value, str) for value in values)
    }


def _plain(widget: forms.Widget, value: Any) -> list[str]:
    """A value as a browser sends it; the same for what was sent and for what stands."""
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown: Any = widget.format_value(value)
    values = shown if isinstance(shown, list | tuple) else [shown]
    return sorted("" if each is None else str(each).replace("\r\n", "\n").strip() for each in values)


def _sent(form: forms.Form, name: str) -> list[str] | None:
    """What was sent in a field; None where no field has the name."""
    if name not in form.fields or form.fields[name].disabled:
        return None
    field = form[name]
    return _plain(field.field.widget, field.data)


def _take_over(form: forms.Form, changes: list[_Change]) -> Any:
    """What was sent, with the new values in the fields that were left as they had been shown."""
    data: Any = form.data
    data = data.copy()
    for change in changes:
        if _sent(form, change.name) == change.old:
            data.setlist(form.add_prefix(change.name), change.new)
    return data


def _say_change(form: forms.Form, subject: Model, change: _Change) -> str:
    field = form.fields.get(change.name)
    label = str(field.label) if field else name_key(type(subject), change.name)
    old, new = (_say_values(field, values) for values in (change.old, change.new))
    return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": old, "new": new}


def _say_values(field: forms.Field | None, values: list[str]) -> str:
    """What stood in a field, in words."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if values else _("no")
    choices: Any = getattr(field, "choices", ())
    names = {str(code): str(name) for code, name in choices} if choices else {}
    text = "、".join(names.get(value, value) for value in values if value) or "—"
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…"
