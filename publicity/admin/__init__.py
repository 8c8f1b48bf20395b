"""The workbench's tables of this room; `scoring_site.workbench` registers them."""

from django.db.models import Model

from members.admin import ScopedModelAdmin
from members.models import WorkDay
from points.models import Correction, Review
from publicity.admin.calendar import RequiredChannelAdmin, WorkDayAdmin
from publicity.admin.corrections import CorrectionAdmin
from publicity.admin.notices import NoticeAdmin
from publicity.admin.objections import ObjectionAdmin
from publicity.admin.reviews import PublishedReviewAdmin
from publicity.models import Notice, Objection, RequiredChannel

ADMINS: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Review: PublishedReviewAdmin,
    Notice: NoticeAdmin,
    Objection: ObjectionAdmin,
    Correction: CorrectionAdmin,
    RequiredChannel: RequiredChannelAdmin,
    WorkDay: WorkDayAdmin,
}
