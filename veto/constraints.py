"""What the database itself holds of findings and their steps: each part complete or absent."""

from __future__ import annotations

from django.db import models

from foundation.ledger import void_is_complete


def finding_constraints(prefix: str) -> tuple[models.BaseConstraint, ...]:
    """The constraints both kinds of finding share: a decision, a void, a revocation and an end complete or absent."""
    undecided = models.Q(
        decided_on__isnull=True, decided_by__isnull=True, confirmed_at__isnull=True, dismissed_at__isnull=True
    )
    decided = models.Q(decided_on__isnull=False, decided_by__isnull=False)
    confirmed = models.Q(confirmed_at__isnull=False, dismissed_at__isnull=True)
    dismissed = models.Q(confirmed_at__isnull=True, dismissed_at__isnull=False)
    return (
        void_is_complete(f"{prefix}_void_is_complete"),
        models.CheckConstraint(
            name=f"{prefix}_decision_is_complete", condition=undecided | (decided & (confirmed | dismissed))
        ),
        models.CheckConstraint(
            name=f"{prefix}_revocation_is_complete",
            condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True, revoke_reason__isnull=True)
            | models.Q(
                revoked_at__isnull=False,
                revoked_by__isnull=False,
                revoke_reason__isnull=False,
                confirmed_at__isnull=False,
            ),
        ),
        models.CheckConstraint(
            name=f"{prefix}_end_is_complete",
            condition=models.Q(ended_on__isnull=True, ended_why__isnull=True)
            | models.Q(undecided | models.Q(backfilled=True), ended_on__isnull=False, ended_why__isnull=False),
        ),
    )


def of_one_finding(name: str) -> models.CheckConstraint:
    """Constraint: it is about a deduction or about a veto, not both."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(deduction__isnull=True, veto__isnull=False)
        | models.Q(deduction__isnull=False, veto__isnull=True),
    )
