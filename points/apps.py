from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from members.jobs.kinds import register_job_kind
from members.log.words import register_log_words


class PointsConfig(AppConfig):
    name = "points"
    verbose_name = _("Points")

    def ready(self) -> None:
        register_log_words(import_string("points.log_words.WORDS"))
        register_job_kind("branch_files", "points.papers.exports.BRANCH_FILES")
        register_job_kind("record_forms", "points.papers.exports.RECORD_FORMS")
        register_job_kind("register", "points.papers.exports.REGISTERS")
