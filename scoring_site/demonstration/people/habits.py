"""How people take part in Party life: the chances that the invented records are drawn by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habit:
    """Chances between 0 and 1; `quality` places awarded points between the least and the most of an activity."""

    attends: float
    excused: float
    """Of the meetings missed, those with leave asked for."""
    pays: float
    """Pays the month's dues in the month."""
    joins: float
    """Joins an activity that earns incentive points."""
    quality: float
    leads: float


TIRELESS = Habit(attends=1, excused=1, pays=1, joins=1, quality=1, leads=1)
MODEL = Habit(attends=0.99, excused=1, pays=1, joins=0.85, quality=0.75, leads=0.15)
ACTIVE = Habit(attends=0.97, excused=0.8, pays=0.995, joins=0.7, quality=0.6, leads=0.08)
STEADY = Habit(attends=0.94, excused=0.7, pays=0.98, joins=0.46, quality=0.45, leads=0.02)
QUIET = Habit(attends=0.87, excused=0.6, pays=0.96, joins=0.22, quality=0.35, leads=0)
SELDOM = Habit(attends=0.55, excused=0.4, pays=0.85, joins=0.08, quality=0.2, leads=0)
OUT_OF_TOUCH = Habit(attends=0, excused=0, pays=0.35, joins=0, quality=0, leads=0)

COMMON = ((MODEL, 12), (ACTIVE, 32), (STEADY, 38), (QUIET, 15), (SELDOM, 3))
"""Habits and how many of a hundred members have them."""
