"""Photos and scans of the half-years, drawn by rule: the notice on its board, people at a meeting, a signed paper."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from foundation.file_store import keep_bytes
from foundation.pictures import encode_picture
from members.evidence.documents import InspectedFile
from members.models import StoredFile
from scoring_site.demonstration.people.roster import SEED

_WIDTH, _HEIGHT = 1200, 900


def keep_board(about: str) -> str:
    """Keep a photo of a notice board with the poster on it; `about` tells one from another. Returns its name."""
    dice = Random(f"{SEED}/board/{about}")  # noqa: S311 (repeatable on purpose)
    wall = 190 + dice.randrange(30)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), (wall, wall - 6, wall - 18))
    pen = ImageDraw.Draw(picture)
    left, top = 150 + dice.randrange(40), 110 + dice.randrange(30)
    pen.rectangle((left, top, left + 880, top + 640), fill=(150, 30, 28))
    pen.rectangle((left + 24, top + 96, left + 856, top + 616), fill=(238, 236, 228))
    pen.rectangle((left + 300, top + 26, left + 580, top + 70), fill=(245, 205, 90))
    _draw_poster(pen, left + 60, top + 130, dice)
    for column in range(2):
        for row in range(2):
            x, y = left + 460 + column * 200, top + 130 + row * 240
            pen.rectangle((x, y, x + 170, y + 210), fill=(255, 255, 255))
            _draw_lines(pen, x + 16, y + 24, width=138, count=9, dice=dice)
    return _keep(picture)


def keep_meeting(about: str) -> str:
    """Keep a photo of people around a table. Returns its name."""
    dice = Random(f"{SEED}/meeting/{about}")  # noqa: S311 (repeatable on purpose)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), (226, 222, 212))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, _WIDTH, 120), fill=(176, 32, 30))
    pen.rectangle((330, 40, 870, 80), fill=(245, 205, 90))
    pen.polygon([(180, 760), (340, 470), (880, 470), (1020, 760)], fill=(140, 96, 58))
    for seat_x, seat_y in ((400, 400), (560, 385), (720, 395), (230, 560), (960, 560)):
        x, y = seat_x + dice.randrange(-18, 19), seat_y + dice.randrange(-10, 11)
        shade = 40 + dice.randrange(60)
        pen.ellipse((x - 58, y + 40, x + 58, y + 190), fill=(shade, shade + 10, shade + 34))
        pen.ellipse((x - 32, y - 34, x + 32, y + 44), fill=(222, 184, 150))
    for x in (420, 570, 720):
        pen.polygon([(x, 560), (x + 70, 560), (x + 80, 620), (x - 8, 620)], fill=(250, 250, 246))
    return _keep(picture)


def keep_paper(about: str) -> str:
    """Keep a scan of a written and signed paper. Returns its name."""
    return keep_bytes(_paper(about))


def draw_paper(about: str) -> InspectedFile:
    """A scan of a written and signed paper, as a form takes it in."""
    return InspectedFile(StoredFile.Kind.IMAGE, "", _paper(about))


def _paper(about: str) -> bytes:
    dice = Random(f"{SEED}/paper/{about}")  # noqa: S311 (repeatable on purpose)
    picture = Image.new("RGB", (_HEIGHT, _WIDTH), (250, 248, 240))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((300, 90, 600, 126), fill=(40, 40, 48))
    _draw_lines(pen, 110, 210, width=680, count=12, dice=dice, gap=56)
    x, y = 560, 980
    points = [(x + step * 14, y + dice.randrange(-26, 27)) for step in range(14)]
    pen.line(points, fill=(30, 40, 110), width=5)
    pen.ellipse((600, 1010, 760, 1170), outline=(200, 40, 40), width=8)
    return _encode(picture)


def _draw_poster(pen: ImageDraw.ImageDraw, left: int, top: int, dice: Random) -> None:
    pen.rectangle((left, top, left + 350, top + 450), fill=(255, 255, 255))
    pen.rectangle((left + 70, top + 24, left + 280, top + 50), fill=(30, 30, 30))
    for row in range(14):
        y = top + 80 + row * 22
        pen.line((left + 24, y, left + 326, y), fill=(90, 90, 90), width=2)
        for column in range(5):
            x = left + 34 + column * 60
            pen.rectangle((x, y + 7, x + 16 + dice.randrange(22), y + 14), fill=(70, 70, 74))
    pen.rectangle((left + 262, top + 386, left + 326, top + 436), fill=(30, 30, 30))
    pen.ellipse((left + 120, top + 384, left + 180, top + 444), outline=(200, 40, 40), width=5)


def _draw_lines(
    pen: ImageDraw.ImageDraw, left: int, top: int, *, width: int, count: int, dice: Random, gap: int = 18
) -> None:
    """Lines of writing, each broken into words of different length."""
    for line in range(count):
        x, y = left, top + line * gap
        while x < left + width - gap:
            end = min(left + width, x + gap + dice.randrange(2 * gap))
            pen.rectangle((x, y, end, y + gap // 3), fill=(70, 74, 96))
            x = end + gap // 2


def _keep(picture: Image.Image) -> str:
    return keep_bytes(_encode(picture))


def _encode(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return encode_picture(out.getvalue())
