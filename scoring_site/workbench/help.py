"""How the frequent jobs are done, in a question and a sentence, each with the page where one does it (Ctrl+K)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class HowTo:
    """A question as one would type it, its answer, and the name of the page of the menu where it is done."""

    question: Promise
    answer: Promise
    page: str

    def matches(self, text: str) -> bool:
        """Whether the question or the answer has the text."""
        return text.lower() in f"{self.question} {self.answer}".lower()


HOW_TO: Sequence[HowTo] = (
    HowTo(
        _("How are dues recorded?"),
        _("This month: tick whoever paid and save. Earlier months: on the tick sheet."),
        "month",
    ),
    HowTo(
        _("How is an activity day, a lecture or an assembly recorded?"),
        _("Choose what was held this month, set who was excused or absent, save. Minutes and photos go there too."),
        "month",
    ),
    HowTo(
        _("How are earlier months made up for?"),
        _("On the tick sheet: choose item and year, tick the cells of the months."),
        "choose_ticks",
    ),
    HowTo(
        _("How are incentive points for an activity recorded?"),
        _("Choose the activity and its members once; mark whoever led, whose points are doubled."),
        "activity",
    ),
    HowTo(
        _("How is a wrong record put right?"),
        _("Open the record, void it with a reason and record it anew; the void one stays readable."),
        "points_pointevent_changelist",
    ),
    HowTo(
        _("How is a whole import or meeting taken back?"),
        _("Open its batch: choose what of it is void and say why."),
        "members_recordbatch_changelist",
    ),
    HowTo(
        _("How is a meeting announced, and leave accepted?"),
        _("Announce day and place: members see it and ask for leave there; a text for the chat is ready to copy."),
        "points_announcement_changelist",
    ),
    HowTo(
        _("How do members sign in by phone?"),
        _("Open a sign-in and show its code; afterwards set the rest and confirm the list."),
        "points_signin_changelist",
    ),
    HowTo(
        _("How are members' claims answered?"),
        _("Open a claim, look at what proves it, set the points or return it with a reason; the next one follows."),
        "points_claim_changelist",
    ),
    HowTo(
        _("How is a member who joined, moved, left or died entered?"),
        _("New members: on the list of members. Moves, leaving and death: on the member's page."),
        "members_member_changelist",
    ),
    HowTo(
        _("How does a member ask not to be scored?"),
        _("By an application, here or on paper; the assembly votes; from the day asked for, else the next half."),
        "members_exemptionapplication_changelist",
    ),
    HowTo(
        _("How is a half submitted and approved?"),
        _("The recorder opens and submits it; the secretary enters the meeting and approves, or returns it."),
        "points_review_changelist",
    ),
    HowTo(
        _("How are results put on notice?"),
        _("Print the poster, enter where it went up; close it once its days are over and objections are answered."),
        "publicity_notice_changelist",
    ),
    HowTo(
        _("What if somebody objects?"),
        _("Receive it, look into it and answer in time; if it is right, the line is corrected."),
        "publicity_objection_changelist",
    ),
    HowTo(
        _("How is an approved score corrected?"),
        _("From the half's line: say what was wrong and why; the old figure stays readable beside the new one."),
        "points_correction_changelist",
    ),
    HowTo(
        _("How is a deduction decided?"),
        _("Propose it with its papers, tell the member and hear them, then enter what the committee decided."),
        "veto_deduction_changelist",
    ),
    HowTo(
        _("How is a one-vote veto decided?"),
        _("As a deduction, with the paper its ground asks for; the town receives a report."),
        "veto_vetorecord_changelist",
    ),
    HowTo(
        _("How are the year's ratings entered?"),
        _("When the second half is final: enter the meeting, the votes and each member's rating on one sheet."),
        "points_rating_changelist",
    ),
    HowTo(
        _("Who may stand for awards?"),
        _("Who has 80 points in a final year, with a certificate for each; from 90 on they are recommended first."),
        "awards",
    ),
    HowTo(
        _("Where does everybody stand?"),
        _("All scores with their gaps and the distance to 60, 80 and 90; sorted, filtered, taken out as a workbook."),
        "scores",
    ),
    HowTo(
        _("How is an Excel file imported?"),
        _("Choose what it is, and the file as it is; a preview says what is read, remarks in the file what is not."),
        "import",
    ),
    HowTo(
        _("How are the annual report and the record forms made?"),
        _("Choose year and branch; what takes long is made in the background and lies under “My jobs”."),
        "export",
    ),
    HowTo(
        _("How does somebody log in for the first time, or without a password?"),
        _("Print a login slip; a forgotten password is reset and confirmed by a second person."),
        "login_slips",
    ),
    HowTo(
        _("How is somebody given an office?"),
        _("On the account: appoint, from a day on; grave roles are confirmed by a second person."),
        "members_appointment_changelist",
    ),
    HowTo(
        _("How are days off and make-up workdays entered?"),
        _("For a year at a time, as they are announced; deadlines in working days follow."),
        "members_workday_changelist",
    ),
    HowTo(
        _("Who changed what?"),
        _("Every change with day, person, before and after."),
        "members_auditentry_changelist",
    ),
)
