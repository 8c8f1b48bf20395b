"""The audit log, for town staff and supervisors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import reach_of
from members.models import Appointment, AuditEntry, Member, Membership
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.scoped import Fact, ScopedModelAdmin

VERB_LABELS = {
    "answer_own_finding": gettext_lazy("answered the branch in the portal"),
    "adopt_rulebook": gettext_lazy("adopted a rulebook"),
    "answer_objection": gettext_lazy("answered an objection"),
    "appoint": gettext_lazy("appointed"),
    "approve_own_line": gettext_lazy("approved the secretary's own line"),
    "approve_review": gettext_lazy("approved a half-year"),
    "change_attendance": gettext_lazy("changed attendances"),
    "change_branch": gettext_lazy("changed a branch"),
    "change_meeting": gettext_lazy("changed a meeting"),
    "change_member": gettext_lazy("changed a member's details"),
    "change_membership": gettext_lazy("entered a move"),
    "close_notice": gettext_lazy("closed a notice"),
    "extend_sign_in": gettext_lazy("kept a sign-in open longer"),
    "close_sign_in": gettext_lazy("closed a sign-in"),
    "clear_finding": gettext_lazy("let a proposal through"),
    "confirm_finding": gettext_lazy("entered a confirmation"),
    "confirm_lines": gettext_lazy("entered confirmations of results"),
    "correct_line": gettext_lazy("corrected a line"),
    "create_branch": gettext_lazy("made a branch"),
    "create_member": gettext_lazy("put a member on the roster"),
    "create_user": gettext_lazy("made an account"),
    "decide_ratings": gettext_lazy("entered ratings"),
    "dismiss_finding": gettext_lazy("entered a dismissal"),
    "end_appointment": gettext_lazy("ended an appointment"),
    "end_exemption": gettext_lazy("ended an exemption"),
    "export_annual_report": gettext_lazy("exported the annual report"),
    "export_meetings": gettext_lazy("exported a list of meetings"),
    "export_record_forms": gettext_lazy("exported record forms"),
    "export_records": gettext_lazy("exported records"),
    "export_roster": gettext_lazy("exported the roster"),
    "export_tick_workbook": gettext_lazy("exported a tick workbook"),
    "grant_exemption": gettext_lazy("entered an exemption"),
    "hand_objection_to_town": gettext_lazy("handed an objection to the town"),
    "import_records": gettext_lazy("imported records"),
    "import_roster": gettext_lazy("imported the roster"),
    "issue_password": gettext_lazy("issued a password"),
    "make_full_member": gettext_lazy("entered a full membership"),
    "mark_final": gettext_lazy("made a half-year final"),
    "mark_published": gettext_lazy("published a half-year"),
    "note_dissatisfaction": gettext_lazy("passed an objector's dissatisfaction to the town"),
    "note_investigation": gettext_lazy("noted an investigation"),
    "open_sign_in": gettext_lazy("opened a sign-in"),
    "post_notice": gettext_lazy("entered a posting"),
    "post_revised_lines": gettext_lazy("entered the posting of corrected lines"),
    "prepare_notice": gettext_lazy("prepared a notice"),
    "propose_finding": gettext_lazy("proposed a finding"),
    "raise_objection": gettext_lazy("received an objection"),
    "read_finding_categories": gettext_lazy("read the categories of findings"),
    "read_grounds": gettext_lazy("read the grounds of a finding"),
    "record_answer": gettext_lazy("entered a member's answer"),
    "record_events": gettext_lazy("recorded points"),
    "record_meeting": gettext_lazy("recorded a meeting"),
    "record_month": gettext_lazy("recorded a month"),
    "remove_branch": gettext_lazy("took a branch away"),
    "remove_member": gettext_lazy("took a member off the roster"),
    "rename_town": gettext_lazy("renamed the town"),
    "reopen_review": gettext_lazy("opened a final half-year again"),
    "reply_for_town": gettext_lazy("replied for the town"),
    "restore": gettext_lazy("restored a backup"),
    "restore_member": gettext_lazy("put a member's details back"),
    "return_review": gettext_lazy("returned a half-year"),
    "revoke_finding": gettext_lazy("revoked a finding"),
    "set_account_active": gettext_lazy("closed or opened an account"),
    "set_ground_reading": gettext_lazy("changed who may read grounds"),
    "set_required_channels": gettext_lazy("set the channels of notices"),
    "set_review_dates": gettext_lazy("set the dates of a half-year"),
    "set_work_year": gettext_lazy("entered days off and make-up workdays"),
    "sign_in_self": gettext_lazy("signed in to a meeting"),
    "submit_review": gettext_lazy("submitted a half-year"),
    "tell_member": gettext_lazy("told a member of a finding"),
    "update_member": gettext_lazy("brought a member's details up to date"),
    "void_attendance": gettext_lazy("voided an attendance"),
    "void_batch": gettext_lazy("voided a batch"),
    "void_event": gettext_lazy("voided a record"),
    "void_finding": gettext_lazy("voided a finding"),
}
"""The verbs of the log in words; one that is missing here shows as it is stored."""


KEY_LABELS = {
    "added": gettext_lazy("added"),
    "allowed": gettext_lazy("allowed"),
    "attendance": gettext_lazy("attendances"),
    "attendance_changes": gettext_lazy("attendances"),
    "backup_of": gettext_lazy("backup of"),
    "branch": gettext_lazy("branch"),
    "branches": gettext_lazy("branches"),
    "branches_removed": gettext_lazy("branches removed"),
    "count": gettext_lazy("rows"),
    "decided_on": gettext_lazy("decided by the branch on"),
    "deduction": gettext_lazy("deductions"),
    "ended_on": gettext_lazy("ended on"),
    "events": gettext_lazy("point events"),
    "file": gettext_lazy("file name"),
    "file_hash": gettext_lazy("file hash (SHA-256)"),
    "findings": gettext_lazy("deductions and vetoes"),
    "from": gettext_lazy("from"),
    "full_since": gettext_lazy("full member since"),
    "held_on": gettext_lazy("held on"),
    "id_numbers": gettext_lazy("with citizen ID numbers"),
    "is_active": gettext_lazy("active"),
    "kinds": gettext_lazy("kinds of meeting"),
    "member": gettext_lazy("member"),
    "members": gettext_lazy("members"),
    "members_removed": gettext_lazy("members taken off the roster"),
    "members_restored": gettext_lazy("members put back as they were"),
    "month": gettext_lazy("month"),
    "name": gettext_lazy("name"),
    "people": gettext_lazy("members"),
    "pointevent": gettext_lazy("point events"),
    "reason": gettext_lazy("Reason"),
    "report": gettext_lazy("report"),
    "role": gettext_lazy("role"),
    "rulebook": gettext_lazy("rulebook"),
    "to": gettext_lazy("to"),
    "to_town": gettext_lazy("for the town"),
    "updated": gettext_lazy("updated"),
    "username": gettext_lazy("user name"),
    "values_kept": gettext_lazy("values changed since, which stay"),
    "vetorecord": gettext_lazy("vetoes"),
    "why": gettext_lazy("why"),
    "with_findings": gettext_lazy("with categories of findings"),
    "year": gettext_lazy("assessment year"),
}
VALUE_LABELS: dict[str, dict[str, Any]] = {
    "category": dict(Member.Category.choices),
    "role": dict(Appointment.Role.choices),
    "sex": dict(Member.Sex.choices),
    "why": dict(Membership.Why.choices),
}
"""Words for what the log stores as codes; the names of a model's fields come from the model."""


def say_key(model: type[Model], key: str) -> str:
    """What an entry calls a value, in words."""
    fields = {field.name: field for field in model._meta.fields}
    if key in fields:
        return str(fields[key].verbose_name)
    return str(KEY_LABELS.get(key, key))


def say_value(key: str, value: Any) -> str:
    """A value an entry keeps, in words."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(" ".join(map(str, part)) if isinstance(part, list) else str(part) for part in value)
    return str(VALUE_LABELS.get(key, {}).get(value, value)) if isinstance(value, str) else str(value)


class VerbFilter(ChoiceFilter):
    """What was done."""

    title = gettext_lazy("action")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(VERB_LABELS.items())


class AuditEntryAdmin(ScopedModelAdmin[AuditEntry]):
    """Who did what, newest first."""

    for_town_roles = True
    list_filter = (TownFilter, VerbFilter)
    list_select_related = ("actor",)
    search_fields = ("actor__username", "actor__last_name")
    search_help_text = gettext_lazy("User name or name")

    def scope(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return rows.filter(town__in=reach_of(actor_of(request), on=today_of(request)).read_towns)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        @admin.display(description=gettext_lazy("after"))
        def detail(entry: AuditEntry) -> str:
            text = self.say_values(request, entry, entry.new)
            return text if len(text) <= 60 else f"{text[:60]}…"

        return ("at", "actor", "verb_label", "subject", detail)

    def say_value(self, request: HttpRequest, entry: AuditEntry, key: str, value: Any) -> str:
        """A value in words; rooms that know more words say more of them."""
        return say_value(key, value)

    def say_values(self, request: HttpRequest, entry: AuditEntry, values: dict[str, Any]) -> str:
        """What an entry keeps, in words: `支部：一支部；自：2026-03-01`."""
        model = apps.get_model(entry.object_type)
        said = (f"{say_key(model, key)}：{self.say_value(request, entry, key, value)}" for key, value in values.items())
        return "；".join(said) or "—"

    @admin.display(description=gettext_lazy("action"))
    def verb_label(self, entry: AuditEntry) -> str:
        return str(VERB_LABELS.get(entry.verb, entry.verb))

    @admin.display(description=gettext_lazy("object"))
    def subject(self, entry: AuditEntry) -> str:
        return str(apps.get_model(entry.object_type)._meta.verbose_name)

    def row_title(self, row: AuditEntry) -> str:
        return self.verb_label(row)

    def row_facts(self, request: HttpRequest, row: AuditEntry) -> Sequence[Fact]:
        return [
            Fact(_("at"), row.at),
            Fact(_("actor"), str(row.actor)),
            Fact(_("action"), self.verb_label(row)),
            Fact(_("object"), f"{self.subject(row)} {row.object_id}"),
            Fact(_("before"), self.say_values(request, row, row.old)),
            Fact(_("after"), self.say_values(request, row, row.new)),
        ]
