"""The words of what this app logs; apps above may use those of its keys."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.encryption import encrypted_columns
from members.log.changes import HIDDEN
from members.log.words import LogWords
from members.models import Informing, Member, Membership


def _say_moment(value: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"


_HIDDEN = {name: {HIDDEN: _("not shown in the log")} for name in encrypted_columns(Member)}

WORDS = LogWords(
    verbs={
        "answer_data_request": _("answered a request about personal data"),
        "appoint": _("appointed"),
        "appoint_stand_in": _("appointed a stand-in recorder"),
        "ask_about_data": _("asked to have their data put right"),
        "change_branch": _("changed a branch"),
        "change_member": _("changed a member's details"),
        "choose_first_password": _("chose a password with a login slip"),
        "confirm_appointment": _("confirmed an appointment"),
        "create_branch": _("made a branch"),
        "create_member": _("put a member on the roster"),
        "create_user": _("made an account"),
        "end_appointment": _("ended an appointment"),
        "export_roster": _("exported the roster"),
        "import_roster": _("imported the roster"),
        "name_columns": _("said what headings of the town's files mean"),
        "enter_informings": _("entered who was informed about data"),
        "acknowledge_own_data": _("read how their data is processed"),
        "void_informing": _("voided an entry of who was informed"),
        "issue_login_codes": _("issued login slips"),
        "make_full_member": _("entered a full membership"),
        "pseudonymise_member": _("forgot who a former member was"),
        "refuse_appointment": _("refused an appointment or took it back"),
        "remove_access_entries": _("removed entries of the access log whose time was over"),
        "remove_branch": _("took a branch away"),
        "reset_password": _("reset the password"),
        "ask_for_reset": _("asked for a reset of the password"),
        "give_reset_code": _("confirmed a reset and gave the code"),
        "confirm_reset": _("confirmed a reset for the town"),
        "refuse_reset": _("refused a reset or took it back"),
        "acknowledge_login_codes": _("acknowledged who reset the account"),
        "remove_member": _("took a member off the roster"),
        "rename_town": _("renamed the town"),
        "restore": _("restored a backup"),
        "restore_member": _("put a member's details back"),
        "rotate_keys": _("encrypted personal data with another key"),
        "set_account_active": _("closed or opened an account"),
        "set_ground_reading": _("changed who may read grounds"),
        "set_up_second_factor": _("set up a second factor"),
        "remove_second_factor": _("removed a second factor"),
        "set_work_year": _("entered days off and make-up workdays"),
        "update_member": _("brought a member's details up to date"),
    },
    keys={
        "added": _("added"),
        "allowed": _("allowed"),
        "backup_of": _("backup of"),
        "branch": _("branch"),
        "branches": _("branches"),
        "columns": _("headings"),
        "branches_removed": _("branches removed"),
        "entries": _("entries"),
        "file": _("file name"),
        "file_hash": _("file hash (SHA-256)"),
        "from": _("from"),
        "informing": _("kind"),
        "informed_by": _("channel"),
        "informed_on": _("day"),
        "id_numbers": _("with citizen ID numbers"),
        "is_active": _("active"),
        "left_on": _("left on"),
        "member": _("member"),
        "members": _("members"),
        "members_removed": _("members taken off the roster"),
        "members_restored": _("members put back as they were"),
        "off": _("days off"),
        "recusal": _("recusal statement given"),
        "ordered_by": _("ordered by"),
        "role": _("role"),
        "stretches": _("stretches"),
        "to": _("to"),
        "updated": _("updated"),
        "username": _("user name"),
        "usernames": _("user names"),
        "values": _("values"),
        "values_kept": _("values changed since, which stay"),
        "waits": _("waits for another person"),
        "why": _("why"),
        "worked": _("make-up workdays"),
        "year": _("year in question"),
    },
    values={
        **_HIDDEN,
        "informing": dict(Informing.Kind.choices),
        "informed_by": dict(Informing.Channel.choices),
        "why": dict(Membership.Why.choices),
    },
    sayings={"backup_of": _say_moment},
)
