"""Opening a batch: the one place a `RecordBatch` comes from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members.errors import DuplicateBatch
from members.models import Branch, RecordBatch, Town, User


def open_batch(
    *,
    actor: User,
    now: datetime,
    town: Town,
    source: RecordBatch.Source,
    branch: Branch | None = None,
    token: UUID | None = None,
    drafted_by: User | None = None,
    file_name: str = "",
    file_hash: str = "",
) -> RecordBatch:
    """Write the batch a form's `token` names; call inside the transaction that writes its rows.

    Raises:
        DuplicateBatch: a batch with this token exists: the same form was sent twice.
    """
    try:
        with transaction.atomic():
            return RecordBatch.objects.create(
                uuid=token or uuid4(),
                town=town,
                branch=branch,
                source=source,
                actor=actor,
                drafted_by=drafted_by,
                at=now,
                file_name=file_name[:255],
                file_hash=file_hash,
            )
    except IntegrityError as error:
        raise DuplicateBatch(
            _("This form was already saved; nothing was written a second time. Open the list to see the records.")
        ) from error
