"""A confirmation is of exactly the previewed file, by exactly that user, once: replayed, forged, late, cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Membership, RecordBatch
from members.roster_files.uploads import KEPT_FOR
from points.models import PointEvent
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_member, make_membership
from tests.pages import browse
from tests.scoring_site.screens import told
from tests.scoring_site.workbench.files.uploading import (
    DUES,
    confirm,
    records_file,
    roster_file,
    tabs,
    upload_records,
    upload_roster,
)


def test_a_replayed_confirmation_writes_nothing_twice(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    confirm(client, preview)
    replayed = confirm(client, preview)
    batch = RecordBatch.objects.get()
    assert replayed.redirect_chain[-1][0] == reverse("workbench:members_recordbatch_change", args=[batch.pk])
    assert "没有重复写入" in told(replayed)
    assert PointEvent.objects.count() == 1


def test_a_replay_after_the_batch_was_voided_stays_refused(cast: Cast, uploads_dir: Path) -> None:
    """Even with the file still there (a request cut off before it was deleted) the token is spent."""
    client = browse(cast.recorder_a)
    incentive = ("党支部", "姓名", "类别", "项目", "日期", "分值")
    data = records_file(("一支部", "张伟", "得分", "志愿服务", date(2026, 1, 5), 1), header=incentive)
    preview = upload_records(client, cast, data)
    RecordBatch.objects.create(
        uuid=preview.context["upload"].token,
        town=cast.town,
        branch=cast.branch_a,
        source=RecordBatch.Source.IMPORT,
        actor=cast.recorder_a,
        at=preview.context["upload"].kept_at,
    )
    replayed = confirm(client, preview)
    assert "没有重复写入" in told(replayed)
    assert not PointEvent.objects.exists()
    assert not list(uploads_dir.glob("*/*"))


@pytest.mark.parametrize("forged", [{"hash": "0" * 64}, {"hash": ""}, {"hash": "x" * 5000}])
def test_a_confirmation_of_another_file_is_refused(cast: Cast, forged: dict[str, str]) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    response = confirm(client, preview, **forged)
    assert "不是预览过的那个文件" in told(response)
    assert not PointEvent.objects.exists()
    assert confirm(client, preview).status_code == 200
    assert PointEvent.objects.count() == 1


def test_another_user_s_token_and_a_made_up_one_are_the_same(cast: Cast) -> None:
    preview = upload_roster(browse(cast.staff), cast, roster_file(("一支部", "新人", "正式党员", "1980-03-04")))
    other = browse(cast.other_staff)
    seen = []
    for token in (preview.context["upload"].token, uuid4()):
        url = reverse("workbench:import_roster_preview", args=[token])
        cancel = reverse("workbench:import_roster_cancel", args=[token])
        answers = [
            other.get(url),
            other.post(url, {"hash": preview.context["upload"].file_hash}),
            other.post(cancel),
        ]
        seen.append([(answer.status_code, answer.headers["Location"]) for answer in answers])
    assert seen[0] == seen[1] == [(302, reverse("workbench:import_roster"))] * 3
    assert not cast.town.members.filter(name="新人").exists()
    assert browse(cast.staff).get(preview.request["PATH_INFO"]).status_code == 200


def test_a_token_of_another_kind_of_import_is_refused(cast: Cast) -> None:
    client = browse(cast.staff)
    preview = upload_records(client, cast, records_file(DUES))
    url = reverse("workbench:import_ticks_preview", args=[preview.context["upload"].token])
    assert client.post(url, {"hash": preview.context["upload"].file_hash}).status_code == 302
    assert not PointEvent.objects.exists()


def test_a_preview_expires(cast: Cast, clock: FrozenClock) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    clock.now += KEPT_FOR + timedelta(minutes=1)
    late = confirm(client, preview)
    assert "请重新上传" in told(late)
    assert not PointEvent.objects.exists()


def test_cancelling_deletes_the_file(cast: Cast, uploads_dir: Path) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    assert list(uploads_dir.glob("*/*"))
    assert client.get(preview.context["cancel_url"]).status_code == 405
    response = client.post(preview.context["cancel_url"], follow=True)
    assert "已取消" in told(response)
    assert not list(uploads_dir.glob("*/*"))
    assert not PointEvent.objects.exists()


def test_nothing_is_left_after_an_import(cast: Cast, uploads_dir: Path) -> None:
    client = browse(cast.recorder_a)
    confirm(client, upload_records(client, cast, records_file(DUES)))
    assert not list(uploads_dir.glob("*/*"))


def test_what_changed_since_the_preview_is_checked_again(cast: Cast) -> None:
    client = browse(cast.staff)
    preview = upload_records(client, cast, records_file(DUES))
    make_membership(cast.member_a, None, date(2026, 1, 1), Membership.Why.TRANSFERRED_OUT)
    make_member(cast.branch_a, "张伟")
    make_member(cast.branch_a, "张伟")
    response = confirm(client, preview)
    assert "没有写入" in told(response)
    assert tabs(response) == {"错误": 1}
    assert not PointEvent.objects.exists()


def test_confirming_needs_the_form_s_own_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.recorder_a)
    assert client.post(reverse("workbench:import_records"), {"town": cast.town.pk}).status_code == 403
