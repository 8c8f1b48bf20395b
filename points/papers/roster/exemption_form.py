"""不实行积分制审批表: a member's application, what the branch's meeting came to, places to sign and seal (2.1, D15)."""

from __future__ import annotations

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from members.models import Exemption, ExemptionApplication
from members.selectors import last_branch_on
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from points.papers.words import CATEGORIES
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebook_for

TITLE = "不实行积分制审批表"
STYLESHEET = "points/papers/official.css"
State = ExemptionApplication.State


def name_branch(application: ExemptionApplication) -> str:
    """What the member's branch was called on the day of the application."""
    branch = last_branch_on(application.member_id, application.applied_on)
    return branch.name_on(application.applied_on) if branch else ""


def write_exemption_form(*, application: ExemptionApplication, branch_name: str, now: datetime) -> bytes:
    """The form as PDF, A4: before the decision with places for the vote, afterwards with what it was.

    `branch_name` is what `name_branch` says.

    Raises:
        NoRulebook: the town adopted none for the year of the application (D1).
        NothingToPrint: it was withdrawn.
    """
    if application.state == State.WITHDRAWN:
        raise NothingToPrint(_("This application was withdrawn, so there is nothing to approve."))
    member, day = application.member, application.applied_on
    with translation.override("zh-hans"):
        context = {
            "title": TITLE,
            "town": member.town.name,
            "branch": branch_name,
            "member": member,
            "category": CATEGORIES.get(member.category_on(day), ""),
            "application": application,
            "ground": name_ground(application, rulebook_for(member.town, day.year)),
            "is_decided": application.decided_on is not None,
            "is_granted": application.state == State.GRANTED,
            "printed_on": timezone.localdate(now),
        }
        paper = render_to_string("points/papers/exemption_form.html", context)
        return write_pdf(papers=[paper], stylesheet=STYLESHEET, title=f"{TITLE} {member.name}")


def name_ground(application: ExemptionApplication, rulebook: Rulebook) -> str:
    """The ground in the regulation's words, with the town's age where it is one."""
    if application.ground == Exemption.Ground.AGE:
        return f"年满{rulebook.settings.exemption_age}周岁"
    return "确实身体不便"
