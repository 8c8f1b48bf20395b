"""Makes the secrets of this installation: `python -m scoring_site.secrets`.

Writes into `.env` (mode 600) whichever of the secrets is missing there and in the environment, and leaves what is there
alone. Losing PERSONAL_DATA_KEYS loses every stored ID number and telephone number, so the file belongs in the backup,
apart from the database. No settings are used here: those refuse to load while a secret is missing.
"""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
DEFAULT_DATABASE = ROOT / "var" / "db.sqlite3"

MAKERS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "PERSONAL_DATA_KEYS": lambda: Fernet.generate_key().decode("ascii"),
    "PERSONAL_DATA_HASH_KEY": lambda: secrets.token_urlsafe(32),
}


def names_given(text: str) -> set[str]:
    """Return the names to which the lines of a `.env` file give a value."""
    names = set()
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#") and value.strip().strip("'\""):
            names.add(name.strip())
    return names


def add_missing_secrets(env_file: Path, environment: Mapping[str, str], database: Path) -> list[str]:
    """Append the missing secrets to `env_file`, readable by its owner alone, and return their names.

    Raises:
        FileExistsError: personal data may already be stored in `database` under keys that are missing now.
    """
    text = env_file.read_text(encoding="utf-8") if env_file.exists() else ""
    given = names_given(text)
    missing = [name for name in MAKERS if name not in given and not environment.get(name)]
    if database.exists() and any(name.startswith("PERSONAL_DATA_") for name in missing):
        raise FileExistsError(
            f"{database.name} exists, but the keys of its personal data are missing. "
            f"Put back the {env_file.name} that belongs to it, or move the database away to begin anew."
        )
    if missing:
        descriptor = os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            if text and not text.endswith("\n"):
                file.write("\n")
            for name in missing:
                file.write(f"{name}={MAKERS[name]()}\n")
        env_file.chmod(0o600)
    return missing


def main() -> None:
    """Fill the project's own `.env` and say what was added, never the values."""
    try:
        added = add_missing_secrets(ENV_FILE, os.environ, DEFAULT_DATABASE)
    except FileExistsError as error:
        sys.exit(str(error))
    if added:
        sys.stdout.write(f"New secrets in {ENV_FILE.name}: {', '.join(added)}. Keep a copy of it in a safe place.\n")


if __name__ == "__main__":
    main()
