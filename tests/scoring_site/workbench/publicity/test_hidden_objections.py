"""How many objections are hidden from an officer is told to them nowhere (D11, D21, P8).

The fault as it was seen: the page that closes a notice said 2件异议 to the secretary, and one of the two was hidden.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from publicity.models import Notice, Objection
from publicity.notices.publication import close_notice
from publicity.objections.objections import answer_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.points.papers.pdf_text import read_text
from tests.publicity.stages import at
from tests.scoring_site.objecting import LATER, raise_it

pytestmark = pytest.mark.django_db


def pages_of(client: Client, notice: Notice) -> dict[str, str]:
    """The text of every page on which objections are counted, by its address; without marks and numbers of receipts."""
    review = notice.review
    addresses = [
        reverse("workbench:index"),
        reverse("workbench:publicity_notice_changelist"),
        reverse("workbench:publicity_notice_change", args=[notice.pk]),
        reverse("workbench:publicity_notice_close", args=[notice.pk]),
        reverse("workbench:publicity_objection_changelist"),
        reverse("workbench:points_review_change", args=[review.pk]),
        reverse("workbench:points_review_changelist"),
        reverse("workbench:points_correction_new", args=[review.pk]),
        reverse("notice", args=[notice.uuid]),
    ]
    texts = {}
    for address in addresses:
        text = re.sub(r"<script.*?</script>|<[^>]*>", " ", client.get(address).content.decode(), flags=re.DOTALL)
        texts[address] = re.sub(r"\d{4}H\d-\d{4}-\d{4}|\s+", " ", text)
    return texts


@pytest.mark.parametrize("who", ["secretary_a", "recorder_a", "committee_a"])
def test_an_officer_reads_the_same_whether_one_or_three_are_hidden(
    cast: Cast, notice: Notice, clock: FrozenClock, who: str
) -> None:
    client = browse(getattr(cast, who))
    raise_it(cast, notice, about=cast.member_a)
    raise_it(cast, notice, about_officers=True)
    one = pages_of(client, notice)
    for other in cast.members_a[1:]:
        raise_it(cast, notice, about=other, about_officers=True)
    assert Objection.objects.filter(to_town_at__isnull=False).count() == 3
    three = pages_of(client, notice)
    assert one == three
    assert "异议尚未全部答复" in one[reverse("workbench:publicity_notice_change", args=[notice.pk])]
    assert not any(re.search(r"[23]\s*件异议|异议\s*[23]\s*件", text) for text in three.values())


def test_the_paper_of_the_closed_notice_reads_the_same_with_and_without_hidden_ones(
    cast: Cast, notice: Notice, clock: FrozenClock
) -> None:
    answer_objection(
        actor=cast.staff,
        now=LATER,
        objection=raise_it(cast, notice, about_officers=True),
        answer="已核对台账。",
        is_unrelated=True,
    )
    clock.now = at(7, 20)
    close_notice(actor=cast.secretary_a, now=clock.now, notice=notice)
    address = reverse("workbench:publicity_notice_summary", args=[notice.pk])
    text = read_text(b"".join(browse(cast.secretary_a).get(address)))
    assert "公示期间没有由支部办理的异议。涉及支部书记、记录员的异议由镇党建办受理和答复" in text
    assert not re.search(r"异议\d+件", text)
