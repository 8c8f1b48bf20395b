"""The cast with a row of every table, as whole files of tests begin: built once a process, then written again."""

from __future__ import annotations

from dataclasses import dataclass

from tests.addresses import Rows, make_rows
from tests.cast import Cast, build_cast, write_again
from tests.clock import FrozenClock
from tests.factories import NOW


@dataclass(frozen=True)
class Furnished:
    """A cast, and a row of every table of branch A and its first member."""

    cast: Cast
    of_a: Rows


@dataclass(frozen=True)
class FurnishedEverywhere(Furnished):
    """And the same of branch B, and of the branch of 乙镇."""

    of_b: Rows
    of_other_town: Rows


def build_furnished() -> Furnished:
    cast = build_cast()
    return Furnished(cast, make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff))


def build_everywhere() -> FurnishedEverywhere:
    cast = build_cast()
    return FurnishedEverywhere(
        cast,
        make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff),
        make_rows(cast, cast.branch_b, cast.member_b, cast.recorder_b, cast.staff),
        make_rows(cast, cast.other_branch, cast.other_member, cast.other_recorder, cast.other_staff),
    )


def furnish(clock: FrozenClock) -> Furnished:
    """Write the cast with rows of branch A; the site's clock is at `NOW`. It wants an evidence directory."""
    clock.now = NOW
    return write_again(build_furnished)


def furnish_everywhere(clock: FrozenClock) -> FurnishedEverywhere:
    clock.now = NOW
    return write_again(build_everywhere)
