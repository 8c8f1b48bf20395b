"""Words of a branch's activities offered again: of several members, of live records, of the branch alone."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from points.records.entries import EventEntry
from points.records.phrases import Phrase, read_phrases
from points.records.recording import record_events
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.pages import browse

DEEDS = (
    ("清理河道", "volunteering", date(2026, 2, 3), 2),
    ("讲革命故事", "heritage", date(2026, 3, 3), 2),
    ("照料邻居", "volunteering", date(2026, 3, 4), 1),
    ("清理河道", "volunteering", date(2026, 3, 5), 2),
    ("登记错了", "volunteering", date(2026, 3, 6), 2),
)
"""The words, the item, the day, and how many members of branch A did it."""


def test_words_of_several_members_are_offered_to_their_branch(cast: Cast) -> None:
    for words, item, day, count in DEEDS:
        entries = [EventEntry(member.pk, item, day, points=5, note=words) for member in cast.members_a[:count]]
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
    entries = [EventEntry(member.pk, "heritage", TODAY, points=5, note="他支部") for member in cast.members_b[:2]]
    record_events(actor=cast.recorder_b, now=NOW, town=cast.town, branch=cast.branch_b, entries=entries)
    wrong = cast.member_a.events.get(note="登记错了").batch
    void_batch(actor=cast.recorder_a, now=NOW, batch=wrong, reason="登记错了")
    offered = [Phrase("volunteering", "清理河道"), Phrase("heritage", "讲革命故事")]
    assert read_phrases(cast.recorder_a, cast.branch_a, on=TODAY) == offered
    assert read_phrases(cast.recorder_b, cast.branch_a, on=TODAY) == []
    page = browse(cast.recorder_a).get(reverse("workbench:activity")).content.decode()
    assert page.count('<option value="清理河道" data-item="volunteering">') == 1
