"""A claim filed on a phone: large photos are made smaller before they are sent; offline nothing is lost."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from members.models import StoredFile
from points.models import Claim
from tests.browser import log_in
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW

WIDTHS = (360, 390, 1280)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it: several megabytes."""
    path = tmp_path / "现场.jpg"
    noise = Random(1).randbytes(1600 * 1200 * 3)
    Image.frombytes("RGB", (1600, 1200), noise).resize((3200, 2400)).save(path, "JPEG", quality=97)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_claim_from_a_phone(
    browser_page: Page, clock: FrozenClock, evidence_dir: Path, photo: Path, live_server: Any
) -> None:
    clock.now = NOW
    cast = build_cast()
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, cast.member_user_a.username, "/claims/")
    page.get_by_text("新的申报").click()
    page.wait_for_url("**/claims/new/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_label("是哪一级？")).to_be_hidden()
    page.get_by_role("radio", name="上级表彰").check()
    expect(page.get_by_label("是哪一级？")).to_be_visible()
    page.get_by_role("radio", name="志愿服务").check()
    expect(page.get_by_label("是哪一级？")).to_be_hidden()
    page.fill("[name=date]", "2026-03-05")
    page.fill("[name=deed]", "清理村河道垃圾")
    assert photo.stat().st_size > 2_000_000
    scan = {"name": "扫描件.pdf", "mimeType": "application/pdf", "buffer": bytes(21 << 20)}
    page.set_input_files("[name=evidence][multiple]", scan)  # type: ignore[arg-type] # as its documentation has it
    page.wait_for_function("!document.querySelector('[name=evidence]').checkValidity()")
    said = page.evaluate("document.querySelector('[name=evidence]').validationMessage")
    assert said == "文件合计超过20MB。请先传一部分，其余的稍后再传。"
    page.set_input_files("[name=evidence][multiple]", photo)
    expect(page.locator("button.main[type=submit]")).to_be_enabled()
    assert page.evaluate("document.querySelector('[name=evidence]').files[0].size") < 3_000_000
    page.context.set_offline(True)
    page.click("button.main[type=submit]")
    page.get_by_text("现在连不上网").wait_for()
    assert page.input_value("[name=deed]") == "清理村河道垃圾"
    assert page.evaluate("document.querySelector('[name=evidence]').files.length") == 1
    page.context.set_offline(False)
    page.click("button.main[type=submit]")
    page.get_by_text("待组织委员处理").wait_for()
    claim = Claim.objects.get()
    assert (claim.member, claim.deed) == (cast.member_a, "清理村河道垃圾")
    stored = StoredFile.objects.get()
    assert (stored.kind, stored.name, claim.evidence.get().file) == ("image", "现场.jpg", stored)
    assert max(Image.open(next(evidence_dir.glob("??/*"))).size) == 2400
    box = page.locator(".files img").bounding_box()
    assert box is not None
    assert box["width"] > 40
