"""The workbench loads no script that none of its pages uses."""

from __future__ import annotations

import re
from difflib import unified_diff
from pathlib import Path

import unfold
from django.conf import settings
from django.test import Client
from django.urls import reverse

from points.reviews.steps import open_review
from scoring_site.workbench.register import workbench
from tests.cast import Cast
from tests.factories import make_batch, make_event

SKELETON = "templates/unfold/layouts/skeleton.html"
ADDED = '        {% if not is_popup %}{% include "demonstration/banner.html" %}{% endif %}'
LEFT_OUT = ("alpine/alpine.anchor.js", "alpine/alpine.sort.js", "htmx/htmx.js", "chart/chart.js")
USES = re.compile(r"""\shx-[a-z-]+=|\sx-sort[.:\s=>]|\sx-anchor[.\s=]|<canvas|django\.jQuery""")
"""What would need one of those scripts, or one of Django's own lists'."""


def test_the_skeleton_is_unfolds_less_the_scripts_left_out_with_one_line_more() -> None:
    theirs = (Path(unfold.__file__).parent / SKELETON).read_text(encoding="utf-8").splitlines()
    ours = (Path(settings.BASE_DIR) / SKELETON).read_text(encoding="utf-8").splitlines()
    changes = [
        line for line in unified_diff(theirs, ours, n=0, lineterm="") if not line.startswith(("---", "+++", "@@"))
    ]
    assert [line for line in changes if line[0] == "+"] == [f"+{line}" for line in (*ours[:4], ADDED)]
    gone = [line for line in changes if line[0] == "-"]
    assert [re.findall(r"js/([^']*)'", line) for line in gone] == [[name] for name in LEFT_OUT]


def test_no_page_uses_or_loads_a_script_left_out(cast: Cast, client: Client) -> None:
    event = make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a)
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    pages = [
        reverse("workbench:index"),
        *(
            reverse(f"workbench:{model._meta.label_lower.replace('.', '_')}_changelist")
            for model in workbench._registry
        ),
        *(reverse(f"workbench:{name}") for name in ("points_pointevent_record", "points_meeting_record")),
        reverse("workbench:points_pointevent_change", args=[event.pk]),
        reverse("workbench:points_review_change", args=[review.pk]),
        reverse("workbench:ticks", args=[cast.branch_a.pk]),
        reverse("workbench:members_member_change", args=[cast.member_a.pk]),
    ]
    client.force_login(cast.staff)
    for page in pages:
        html = client.get(page).content.decode()
        assert "<html" in html, page
        assert USES.findall(html) == [], page
        scripts = re.findall(r'<script src="([^"]*)"', html)
        assert not [src for src in scripts if src.endswith(LEFT_OUT) or "/admin/" in src], page
