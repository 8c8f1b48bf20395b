from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.accounts import User
from members.models.towns import Branch


class Notification(models.Model):
    """Something a user is told inside the site: what kind, about which branch and half, which of them, where it stands.

    It holds no ground (D21), and no name but of whom the reader's own entry was about; whoever may not open the page
    behind `link` learns nothing else from it.
    """

    not_sealed = "tells somebody to look; what there is to see is sealed itself"

    class Kind(models.TextChoices):
        NOTICE_POSTED = "notice_posted", _("Your branch has posted its points")
        NOTICE_CORRECTED = "notice_corrected", _("Your branch has posted corrected points")
        NOTICE_CLOSED = "notice_closed", _("The notice of your branch's points is closed: they are final")
        OBJECTION_RAISED = "objection_raised", _("An objection waits for its answer")
        OBJECTION_ANSWERED = "objection_answered", _("Your objection has its answer")
        OBJECTION_TO_TOWN = "objection_to_town", _("An objector is not satisfied with the branch's answer")
        OBJECTION_REPLIED = "objection_replied", _("The town has replied to your objection")
        CORRECTION_REFUSED = "correction_refused", _("A correction you entered was refused at its review")
        CLAIM_FILED = "claim_filed", _("A claim waits for its answer")
        CLAIM_ANSWERED = "claim_answered", _("Your claim has its answer")
        DRAFT_WAITING = "draft_waiting", _("A draft waits for the recorder")
        DRAFT_RETURNED = "draft_returned", _("The recorder returned your draft")
        HEARING_ASKED = "hearing_asked", _("The branch asks for your statement")
        HEARING_DECIDED = "hearing_decided", _("The branch has decided what it asked your statement about")
        ANSWER_ENTERED = "answer_entered", _("An answer was entered in your name: look whether it is yours")
        ANSWER_DISOWNED = "answer_disowned", _("A member says that an answer entered is not theirs")
        APPEAL_FILED = "appeal_filed", _("An appeal waits for the town's answer")
        APPEAL_ANSWERED = "appeal_answered", _("The town has answered your appeal")
        EXEMPTION_APPLIED = "exemption_applied", _("An application for exemption waits for the branch")
        DATA_ASKED = "data_asked", _("A member asks about their data")
        DATA_ANSWERED = "data_answered", _("Your request about your data has its answer")
        EXEMPTION_ENTERED = "exemption_entered", _("An application for exemption was entered in your name")
        EXEMPTION_DECIDED = "exemption_decided", _("Your application for exemption is decided")
        EXEMPTION_ENDED = "exemption_ended", _("Your exemption ends: you are scored again")
        STAND_IN_APPOINTED = "stand_in_appointed", _("A stand-in recorder was appointed")
        GUEST_ENTERED = "guest_entered", _("Another branch confirmed that a member of yours took part in its meeting")
        MEETING_ANNOUNCED = "meeting_announced", _("Your branch announced a meeting")
        MEETING_MOVED = "meeting_moved", _("A meeting of your branch was changed: look when and where it is")
        MEETING_WITHDRAWN = "meeting_withdrawn", _("A meeting of your branch does not take place")
        LEAVE_ANSWERED = "leave_answered", _("Your request for leave has its answer")
        GUIDANCE_READ = "guidance_read", _("The branch has read your remark: see what it answers")
        BRANCH_REMINDED = "branch_reminded", _("You are reminded of what your branch is late with")
        SLIP_MADE = "slip_made", _("A login slip was made for your account")
        PASSWORD_RESET = "password_reset", _("The password of your account was reset")
        RESET_GIVEN = "reset_given", _("A branch reset a member's password: the town is to confirm it")
        RESET_CONFIRMED = "reset_confirmed", _("The town confirmed that your password was reset")
        RESET_REFUSED = "reset_refused", _("A reset of your password was refused")
        ACCOUNT_CLOSED = "account_closed", _("Your account was closed")
        ACCOUNT_OPENED = "account_opened", _("Your account was opened again")
        APPOINTED = "appointed", _("You were given a role")
        APPOINTMENT_ENDED = "appointment_ended", _("A role of yours ends")
        PASSWORD_CHANGED = "password_changed", _("The password of your account was changed")
        PHONE_CHANGED = "phone_changed", _("Your telephone number on the roster was changed")
        SECOND_FACTOR_SET_UP = "factor_set_up", _("A second factor of your account was set up")
        SECOND_FACTOR_REMOVED = "factor_removed", _("The second factor of your account was removed")
        GROUNDS_CHANGED = "grounds_changed", _("Your permission to read grounds was changed")
        RATING_DECIDED = "rating_decided", _("Your rating of the year is decided")
        JOB_READY = "job_ready", _("A file you asked for is ready")
        JOB_FAILED = "job_failed", _("A file you asked for could not be made")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("branch"))
    period = models.CharField(_("period"), max_length=7, blank=True)
    about = models.CharField(_("about"), max_length=160, blank=True)
    """Which of several things it is: a claim's item and day, an objection's receipt, whose line one corrected."""
    link = models.CharField(_("link"), max_length=200)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("user", "read_at"), name="notification_unread"),)

    def __str__(self) -> str:
        return self.get_kind_display()
