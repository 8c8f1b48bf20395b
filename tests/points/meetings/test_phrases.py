"""Topics, places and hosts of a branch's meetings offered again: each once, latest first, of the branch alone."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from points.meetings.holding import record_meeting
from points.meetings.phrases import MOST_PHRASES, MeetingPhrases, read_meeting_phrases
from points.models import Attendance, Meeting
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.pages import browse, find_values, read_tree


def hold(cast: Cast, day: date, topic: str, place: str, host: str = "") -> Meeting:
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=day,
        kinds=[],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
        topic=topic,
        place=place,
        host=host,
    )


def test_words_written_before_are_offered_where_a_meeting_is_recorded_and_announced(cast: Cast) -> None:
    hold(cast, date(2026, 1, 8), "学习条例", "村部会议室", "高建波")
    held = hold(cast, date(2026, 2, 8), "清理河道", "村部会议室")
    wrong = hold(cast, date(2026, 3, 8), "登记错了", "写错的地方", "写错的人")
    void_batch(actor=cast.recorder_a, now=NOW, batch=wrong.batch, reason="登记错了")
    offered = MeetingPhrases(("清理河道", "学习条例"), ("村部会议室",), ("高建波",))
    assert read_meeting_phrases(cast.recorder_a, cast.branch_a, on=TODAY) == offered
    assert read_meeting_phrases(cast.recorder_b, cast.branch_a, on=TODAY) == MeetingPhrases()
    assert read_meeting_phrases(cast.recorder_b, cast.branch_b, on=TODAY) == MeetingPhrases()
    for address in (
        reverse("workbench:month"),
        reverse("workbench:points_meeting_record"),
        reverse("workbench:points_announcement_new"),
        reverse("workbench:points_meeting_edit", args=[held.pk]),
    ):
        page = browse(cast.recorder_a).get(address).content.decode()
        tree = read_tree(page)
        assert find_values(tree, "//datalist[@id='topics']/option/@value") == ["清理河道", "学习条例"], address
        assert find_values(tree, "//datalist[@id='places']/option/@value") == ["村部会议室"], address
        for name in ("topic", "place"):
            assert f'name="{name}"' in page
            assert f'list="{name}s"' in page


def test_only_the_latest_words_are_offered(cast: Cast) -> None:
    for number in range(MOST_PHRASES + 3):
        hold(cast, date(2026, 1, 1 + number), f"议题{number}", "村部")
    hold(cast, date(2024, 12, 31), "前年的议题", "旧会场")
    offered = read_meeting_phrases(cast.recorder_a, cast.branch_a, on=TODAY)
    assert offered.topics == tuple(f"议题{number}" for number in range(MOST_PHRASES + 2, 2, -1))
    assert offered.places == ("村部",)
