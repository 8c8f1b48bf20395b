"""The words of what this app logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.log.words import LogWords
from points.models import Review
from points.scoring.wording import name_period
from publicity.models import Channel


def _name_reviews(reviews: Sequence[Mapping[str, Any]]) -> str:
    """The halves a correction wrote lines in, each as it stood: `一支部 2026年上半年（公示中）`."""
    said = []
    for each in reviews:
        half = name_period("{year}{half}".format(**each))
        said.append(f"{each['branch']} {half}（{Review.State(each['state']).label}）")
    return "、".join(said)


WORDS = LogWords(
    verbs={
        "add_to_objection": _("added to an objection"),
        "answer_objection": _("answered an objection"),
        "close_notice": _("closed a notice"),
        "correct_by_town_decision": _("corrected a line as the town decided"),
        "correct_line": _("corrected a line"),
        "enter_correction": _("entered a correction"),
        "hand_objection_to_town": _("handed an objection to the town"),
        "note_dissatisfaction": _("passed an objector's dissatisfaction to the town"),
        "note_investigation": _("noted an investigation"),
        "post_notice": _("entered a posting"),
        "post_revised_lines": _("entered the posting of corrected lines"),
        "prepare_notice": _("prepared a notice"),
        "raise_objection": _("received an objection"),
        "refuse_correction": _("refused a correction at its review"),
        "reply_for_town": _("replied for the town"),
        "review_correction": _("reviewed a correction"),
        "revoke_on_appeal": _("corrected a line as the town decided on an appeal"),
        "set_required_channels": _("set the channels of notices"),
        "take_back_correction": _("took a correction back"),
    },
    keys={
        "channel": _("channel"),
        "channels": _("channels"),
        "decision": _("number of the town's decision"),
        "entered_by": _("entered by"),
        "posted_on": _("posted on"),
        "recorded": _("records made"),
        "reviews": _("half-year reviews"),
        "roster": _("with a change of the roster"),
        "to_town": _("for the town"),
        "voided": _("records voided"),
    },
    values={"channel": dict(Channel.choices), "channels": dict(Channel.choices)},
    sayings={"reviews": _name_reviews},
)
