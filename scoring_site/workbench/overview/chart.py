"""The spread of scores as bars: places and words of an SVG, which the template draws without arithmetic or script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from foundation.tenths import say_points, show_points
from scoring_site.overview.year import STEP, STEPS, Spread

WIDTH, HEIGHT = 360, 190
LEFT, TOP, BOTTOM = 6, 34, 168
GROUP = 34
"""The room of one step, of this year's bar and last year's beside it."""
BAR, GAP = 18, 2
BEFORE = 9
FULL = STEP * STEPS
"""100 points in tenths."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; its number stands above it."""

    x: int
    y: int
    width: int
    height: int
    middle: int
    count: int
    is_below: bool = False
    """Whether the whole step lies below the mark one passes with."""

    @property
    def above(self) -> int:
        """Where the number stands."""
        return self.y - 4


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the three marks: a dashed line with its number on top."""

    x: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing has, and the same as a table: steps by year."""

    width: int
    height: int
    base: int
    right: int
    bars: tuple[Bar, ...]
    before: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[int, str], ...]
    steps: tuple[tuple[str, int, int | None], ...]
    """Of each step its words, how many this year, and how many last year."""
    bands: tuple[tuple[str, int, int | None], ...]
    said: str
    """What the drawing shows, in a sentence."""


def draw_chart(spread: Spread, before: Spread | None) -> Chart:
    """Both years on one scale: shares of a year's members, so that years of different size are comparable."""
    top = max(_shares(spread) + (_shares(before) if before else [0]), default=0) or 1
    words = [_say_step(step) for step in range(STEPS)]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        base=BOTTOM,
        right=LEFT + GROUP * STEPS,
        bars=tuple(_draw(spread, top, at=GAP, width=BAR)),
        before=tuple(_draw(before, top, at=GAP + BAR + 1, width=BEFORE)) if before else (),
        marks=tuple(Mark(_place(mark), show_points(mark).removesuffix(".0")) for mark in spread.marks),
        ticks=tuple((LEFT + GROUP * step, str(step * STEP // 10)) for step in range(STEPS)),
        steps=tuple((words[step], spread.steps[step], before.steps[step] if before else None) for step in range(STEPS)),
        bands=tuple(
            (band, count, before.bands[number][1] if before else None)
            for number, (band, count) in enumerate(spread.bands)
        ),
        said=_("%(year)d: %(bands)s")
        % {"year": spread.year, "bands": "，".join(f"{band} {count}" for band, count in spread.bands)},
    )


def _shares(spread: Spread) -> list[float]:
    """Heights alone: what is said of them are whole numbers."""
    return [count / max(1, spread.count) for count in spread.steps]


def _draw(spread: Spread, top: float, *, at: int, width: int) -> Sequence[Bar]:
    bars = []
    for step, share in enumerate(_shares(spread)):
        height = round(share / top * (BOTTOM - TOP))
        if spread.steps[step]:
            height = max(1, height)
        x = LEFT + GROUP * step + at
        bars.append(
            Bar(
                x=x,
                y=BOTTOM - height,
                width=width,
                height=height,
                middle=x + width // 2,
                count=spread.steps[step],
                is_below=(step + 1) * STEP <= spread.marks[0],
            )
        )
    return bars


def _place(tenths: int) -> int:
    return LEFT + round(GROUP * STEPS * tenths / FULL)


def _say_step(step: int) -> str:
    """`60分至70分以下`, the last one `90分至100分`."""
    values = {"from": say_points(step * STEP), "mark": say_points((step + 1) * STEP)}
    if step == STEPS - 1:
        return _("%(from)s to %(mark)s") % values
    return _("%(from)s to below %(mark)s") % values
