"""Whoever works in branch A finds nothing of branch B: not by search, filter, autocomplete or form.

What no address and no list gives, `tests/test_access_matrix.py` asks of every one of them.
"""

from __future__ import annotations

from uuid import uuid4

from django.urls import reverse

from points.models import PointEvent
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, base_entry, incentive_entry
from tests.pages import browse
from veto.models import Deduction


def test_search_and_filter_stay_within_reach(cast: Cast) -> None:
    record_events(
        actor=cast.recorder_b,
        now=NOW,
        town=cast.town,
        branch=cast.branch_b,
        entries=[base_entry(cast.member_b), incentive_entry(cast.member_b)],
    )
    client = browse(cast.recorder_a)
    members = reverse("workbench:members_member_changelist")
    assert "张伟" in client.get(members, {"q": "zw"}).content.decode()
    assert "李娜" not in client.get(members, {"q": "张"}).content.decode()
    for query in ({"q": "zm"}, {"q": "赵"}, {"branch": cast.branch_b.pk}, {"branch": "'"}, {"roster": "x\x00"}):
        assert "赵敏" not in client.get(members, query).content.decode()
    events = reverse("workbench:points_pointevent_changelist")
    for query in ({"branch": cast.branch_b.pk}, {"q": "zm"}, {"year": "2026", "item": "dues"}):
        response = client.get(events, query)
        assert response.status_code == 200
        assert response.context["cl"].result_count == 0


def test_the_address_answers_no_question_about_a_column(cast: Cast) -> None:
    client = browse(cast.staff)
    for page, query in (
        ("veto_deduction", {"item": "gambling"}),
        ("veto_deduction", {"particulars__contains": "核"}),
        ("veto_vetorecord", {"ground": "disciplined"}),
        ("members_member", {"id_number_hash__startswith": "a"}),
        ("members_user", {"password__startswith": "a"}),
    ):
        address = reverse(f"workbench:{page}_changelist")
        changelist = client.get(address, query).context["cl"]
        assert changelist.faults == [f"本列表没有“{next(iter(query))}”这一筛选条件，未按它筛选。"], query
        assert list(changelist.queryset) == list(client.get(address).context["cl"].queryset), query


def test_the_autocomplete_offers_only_what_is_within_reach(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    query = {"app_label": "points", "model_name": "pointevent", "field_name": "member"}
    found = client.get(reverse("workbench:autocomplete"), query | {"term": ""}).json()["results"]
    assert {row["text"] for row in found} == {"张伟", "李娜", "曾国华"}
    assert client.get(reverse("workbench:autocomplete"), query | {"term": "zm"}).json()["results"] == []


def test_a_posted_foreign_member_is_refused(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    data = {"token": str(uuid4()), "item": "dues", "date": "2026-03-01", "members": [cast.member_b.pk]}
    response = client.post(reverse("workbench:points_pointevent_record"), data)
    assert response.status_code == 200
    assert "members" in response.context["form"].errors
    data["members"] = [cast.member_a.pk, cast.member_b.pk]
    assert client.post(reverse("workbench:points_pointevent_record"), data).status_code == 200
    # Choosing the foreign branch, or the foreign member, by address does not help.
    for query in (f"?branch={cast.branch_b.pk}", f"?member={cast.member_b.pk}"):
        client.post(reverse("workbench:points_pointevent_record") + query, data)
    proposal = {"token": str(uuid4()), "member": cast.member_b.pk, "ground": "gambling", "date": "2026-03-01"}
    response = client.post(reverse("workbench:veto_deduction_propose"), proposal | {"particulars": "核实"})
    assert "member" in response.context["form"].errors
    assert not PointEvent.objects.exists()
    assert not Deduction.objects.exists()


def test_a_foreign_branch_is_refused_in_every_form_that_takes_one(cast: Cast) -> None:
    client = browse(cast.staff)
    foreign = cast.other_branch.pk
    move = reverse("workbench:members_membership_move", args=[cast.member_a.pk])
    response = client.post(move, {"why": "moved", "branch": foreign, "from_date": "2026-03-01"})
    assert "branch" in response.context["form"].errors
    appoint = reverse("workbench:members_user_appoint", args=[cast.recorder_a.pk])
    response = client.post(appoint, {"role": "secretary", "branch": foreign, "from_date": "2026-03-01"})
    assert "branch" in response.context["form"].errors
    edit = reverse("workbench:members_branch_edit", args=[cast.branch_a.pk])
    response = client.post(edit, {"name": "一支部", "parent": foreign})
    assert "parent" in response.context["form"].errors
    new = reverse("workbench:members_branch_new")
    response = client.post(new, {"name": "四支部", "town": cast.other_town.pk})
    assert "town" in response.context["form"].errors


def test_django_s_own_bulk_action_deletes_nothing(cast: Cast) -> None:
    client = browse(cast.staff)
    for row in (cast.member_a, cast.branch_a):
        model = type(row)
        selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"workbench:{model._meta.app_label}_{model._meta.model_name}_changelist"), selected)
        assert model._default_manager.filter(pk=row.pk).exists()
