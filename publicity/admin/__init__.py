"""The workbench's tables of this room; `scoring_site.workbench` registers them."""

from django.db.models import Model

from members.admin import ScopedModelAdmin
from points.models import Correction
from publicity.admin.corrections import CorrectionAdmin
from publicity.admin.objections import ObjectionAdmin
from publicity.models import Objection

ADMINS: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Objection: ObjectionAdmin,
    Correction: CorrectionAdmin,
}
