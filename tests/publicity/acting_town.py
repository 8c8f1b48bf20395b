"""A town in which anybody tries anything: what is tried either is logged or leaves everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from foundation.errors import DomainError
from members.models import AuditEntry, Exemption, ExemptionApplication, Member, User
from points.integrity.ledger import verify_ledger
from points.models import Attendance, Freeze, PointEvent, Rating, Review, ReviewLine
from points.records.entries import EventEntry
from publicity.models import EnteredCorrection, LinePosting, Objection
from publicity.objections.objections import raise_objection
from tests.cast import build_cast
from tests.clock import SHANGHAI
from veto.models import Deduction, VetoRecord

START = datetime(2025, 6, 20, 9, 0, tzinfo=SHANGHAI)
LATEST = datetime(2026, 6, 30, tzinfo=SHANGHAI)
ACTORS = (
    "recorder_a", "recorder_a", "secretary_a", "secretary_a", "secretary_a", "staff", "staff", "committee_a",
    "recorder_b", "secretary_b", "supervisor", "member_user_a", "outsider", "other_staff",
)  # fmt: skip
PLACES = st.integers(0, 10_000)
WHO = st.sampled_from(ACTORS)
MONTHS = st.integers(1, 12)
HALVES = st.sampled_from(["H1", "H1", "H2"])
BRANCHES = st.sampled_from(["branch_a", "branch_a", "branch_b"])


def pick(rows: list[Any], place: int) -> Any:
    return rows[place % len(rows)] if rows else None


class ActingTown(RuleBasedStateMachine):
    """A town of two branches from June 2025 to June 2026, and everybody in it."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.cast = build_cast()
        self.make_officers_members()
        self.now = START
        self.fingerprint = self.take_fingerprint()
        self.entries = AuditEntry.objects.count()
        self.done = 0

    def make_officers_members(self) -> None:
        """Secretary, committee member and recorder of branch A have lines of their own, as everywhere."""
        owners = {"secretary_a": 1, "committee_a": 2}
        members = {part: self.cast.members_a[place] for part, place in owners.items()}
        for part, member in (*members.items(), ("recorder_a", self.cast.left_a)):
            officer: User = getattr(self.cast, part)
            officer.member = member
            officer.save(update_fields=["member"])

    def teardown(self) -> None:
        try:
            assert list(verify_ledger()) == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # --- acting -----------------------------------------------------------------------------------------------------

    def attempt(self, who: str, verb: Callable[..., Any], **given: Any) -> Any:
        """Let somebody try; a refusal is an outcome like any other and must leave everything as it was."""
        self.now += timedelta(minutes=1)
        actor: User = getattr(self.cast, who)
        try:
            with transaction.atomic():
                outcome = verb(actor=actor, now=self.now, **given)
        except (DomainError, PermissionDenied):
            assert self.take_fingerprint() == self.fingerprint, f"{verb.__name__} was refused and changed something"
            return None
        self.done += 1
        self.check_logged(actor, verb)
        return outcome

    def check_logged(self, actor: User, verb: Callable[..., Any]) -> None:
        """A change without actor and reason never happens: each is logged with who did it, now."""
        changed = self.take_fingerprint() != self.fingerprint
        entries = AuditEntry.objects.order_by("pk")[self.entries :]
        if changed:
            assert entries, f"{verb.__name__} changed something and logged nothing"
        for entry in entries:
            # Who objected stands with the objection alone, for those who handle it (D11).
            known = {actor.pk, self.cast.system.pk} if verb is raise_objection else {actor.pk}
            assert (entry.actor_id in known, entry.at) == (True, self.now)
        self.fingerprint = self.take_fingerprint()
        self.entries = AuditEntry.objects.count()

    def take_fingerprint(self) -> tuple[Any, ...]:
        return (
            PointEvent.objects.count(),
            PointEvent.objects.live().count(),
            Attendance.objects.live().count(),
            tuple(model.objects.confirmed().count() for model in (Deduction, VetoRecord)),
            tuple(Review.objects.order_by("pk").values_list("pk", "state")) if Review.objects.exists() else (),
            ReviewLine.objects.count(),
            Freeze.objects.count(),
            LinePosting.objects.count(),
            Objection.objects.filter(answered_at__isnull=True).count(),
            tuple(EnteredCorrection.objects.order_by("pk").values_list("outcome", flat=True)),
            Review.objects.filter(own_line_by__isnull=False).count(),
            tuple(ExemptionApplication.objects.order_by("pk").values_list("state", flat=True)),
            tuple(Exemption.objects.order_by("pk").values_list("ended_on", flat=True)),
            Rating.objects.count(),
        )

    def reviews(self) -> list[Review]:
        return list(Review.objects.select_related("branch__town").order_by("pk"))

    def members(self) -> list[Member]:
        return [*self.cast.members_a, self.cast.left_a, *self.cast.members_b]

    def entry(self, member: Member, month: int, base: bool) -> EventEntry:
        if base:
            return EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")
        return EventEntry(member.pk, "volunteering", date(2025, month, 20), points=7)
