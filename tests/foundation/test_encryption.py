from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction

from foundation.encryption import decrypt_text, encrypt_text, keyed_hash
from members.models import Member
from tests.cast import Cast
from tests.factories import make_id_number, make_member

pytestmark = pytest.mark.engine


OLD, NEW, STRANGE = (Fernet.generate_key().decode() for _ in range(3))
NUMBER = make_id_number(11)


def stored(member: Member, column: str = "id_number") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM members_member WHERE id = %s', [member.pk])
        return str(cursor.fetchone()[0])


def test_what_is_stored_does_not_show_the_number(cast: Cast) -> None:
    member = cast.member_a
    for column, plain in (("id_number", NUMBER), ("phone", "13900000011")):
        text = stored(member, column)
        assert plain not in text
        assert decrypt_text(text) == plain
    member.refresh_from_db()
    assert (member.id_number, member.phone) == (NUMBER, "13900000011")
    assert NUMBER not in stored(member, "id_number_hash")


def test_an_encrypted_column_says_only_whether_there_is_one(cast: Cast) -> None:
    Member.objects.update(phone="")
    Member.objects.filter(pk=cast.member_a.pk).update(phone="13900000011")
    assert list(Member.objects.exclude(phone="").values_list("pk", flat=True)) == [cast.member_a.pk]
    assert not Member.objects.filter(phone__isnull=True).exists()
    for search in ({"phone": "13900000011"}, {"phone__in": ["13900000011"]}, {"phone__contains": "139"}):
        with pytest.raises(FieldError):
            Member.objects.filter(**search)


def test_the_same_number_is_stored_differently_each_time() -> None:
    assert encrypt_text(NUMBER) != encrypt_text(NUMBER)


def test_an_empty_number_stays_empty(cast: Cast) -> None:
    assert (encrypt_text(""), decrypt_text(""), keyed_hash("")) == ("", "", "")
    assert stored(cast.members_a[1]) == ""


def test_keys_rotate(cast: Cast, settings: Any) -> None:
    member = cast.members_a[1]
    settings.PERSONAL_DATA_KEYS = [OLD]
    member.id_number = NUMBER
    member.save()
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]  # the new key first: it encrypts, both decrypt
    member.refresh_from_db()
    assert member.id_number == NUMBER
    member.save()
    settings.PERSONAL_DATA_KEYS = [NEW]  # the old one dropped
    member.refresh_from_db()
    assert member.id_number == NUMBER
    settings.PERSONAL_DATA_KEYS = [OLD]
    with pytest.raises(InvalidToken):
        member.refresh_from_db()


def test_a_strange_key_reads_nothing(cast: Cast, settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = [STRANGE]
    with pytest.raises(InvalidToken):
        Member.objects.get(pk=cast.member_a.pk)


def test_a_changed_text_is_noticed(settings: Any) -> None:
    text = encrypt_text(NUMBER)
    middle = len(text) // 2
    with pytest.raises(InvalidToken):
        decrypt_text(text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :])


def test_equal_numbers_match_by_their_keyed_hash_alone(settings: Any) -> None:
    first = keyed_hash(NUMBER)
    assert first == keyed_hash(NUMBER) != keyed_hash(make_id_number(12))
    assert len(first) == 64
    settings.PERSONAL_DATA_HASH_KEY = "another"
    assert keyed_hash(NUMBER) != first


def test_one_number_once_per_town_and_rotation_does_not_hide_it(cast: Cast, settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = [NEW, *settings.PERSONAL_DATA_KEYS]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_member(cast.branch_b, "重号", id_number=NUMBER)
    make_member(cast.other_branch, "外镇同号", id_number=NUMBER)  # a member who moved there
    for name in ("无号一", "无号二"):
        make_member(cast.branch_b, name)
