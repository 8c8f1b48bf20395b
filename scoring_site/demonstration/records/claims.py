"""Members' claims of the shown branch, one in every state, with pictures drawn by rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from random import Random

from django.utils import timezone
from PIL import Image, ImageDraw

from foundation.pictures import encode_picture
from members.evidence.documents import InspectedFile
from members.models import StoredFile
from points.claims.claims import Deed, accept_claim, file_claim, reject_claim, return_claim, withdraw_claim
from points.models import Claim
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.roster import SEED
from scoring_site.demonstration.people.townsfolk import Townsfolk

_RECORDER = "recorder"
_STORIES: tuple[tuple[str, int, str, str, int | None, bool, str], ...] = (
    ("member", 26, "heritage", "陪村小学生参观革命烈士纪念碑并讲解", 5, False, "accepted"),
    ("member", 21, "volunteering", "带队清理村口河道垃圾，8人参加", 10, True, "lowered"),
    ("member", 17, "contest", "在家收看党史知识竞赛直播", 5, False, "rejected"),
    ("member", 13, "pairing", "到结对户家中帮助修缮屋顶", None, False, "returned"),
    ("member", 9, "volunteering", "村卫生室义诊维持秩序", 5, False, "withdrawn"),
    ("member", 3, "volunteering", "雪后清扫村道，方便老人出行", 5, False, "waiting"),
    ("committee", 2, "governance", "调解两户宅基地边界纠纷", 10, True, "waiting"),
    (_RECORDER, 2, "home_visit", "走访独居老党员，代买药品", 5, False, "waiting"),
)
"""Who, how many days ago, the item, the deed, the points claimed, leading role, and what becomes of it."""


def plan_claims(diary: Diary, folk: Townsfolk, *, now: datetime) -> None:
    """Put the claims and their answers into the diary, in the weeks before `now` but no earlier than this year."""
    today = timezone.localdate(now)
    for number, (username, ago, item, said, points, led, fate) in enumerate(_STORIES):
        day = max(date(folk.this_year, 1, 1), today - timedelta(days=ago))
        deed = Deed(item, day, said, points, led)
        claim: list[Claim] = []
        diary.add(at(day, 19, number), partial(_file, folk, username, deed, number, claim))
        if fate != "waiting":
            diary.add(at(day + timedelta(days=1), 9, number), partial(_answer, folk, fate, claim))


def _file(folk: Townsfolk, username: str, deed: Deed, number: int, claim: list[Claim], now: datetime) -> None:
    picture = InspectedFile(StoredFile.Kind.IMAGE, f"现场{number + 1}.jpg", draw_scene(number))
    claim.append(file_claim(actor=folk.users[username], now=now, deed=deed, files=[picture]))


def _answer(folk: Townsfolk, fate: str, claims: list[Claim], now: datetime) -> None:
    (claim,) = claims
    recorder, member = folk.users[_RECORDER], folk.users["member"]
    answers: dict[str, Callable[[], object]] = {
        "accepted": lambda: accept_claim(actor=recorder, now=now, claim=claim, points=claim.points or 0, led=claim.led),
        "lowered": lambda: accept_claim(
            actor=recorder, now=now, claim=claim, points=5, led=True, remark="活动半天，按0.5分登记；带头翻倍不变"
        ),
        "rejected": lambda: reject_claim(
            actor=recorder, now=now, claim=claim, reason="收看直播不算参加竞赛；欢迎报名下一次竞赛"
        ),
        "returned": lambda: return_claim(
            actor=recorder, now=now, claim=claim, remark="请写明结对户姓名和帮扶时间，再补一张照片"
        ),
        "withdrawn": lambda: withdraw_claim(actor=member, now=now, claim=claim),
    }
    answers[fate]()


def draw_scene(number: int) -> bytes:
    """A picture of hills under a sky, the same for a number every time."""
    dice = Random(f"{SEED}/claim/{number}")  # noqa: S311 (repeatable on purpose)
    picture = Image.new("RGB", (1200, 900), (150 + dice.randrange(60), 190, 225))
    pen = ImageDraw.Draw(picture)
    sun = 120 + dice.randrange(900)
    pen.ellipse((sun, 80, sun + 110, 190), fill=(250, 225, 130))
    for depth in range(4):
        height = 420 + 110 * depth
        ridge = [(x, height - dice.randrange(120)) for x in range(0, 1300, 100)]
        pen.polygon([(0, 900), *ridge, (1300, 900)], fill=(70 + 15 * depth, 130 - 18 * depth, 80))
    for _person in range(3 + dice.randrange(6)):
        x, y = 80 + dice.randrange(1000), 760 + dice.randrange(60)
        pen.ellipse((x, y - 34, x + 22, y - 12), fill=(222, 184, 150))
        pen.rectangle((x - 6, y - 12, x + 28, y + 44), fill=(180, 20 + dice.randrange(60), 30))
    out = BytesIO()
    picture.save(out, "PNG")
    return encode_picture(out.getvalue())
