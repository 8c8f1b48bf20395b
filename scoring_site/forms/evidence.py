"""A form field for several files at once, each looked into before anything is saved.

A phone offers its camera beside its files. What was refused is said per file; a browser never sends a chosen file a
second time, so the form asks for them again and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.pictures import EvidenceRefused
from members.evidence.documents import InspectedFile, inspect_upload

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"
CLAIM_ACCEPT = "image/*,application/pdf"
MOST_FILES = 9
SHOWN_NAME = 40
TOO_LARGE = gettext_lazy("Together the files are larger than 20 MB. Send fewer, the others later.")


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that cannot be taken: its name and what is wrong with it, in words."""

    words: str


class EvidenceInput(forms.FileInput):
    """Choose several files, or take a photo; both inputs bear the field's name."""

    allow_multiple_selected = True
    template_name = "forms/evidence_input.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files


class EvidenceField(forms.Field):
    """Files as evidence; its value is a list of `InspectedFile` for `points.evidence.links.attach_evidence`."""

    widget = EvidenceInput

    def __init__(
        self, *, label: Any = None, required: bool = False, accept: str = ACCEPT, help_text: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(
            label=label or gettext_lazy("evidence"),
            required=required,
            widget=EvidenceInput(
                attrs={
                    "multiple": True,
                    "accept": accept,
                    "data-evidence": True,
                    "data-most-bytes": settings.UPLOAD_LIMIT_BYTES,
                    "data-too-large": TOO_LARGE,
                }
            ),
            help_text=help_text
            or gettext_lazy(
                "Photos, PDF, Word or Excel: up to 9 files of 10 MB, 20 MB together. Where and with what a photo was "
                "taken is removed."
            ),
            **kwargs,
        )

    def clean(self, value: Any) -> list[Any]:
        """Look into every file. Raises ValidationError naming each one that is refused."""
        found = self.look_into(value)
        problems = [each.words for each in found if isinstance(each, RefusedFile)]
        if problems and not self.is_good_enough(found):
            raise forms.ValidationError([*problems, _("Choose the files again; what you typed is still here.")])
        return found

    def is_good_enough(self, found: Sequence[InspectedFile | RefusedFile]) -> bool:
        """Whether files are taken though some of them were refused."""
        return False

    def look_into(self, value: Any) -> list[InspectedFile | RefusedFile]:
        """Every file, inspected or refused. Raises ValidationError where they are too many, too large or missing."""
        uploads: Sequence[UploadedFile] = [each for each in value or [] if each]
        if not uploads:
            if self.required:
                raise forms.ValidationError(_("Choose at least one file."), code="required")
            return []
        if len(uploads) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files at once.") % {"most": MOST_FILES})
        if sum(upload.size or 0 for upload in uploads) > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return [_inspect(upload) for upload in uploads]


class GoodFilesField(EvidenceField):
    """Takes the good ones of several files: a bad photo does not lose the others, which a browser never sends again.

    Its value has a `RefusedFile` for each of the others; where no file is good, the form is refused as elsewhere.
    """

    def is_good_enough(self, found: Sequence[InspectedFile | RefusedFile]) -> bool:
        """Whether one of them is good."""
        return any(isinstance(each, InspectedFile) for each in found)


def _inspect(upload: UploadedFile) -> InspectedFile | RefusedFile:
    try:
        return inspect_upload(upload)
    except EvidenceRefused as refusal:
        return RefusedFile(f"“{(upload.name or '')[-SHOWN_NAME:]}”：{refusal}")
