"""Whoever works in branch A finds nothing of branch B: not by address, list, search, filter, autocomplete or form."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

from members.models import Appointment, AuditEntry, Exemption, Membership
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from scoring_site.workbench.register import workbench
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry
from tests.pages import browse
from veto.deciding import propose_deduction, propose_veto
from veto.models import Deduction, VetoRecord

pytestmark = pytest.mark.engine


@pytest.fixture
def rows_of_b(cast: Cast) -> list[Model]:
    """One row of every table that belongs to branch B or to the other town."""
    member = cast.member_b
    batch = record_events(
        actor=cast.recorder_b,
        now=NOW,
        town=cast.town,
        branch=cast.branch_b,
        entries=[base_entry(member), incentive_entry(member)],
    )
    meeting = record_meeting(
        actor=cast.recorder_b,
        now=NOW,
        branch=cast.branch_b,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={member.pk: Attendance.Status.ATTENDED},
        topic="乙支部党课",
    )
    exemption = Exemption.objects.create(
        member=cast.members_b[1], ground="unable", applied_on=TODAY, decided_on=TODAY, from_date=TODAY
    )
    deduction = propose_deduction(
        actor=cast.recorder_b,
        now=NOW,
        member=member,
        item="gambling",
        date=TODAY,
        particulars="核实",
        papers="核实材料",
    )
    veto = propose_veto(
        actor=cast.recorder_b,
        now=NOW,
        member=member,
        ground="disciplined",
        date=TODAY,
        particulars="处分决定",
        papers="核实材料",
    )
    year = cast.other_town.assessment_years.get(year=2026)
    return [
        cast.other_town,
        cast.branch_b,
        cast.other_branch,
        member,
        cast.other_member,
        Membership.objects.filter(member=member).get(),
        exemption,
        cast.recorder_b,
        Appointment.objects.get(user=cast.recorder_b),
        AuditEntry.objects.latest("pk"),
        batch,
        year,
        meeting,
        meeting.attendances.get(),
        batch.events.first() or batch,
        deduction,
        veto,
    ]


def row_addresses(row: Model) -> list[str]:
    """Every address of the workbench that takes this row's id."""
    admin = workbench._registry[type(row)]
    found = []
    for pattern in admin.get_urls():
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if "object_id" not in route or not pattern.name:
            continue
        args = [row.pk, *([2026] if "year" in route else [])]
        found.append(reverse(f"workbench:{pattern.name}", args=args))
    return found


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "committee_a"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_of_a_foreign_row_is_404(who: str, method: str, cast: Cast, rows_of_b: list[Model]) -> None:
    client = browse(getattr(cast, who))
    tried = 0
    for row in rows_of_b:
        addresses = row_addresses(row)
        assert any(address.endswith("/change/") for address in addresses)
        for address in addresses:
            response = client.get(address) if method == "get" else client.post(address, {"reason": "试"})
            assert response.status_code == 404, address
            tried += 1
    assert tried > 50


def test_town_staff_find_nothing_of_another_town(cast: Cast) -> None:
    client = browse(cast.staff)
    for row in (cast.other_town, cast.other_branch, cast.other_member, cast.other_staff):
        for address in row_addresses(row):
            assert client.get(address).status_code == 404, address


def test_pages_that_take_a_member_refuse_a_foreign_one(cast: Cast) -> None:
    client = browse(cast.secretary_a)
    for page in ("members_membership_move", "members_exemptionapplication_enter"):
        assert client.get(reverse(f"workbench:{page}", args=[cast.member_b.pk])).status_code == 404
    # In reach, but moving is for town staff.
    assert client.get(reverse("workbench:members_membership_move", args=[cast.member_a.pk])).status_code == 403


@pytest.mark.parametrize(
    "page", [f"{model._meta.app_label}_{model._meta.model_name}_changelist" for model in workbench._registry]
)
def test_no_list_shows_a_foreign_row(page: str, cast: Cast, rows_of_b: list[Model]) -> None:
    client = browse(cast.recorder_a)
    response = client.get(reverse(f"workbench:{page}"))
    if page in {"members_user_changelist", "members_auditentry_changelist", "members_datarequest_changelist"}:
        assert response.status_code == 403
        return
    assert response.status_code == 200
    shown = response.content.decode()
    for name in ("赵敏", "钱进", "二支部", "乙镇", "乙记录员", "乙支部党课"):
        assert name not in shown, name


def test_search_and_filter_stay_within_reach(cast: Cast, rows_of_b: list[Model]) -> None:
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


def test_the_address_answers_no_question_about_a_column(cast: Cast, rows_of_b: list[Model]) -> None:
    client = browse(cast.staff)
    for page, query in (
        ("veto_deduction", {"item": "gambling"}),
        ("veto_deduction", {"particulars__contains": "核"}),
        ("veto_vetorecord", {"ground": "disciplined"}),
        ("members_member", {"id_number_hash__startswith": "a"}),
        ("members_user", {"password__startswith": "a"}),
    ):
        assert client.get(reverse(f"workbench:{page}_changelist"), query).status_code == 400, query


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


def test_a_meeting_of_a_foreign_branch_cannot_be_recorded(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    data = {"token": str(uuid4()), "held_on": "2026-03-01", "kind_lecture": "on"}
    data |= {f"status_{member.pk}": "attended" for member in cast.members_b}
    client.post(reverse("workbench:points_meeting_record") + f"?branch={cast.branch_b.pk}", data)
    assert not Meeting.objects.exists()


def test_who_may_enter(cast: Cast, client: Client) -> None:
    home = reverse("workbench:index")
    assert client.get(home).status_code == 302
    for user in (cast.staff, cast.supervisor, cast.recorder_a, cast.secretary_a, cast.committee_a):
        assert browse(user).get(home).status_code == 200
    for user in (cast.member_user_a, cast.outsider):
        assert browse(user).get(home).status_code == 302
        assert browse(user).get(reverse("workbench:members_member_changelist")).status_code == 302
    Appointment.objects.filter(user=cast.recorder_a).update(to_date=date(2026, 3, 15))
    assert browse(cast.recorder_a).get(home).status_code == 302


def test_supervisors_read_all_of_the_town_and_change_nothing(cast: Cast, rows_of_b: list[Model]) -> None:
    client = browse(cast.supervisor)
    own = [row for row in rows_of_b if row not in {cast.other_town, cast.other_branch, cast.other_member}]
    for row in own:
        if getattr(row, "town_id", None) == cast.other_town.pk:
            continue
        page = reverse(f"workbench:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        assert client.get(page).status_code == 200, page
        for address in row_addresses(row):
            if address.endswith(("/change/", "/history/")) or address == page.removesuffix("change/"):
                continue
            # 405: a page that only shows.
            assert client.post(address, {"reason": "试"}).status_code in {403, 404, 405}, address
    before = PointEvent.objects.count(), VetoRecord.objects.live().count()
    for name in ("points_pointevent_record", "points_meeting_record", "veto_deduction_propose", "members_user_new"):
        assert client.post(reverse(f"workbench:{name}"), {}).status_code == 403, name
    assert before == (PointEvent.objects.count(), VetoRecord.objects.live().count())


@pytest.mark.parametrize("page", ["add", "delete"])
def test_django_s_own_forms_add_and_delete_nothing(page: str, cast: Cast) -> None:
    client = browse(cast.staff)
    for row in (cast.member_a, cast.branch_a):
        model = type(row)
        name = f"workbench:{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"{name}_{page}", args=[row.pk] if page == "delete" else [])
        assert client.get(address).status_code == 403
        assert client.post(address, {"post": "yes"}).status_code == 403
        selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"{name}_changelist"), selected)
        assert model._default_manager.filter(pk=row.pk).exists()
