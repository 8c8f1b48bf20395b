"""The words of what the site itself logs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.log.words import LogWords

WORDS = LogWords(
    verbs={
        "export_overview": _("exported an overview of branches"),
        "remove_file": _("removed a file that proves nothing"),
        "verify_stored": _("verified what is stored"),
    }
)
