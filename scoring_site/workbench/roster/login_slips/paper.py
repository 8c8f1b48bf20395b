"""首次登录通知单: how each member logs in for the first time, cut apart and handed over in person."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils import translation

from foundation.chunks import split_into_chunks
from foundation.qr_codes import draw_qr_code
from members.accounts.login_codes import IssuedCode
from members.models import Branch
from points.papers.pdf import write_pdf

TITLE = "党员积分系统首次登录通知单"
STYLESHEET = "workbench/roster/login_slips_paper.css"
SLIPS_PER_SHEET = 6


def write_login_slips(*, branch: Branch, issued: Sequence[IssuedCode], address: str) -> bytes:
    """The slips as PDF, six to a sheet. `address` is the whole address of the page that takes the code."""
    with translation.override("zh-hans"):
        slips = [
            {
                "issued": each,
                # After the `#`: browsers keep it to themselves, so that no server's log holds a code.
                "qr_code": draw_qr_code(f"{address}#{each.code}"),
            }
            for each in issued
        ]
        context = {"title": TITLE, "branch": branch, "address": address}
        papers = [
            render_to_string("workbench/roster/login_slips_paper.html", {**context, "slips": sheet})
            for sheet in split_into_chunks(slips, SLIPS_PER_SHEET)
        ]
        return write_pdf(papers=papers, stylesheet=STYLESHEET, title=f"{TITLE} {branch.name}")
