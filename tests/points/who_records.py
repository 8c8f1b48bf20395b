"""Who of the cast records for branch A, and voids what was recorded there: every verb that asks for it, asks this."""

from __future__ import annotations

WHO_RECORDS = [
    ("system", True),
    ("staff", True),
    ("recorder_a", True),
    ("secretary_a", True),
    ("supervisor", False),
    ("committee_a", False),
    ("member_user_a", False),
    ("recorder_b", False),
    ("secretary_b", False),
    ("outsider", False),
    ("other_staff", False),
    ("other_recorder", False),
]
"""Part of the cast, and whether it may."""
