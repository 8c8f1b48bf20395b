"""The bands between the three marks of a rulebook: below 60, below 80, below 90, and above (4.1, 4.3, 4.4)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from foundation.tenths import say_points
from points.rules.rulebook import Rulebook

BELOW, PASSED, AWARD, EXCELLENT = BANDS = ("below", "passed", "award", "excellent")
"""From below."""


def marks_of(rulebook: Rulebook) -> tuple[int, int, int]:
    """The three marks in tenths, from below."""
    return rulebook.thresholds.passing, rulebook.thresholds.award, rulebook.thresholds.excellent


def find_band(total: int, rulebook: Rulebook) -> str:
    """The band of an annual score in tenths; a mark belongs to the band above it (D12)."""
    return BANDS[sum(total >= mark for mark in marks_of(rulebook))]


def say_bands(rulebook: Rulebook) -> dict[str, str]:
    """The bands in words: `60分以下`, `60分至80分以下` …"""
    passing, award, excellent = map(say_points, marks_of(rulebook))
    return {
        BELOW: _("below %(mark)s") % {"mark": passing},
        PASSED: _("%(from)s to below %(mark)s") % {"from": passing, "mark": award},
        AWARD: _("%(from)s to below %(mark)s") % {"from": award, "mark": excellent},
        EXCELLENT: _("%(mark)s and above") % {"mark": excellent},
    }
