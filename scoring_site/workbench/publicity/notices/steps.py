"""Preparing a notice, entering where it went up, and closing it (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.models import Appointment, Branch
from members.selectors import holders_of
from points.models import Review
from points.scoring.adoption import rulebook_for
from publicity.models import Channel, Notice
from publicity.notices.days_up import explain_open_notice
from publicity.notices.publication import (
    close_notice,
    post_notice,
    post_revised_lines,
    prepare_notice,
    unposted_lines,
)
from scoring_site.forms.pictures import keep_picture
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import FormT, Outcome, RowStep, TableStep
from scoring_site.workbench.publicity.notices.forms import (
    ChannelsForm,
    PhotoForm,
    PostForm,
    PrepareForm,
)
from scoring_site.workbench.publicity.notices.questions import name_notice, waiting_halves


class PrepareNotice(TableStep[PrepareForm]):
    """Prepare the notice of an approved half: `?review=`, else the first that waits for one."""

    name = "prepare"
    form_class = PrepareForm
    template = "workbench/publicity/prepare_notice.html"
    title = gettext_lazy("Prepare a notice")
    submit = gettext_lazy("Prepare")
    intro = (gettext_lazy("Then print the poster, put it up, and enter each channel on the day it is up."),)
    done = gettext_lazy("Prepared. Nobody sees it until the first channel is entered.")

    reviews: QuerySet[Review]
    review: Review | None

    def prepare(self) -> None:
        require(branches_for(self.actor, on=self.today, action=Action.APPROVE_REVIEW).exists())
        self.reviews = waiting_halves(self.request)
        wanted = self.request.GET.get("review", "")
        self.review = next((row for row in self.reviews if str(row.pk) == wanted), self.reviews.first())

    def is_ready(self) -> bool:
        return self.review is not None

    def get_context(self) -> dict[str, Any]:
        return {"nothing": self.review is None}

    def get_form_arguments(self) -> dict[str, Any]:
        assert self.review is not None
        initial = {
            "review": self.review,
            "days": rulebook_for(self.review.branch.town, self.review.year).settings.notice_days,
            "contact": self._propose_contact(self.review.branch),
        }
        return {"reviews": self.reviews, "initial": initial}

    def _propose_contact(self, branch: Branch) -> str:
        """The words of the branch's last notice; before its first, its secretary by name, without a telephone."""
        last = Notice.objects.filter(review__branch=branch).order_by("-prepared_at").first()
        if last is not None:
            return last.contact
        held = holders_of(Appointment.Role.SECRETARY, on=self.today, branch=branch)
        names = "、".join(user.get_full_name() for user in held)
        return _("To the secretary %(names)s or the town's party office, in writing, by telephone or in person.") % {
            "names": names
        }

    def carry_out(self, form: PrepareForm) -> Outcome:
        values = {name: form.cleaned_data[name] for name in ("review", "contact", "days")}
        return Outcome(row_url(prepare_notice(actor=self.actor, now=self.now, **values)), self.done)


class NoticeStep(RowStep[Notice, FormT], Generic[FormT]):
    """A step of a notice, for who approves the branch's halves."""

    action = Action.APPROVE_REVIEW

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("notice"), name_notice(self.row))]


class PostNotice(NoticeStep[ChannelsForm]):
    """Enter that the notice went up: on `?channel=`, else on every required channel that is not entered yet."""

    name = "post"
    form_class = ChannelsForm
    title = gettext_lazy("Enter where the notice is up")
    submit = gettext_lazy("It is up")
    intro = (gettext_lazy("A posting cannot be taken back: the days run from the last required channel."),)

    def prepare(self) -> None:
        super().prepare()
        if self.request.GET.get("channel", Channel.BOARD.value) not in Channel.values:
            raise Http404

    def get_form_arguments(self) -> dict[str, Any]:
        entered = set(self.row.postings.values_list("channel", flat=True))
        left = [channel for channel in Channel.values if channel not in entered]
        wanted = self.request.GET.get("channel")
        ticked = [channel for channel in left if (channel == wanted if wanted else channel in self.row.required)]
        return {"channels": left, "initial": {"channels": ticked, "posted_on": self.today}}

    def carry_out(self, form: ChannelsForm) -> Outcome:
        fresh = post_notice(
            actor=self.actor,
            now=self.now,
            notice=self.row,
            channels=form.cleaned_data["channels"],
            posted_on=form.cleaned_data["posted_on"],
            photo=keep_picture(form.cleaned_data["photo"]),
        )
        if fresh.posted_on is None:
            said = _("Entered. The days begin with the last required channel.")
        else:
            said = _("Entered. It is up on every required channel and the branch's members were told.")
        return Outcome(self.get_back(), said)


class PostCorrectedLines(NoticeStep[PostForm]):
    """Enter that the corrected lines went up."""

    name = "post_corrected"
    form_class = PostForm
    title = gettext_lazy("The corrected lines are up")
    submit = gettext_lazy("They are up")
    intro = (gettext_lazy("Enter the day on which the correction notice was up on the last required channel."),)

    def get_facts(self) -> Sequence[Fact]:
        waiting = [line.member.listed_name for line in unposted_lines(self.row)]
        return [*super().get_facts(), Fact(_("corrected lines"), "、".join(waiting) or "—")]

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"posted_on": self.today}}

    def carry_out(self, form: PostForm) -> Outcome:
        count = post_revised_lines(
            actor=self.actor,
            now=self.now,
            notice=self.row,
            posted_on=form.cleaned_data["posted_on"],
            photo=keep_picture(form.cleaned_data["photo"]),
        )
        said = _("Entered for %(count)d lines; each stays up its days, and the members were told.")
        return Outcome(self.get_back(), said % {"count": count})


class CloseNotice(NoticeStep[PhotoForm]):
    """Close the notice: the half becomes final."""

    name = "close"
    form_class = PhotoForm
    title = gettext_lazy("Close the notice")
    submit = gettext_lazy("Close the notice")
    intro = (gettext_lazy("The photo shows the notice still up at the end of its days."),)
    done = gettext_lazy("Closed: the half is final. Print what the notice came to.")

    def get_warning(self) -> Sequence[Text]:
        return [
            _("The half becomes final. After that a change is a correction with the town's consent."),
            *explain_open_notice(self.row, now=self.now),
        ]

    def carry_out(self, form: PhotoForm) -> None:
        close_notice(actor=self.actor, now=self.now, notice=self.row, photo=keep_picture(form.cleaned_data["photo"]))
