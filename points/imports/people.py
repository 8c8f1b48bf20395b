"""Finding the one member a row of records means."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date

from django.utils.translation import gettext as _

from foundation.workbooks.errors import CellError
from members.access import Action, members_for
from members.models import Branch, Membership, Town, User


class UnclearMember(CellError):
    """The row names nobody, or more than one; `column` is the field to correct: branch, name or id_number."""

    def __init__(self, column: str, problem: str, remedy: str) -> None:
        super().__init__("unclear_member", problem, remedy)
        self.column = column


class People:
    """The town's members the actor may record for, by name and ID number, with their branch on any day."""

    def __init__(self, *, actor: User, town: Town, today: date) -> None:
        self._today = today
        self.branch_ids = dict(Branch.objects.filter(town=town).values_list("name", "pk"))
        self._branch_names = {pk: name for name, pk in self.branch_ids.items()}
        renamed = Branch.objects.filter(town=town, former_names__isnull=False)
        self._renamed = list(renamed.distinct().prefetch_related("former_names"))
        self._taken: Counter[tuple[str, int]] = Counter()
        self._settled: dict[tuple[str, str, str], int] = {}
        self.names: dict[int, str] = {}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_id: dict[str, int] = {}
        reachable = members_for(actor, on=today, action=Action.RECORD).filter(town=town)
        for pk, name, id_hash in reachable.values_list("pk", "name", "id_number_hash"):
            self.names[pk] = name
            self._by_name[name].append(pk)
            if id_hash:
                self._by_id[id_hash] = pk
        self._moves: dict[int, tuple[list[date], list[int | None]]] = defaultdict(lambda: ([], []))
        rows = Membership.objects.filter(member__town=town).order_by("member_id", "from_date")
        for member_id, from_date, branch_id in rows.values_list("member_id", "from_date", "branch_id"):
            days, branches = self._moves[member_id]
            days.append(from_date)
            branches.append(branch_id)
        decidable = members_for(actor, on=today, action=Action.DECIDE_FINDING).filter(town=town)
        self.decidable = {pk for pk in decidable.values_list("pk", flat=True) if pk != actor.member_id}

    def branch_on(self, member_id: int, day: date) -> int | None:
        """The branch that counts for a member on a day."""
        days, branches = self._moves[member_id]
        position = bisect_right(days, day)
        return branches[position - 1] if position else None

    def _branch_today(self, member_id: int) -> int | None:
        """The branch of today; of somebody who left, the last one."""
        present = self.branch_on(member_id, self._today)
        past = [branch for branch in self._moves[member_id][1] if branch is not None]
        return present or (past[-1] if past else None)

    def branch_name_on(self, member_id: int, day: date) -> str:
        """The name of the branch that counts for a member on a day, else of today's or the last one."""
        return self._branch_names.get(self.branch_on(member_id, day) or self._branch_today(member_id) or 0, "")

    def common_branch(self, member_ids: set[int]) -> int | None:
        """The one branch all these members belong to today, or did last: who records for it can void what they did."""
        branches = {self._branch_today(pk) for pk in member_ids}
        return branches.pop() if len(branches) == 1 else None

    def branches_of(self, member_ids: set[int]) -> set[int]:
        """Every branch these members ever belonged to: what a writer locks."""
        return {branch for pk in member_ids for branch in self._moves[pk][1] if branch is not None}

    def find(self, *, branch: str, name: str, id_hash: str, day: date) -> int:
        """The member: of the branch on that day, else today; among namesakes the ID number decides.

        Raises:
            UnclearMember.
        """
        said = (branch, name, id_hash)
        settled = self._settled.get(said)
        if settled is not None:
            return settled
        branch_id = self._find_branch(branch, day)
        candidates = self._by_name.get(name, [])
        if id_hash:
            candidates = [self._with_id(id_hash, name)]
        elif not candidates:
            raise UnclearMember(
                "name", _("Nobody of this name is on the roster."), _("Correct the name, or import the roster first.")
            )
        if len(candidates) == 1 and self.branch_ids.get(branch) == branch_id:
            _days, branches = self._moves[candidates[0]]
            if branches == [branch_id]:
                # Whoever was in no other branch is found in this one whatever the day: on it, or by today's.
                self._settled[said] = candidates[0]
        for branch_of in (lambda pk: self.branch_on(pk, day), self._branch_today):
            here = [pk for pk in candidates if branch_of(pk) == branch_id]
            if len(here) == 1:
                return here[0]
            if len(here) > 1:
                raise UnclearMember(
                    "name",
                    _("The branch has %(count)d members of this name.") % {"count": len(here)},
                    _("Enter the citizen ID number in the row."),
                )
        raise UnclearMember("branch", self._elsewhere(candidates, day), _("Correct the branch or the name."))

    def _find_branch(self, name: str, day: date) -> int:
        """The branch of this name, else the one branch that bore it on that day.

        Raises:
            UnclearMember.
        """
        present = self.branch_ids.get(name)
        if present is not None:
            return present
        then = [branch.pk for branch in self._renamed if branch.name_on(day) == name]
        if len(then) == 1:
            self._taken[name, then[0]] += 1
            return then[0]
        raise UnclearMember(
            "branch", _("The town has no branch of this name."), _("Correct the name as the roster writes it.")
        )

    def notes(self) -> list[str]:
        """What to say of rows that name a branch as it was called on their day: whom they were taken for."""
        return [
            _("%(count)d rows say “%(former)s”, as the branch was called then; it is now “%(present)s”.")
            % {"count": count, "former": name, "present": self._branch_names[branch_id]}
            for (name, branch_id), count in self._taken.items()
        ]

    def _with_id(self, id_hash: str, name: str) -> int:
        pk = self._by_id.get(id_hash)
        if pk is None:
            raise UnclearMember(
                "id_number",
                _("Nobody with this citizen ID number is on the roster."),
                _("Correct the number, or import the roster first."),
            )
        if self.names[pk] != name:
            raise UnclearMember(
                "id_number",
                _("On the roster this citizen ID number belongs to %(name)s.") % {"name": self.names[pk]},
                _("Correct the name or the number."),
            )
        return pk

    def _elsewhere(self, candidates: list[int], day: date) -> str:
        names = {self._branch_names.get(self.branch_on(pk, day) or 0, "") for pk in candidates} - {""}
        if not names:
            return _("The member is not on the roster on that day.")
        return _("The member is not in this branch but in %(branches)s.") % {"branches": "、".join(sorted(names))}
