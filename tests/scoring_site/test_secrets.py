"""Secrets are made once, kept, and never made anew over a database that needs the old ones."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from scoring_site.secrets import MAKERS, add_missing_secrets


def read_values(env_file: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in env_file.read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in lines}


def test_a_new_installation_gets_every_secret_in_a_private_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    assert add_missing_secrets(env_file, {}, tmp_path / "db.sqlite3") == list(MAKERS)
    values = read_values(env_file)
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert len(values["SECRET_KEY"]) >= 50
    assert Fernet(values["PERSONAL_DATA_KEYS"]).decrypt(Fernet(values["PERSONAL_DATA_KEYS"]).encrypt(b"x")) == b"x"


def test_what_is_there_stays(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "DEBUG=true\nSECRET_KEY='mine'\n#PERSONAL_DATA_KEYS=old\nPERSONAL_DATA_HASH_KEY=", encoding="utf-8"
    )
    added = add_missing_secrets(env_file, {"PERSONAL_DATA_HASH_KEY": "from outside"}, tmp_path / "db.sqlite3")
    assert added == ["PERSONAL_DATA_KEYS"]
    assert env_file.read_text(encoding="utf-8").startswith("DEBUG=true\nSECRET_KEY='mine'\n")
    assert add_missing_secrets(env_file, {"PERSONAL_DATA_HASH_KEY": "from outside"}, tmp_path / "db.sqlite3") == []


def test_lost_keys_of_an_existing_database_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").touch()
    with pytest.raises(FileExistsError, match=r"Put back the \.env"):
        add_missing_secrets(tmp_path / ".env", {}, tmp_path / "db.sqlite3")
    assert not (tmp_path / ".env").exists()
