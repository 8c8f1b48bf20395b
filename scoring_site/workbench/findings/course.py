"""How a finding went so far and what comes next, in words; without its ground (D18, D21)."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from members.places.resolutions import NUMBERS
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.findings.reminders import remind_of_probation
from veto.appeals import last_day_to_appeal
from veto.endings import has_died, say_end
from veto.hearing_days import read_answer_time
from veto.models import Answer, Finding, Telling


def course_facts(row: Finding) -> list[Fact]:
    """Each paper given, each answer and the decision, with who entered it; what was disowned stays among them."""
    facts = [Fact(_("member told on"), _say_telling(each)) for each in _given(row, Telling.Paper.NOTICE)]
    told = row.told
    if told is not None and told.meets_at is not None:
        facts.append(Fact(_("the committee meets"), f"{_say_moment(told)} {told.place}"))
    facts += [Fact(_("answer"), _say_answer(each)) for each in row.answers.all()]
    if row.decided_on is not None:
        facts.append(Fact(_("decided on"), f"{row.decided_on} {row.get_decided_in_display() or ''}".strip()))
        facts.append(Fact(_("decision entered by"), str(row.decided_by)))
    if row.expected is not None:
        facts.append(Fact(_("votes"), say_votes(row)))
    facts += [Fact(_("decision letter given on"), _say_telling(each)) for each in _given(row, Telling.Paper.DECISION)]
    appeal = row.appeal
    if appeal is not None:
        state = appeal.get_outcome_display() if appeal.outcome else _("waits for the town's answer")
        if appeal.ended_on is not None:
            state = _("ended on %(day)s by the member's death") % {"day": appeal.ended_on}
        facts.append(Fact(_("appeal"), f"{appeal.receipt} {state}"))
    if row.ended_on is not None:
        facts.append(Fact(_("proceeding"), say_end(row)))
    return facts


def say_votes(row: Finding) -> str:
    """The numbers of the meeting that decided."""
    return _(
        "%(expected)d expected, %(present)d present, %(in_favour)d for confirming, %(against)d against, "
        "%(abstained)d abstained"
    ) % {name: getattr(row, name) for name in NUMBERS}


def _given(row: Finding, paper: str) -> list[Telling]:
    return [each for each in row.tellings.all() if each.paper == paper]


def _say_telling(telling: Telling) -> str:
    witnesses = _("witnesses: %(names)s") % {"names": telling.witnesses} if telling.witnesses else ""
    said = [str(telling.told_on), telling.get_way_display(), witnesses, _say_entered(telling)]
    return " · ".join(part for part in said if part)


def _say_answer(answer: Answer) -> str:
    agreed = _("agreed to an earlier meeting") if answer.agrees_earlier else ""
    disowned = ""
    if answer.disowned_at is not None:
        disowned = _("the member said on %(day)s that this is not their answer: it does not count") % {
            "day": timezone.localdate(answer.disowned_at)
        }
    said = [str(answer.answered_on), answer.get_kind_display(), agreed, _say_entered(answer), disowned]
    return " · ".join(part for part in said if part)


def _say_entered(row: Telling | Answer) -> str:
    if isinstance(row, Answer) and row.is_own:
        return _("from the member's own account")
    return _("entered by %(who)s on %(day)s") % {"who": row.entered_by, "day": timezone.localdate(row.entered_at)}


def _say_moment(telling: Telling) -> str:
    assert telling.meets_at is not None
    return f"{timezone.localtime(telling.meets_at):%Y-%m-%d %H:%M}"


def say_next(row: Finding) -> list[str]:
    """What comes next and from when on, and what to think of; empty once nothing is to be done (D18)."""
    said = [_say_step(row), _say_end(row), _say_disowned(row), _say_letter(row)]
    if row.state in (Finding.State.PROPOSED, Finding.State.CONFIRMED):
        said.append(remind_of_probation(row))
    return [text for text in said if text]


def _say_step(row: Finding) -> str:
    if row.step == Finding.Step.TO_CLEAR:
        return _("The town's staff look at this proposal first. You can go on as soon as they let it through.")
    if row.step == Finding.Step.TO_TELL:
        return _("Next: set the committee's meeting, print the notice, hand it over, and enter it. Nothing counts yet.")
    if row.step == Finding.Step.TO_ANSWER:
        time = read_answer_time(row)
        if time.last_day is None:
            return time.problem
        return _(
            "The member may answer until %(day)s. What comes on paper is entered; that nothing came can be entered "
            "from the day after on."
        ) % {"day": time.last_day}
    if row.step == Finding.Step.TO_DECIDE:
        told = row.told
        if told and told.meets_at and not row.agrees_earlier:
            return _("The member was heard. Next: the committee meets on %(day)s or later and decides.") % {
                "day": timezone.localdate(told.meets_at)
            }
        return _("The member was heard. Next: the committee decides at a meeting; then enter the decision and its day.")
    return ""


def _say_end(row: Finding) -> str:
    if row.state == Finding.State.ENDED:
        return _("The member left before it was decided: the proceeding has ended, and nothing counts.")
    if row.state == Finding.State.CONFIRMED and row.ended_on is not None:
        return _("The member left before the papers were entered: they are asked no more. The finding counts on.")
    return ""


def _say_disowned(row: Finding) -> str:
    if row.state == Finding.State.CONFIRMED and not row.backfilled and row.answered is None:
        return _(
            "The member says that the answer entered was not theirs. The town's staff look at it: where it is so, the "
            "finding is revoked."
        )
    return ""


def _say_letter(row: Finding) -> str:
    if row.backfilled or row.state not in (Finding.State.CONFIRMED, Finding.State.DISMISSED):
        return ""
    if has_died(row.member):
        return ""
    if row.decision_given is None:
        return _("Next: print the decision letter, give it to the member with its receipt, and enter the day.")
    last_day = last_day_to_appeal(row)
    if row.state == Finding.State.CONFIRMED and row.appeal is None:
        return _("The member may appeal to the town until %(day)s.") % {"day": last_day}
    if row.appeal is not None and row.appeal.is_waiting:
        return _(
            "The appeal waits for the town's answer, by somebody who neither proposed it nor let it through or decided."
        )
    return ""
