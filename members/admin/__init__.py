"""The workbench's tables of this room; `scoring_site.workbench` registers them."""

from django.db.models import Model

from members.admin.accounts import AppointmentAdmin, UserAdmin
from members.admin.data_requests import DataRequestAdmin
from members.admin.log import AuditEntryAdmin
from members.admin.people import MemberAdmin
from members.admin.places import BranchAdmin, TownAdmin
from members.admin.scoped import ScopedModelAdmin
from members.models import Appointment, AuditEntry, Branch, DataRequest, Member, Town, User

__all__ = ("ADMINS", "ScopedModelAdmin")

ADMINS: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Town: TownAdmin,
    Branch: BranchAdmin,
    Member: MemberAdmin,
    User: UserAdmin,
    Appointment: AppointmentAdmin,
    AuditEntry: AuditEntryAdmin,
    DataRequest: DataRequestAdmin,
}
