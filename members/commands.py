"""What the management commands of all apps share: a town by its name, an account to act as, refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from foundation.workbooks.writing import write_file
from members.models import Branch, Town, User


class PlainCommand(BaseCommand):
    """A command whose refusals are one message that says what to do, with exit status 1 and no traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (DomainError, PermissionDenied) as refusal:
            raise CommandError(str(refusal)) from refusal


def add_town_argument(parser: CommandParser) -> None:
    """`--town NAME`, required; read it with `find_town`."""
    parser.add_argument("--town", required=True, metavar="NAME", help="the town's name, as given to setup_town")


def add_actor_argument(parser: CommandParser) -> None:
    """`--as USER`, stored as `acting`; read it with `find_actor`."""
    parser.add_argument(
        "--as", dest="acting", default="", metavar="USER", help="act as this account (default: the town's own)"
    )


def add_output_argument(parser: CommandParser) -> None:
    """`--output FILE.xlsx`, required; read it with `read_output` before the work, write it with `save_workbook`."""
    parser.add_argument("--output", required=True, metavar="FILE.xlsx", help="the workbook to write")


def read_output(name: str) -> Path:
    """The place of the workbook to write. Raises CommandError (exit status 2) where no workbook can be written."""
    path = Path(name)
    if path.suffix.lower() != ".xlsx":
        raise CommandError(
            _("“%(file)s” is no name for a workbook. Let it end in .xlsx.") % {"file": name}, returncode=2
        )
    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(
            _("“%(file)s” cannot be written: there is no such folder, or it is a folder itself.") % {"file": name},
            returncode=2,
        )
    return path


def save_workbook(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a workbook whole or not at all. Raises CommandError (exit status 2) where the disk refuses."""
    try:
        write_file(path, write)
    except OSError as error:
        raise CommandError(
            _("“%(file)s” could not be written (%(why)s). Check the folder's rights and free space.")
            % {"file": path, "why": error.strerror or error},
            returncode=2,
        ) from error


def find_branch(town: Town, name: str) -> Branch:
    """The branch of a name in a town. Raises CommandError, naming the branches there are."""
    branch = Branch.objects.filter(town=town, name=name.strip()).first()
    if branch is None:
        names = "、".join(Branch.objects.filter(town=town).values_list("name", flat=True)[:50])
        raise CommandError(
            _("%(town)s has no branch “%(name)s”. Branches: %(names)s.")
            % {"town": town.name, "name": name, "names": names or "—"}
        )
    return branch


def find_town(name: str) -> Town:
    """The town of a name. Raises CommandError, naming the towns there are."""
    town = Town.objects.filter(name=name.strip()).first()
    if town is None:
        names = "、".join(Town.objects.values_list("name", flat=True)[:20])
        raise CommandError(
            _("There is no town “%(name)s”. Towns here: %(names)s. Make one with setup_town.")
            % {"name": name, "names": names or "—"}
        )
    return town


def find_actor(town: Town, username: str) -> User:
    """The active account of a user name, or the town's system account for "". Raises CommandError."""
    accounts = User.objects.filter(is_active=True)
    found = accounts.filter(username=username) if username else accounts.filter(town=town, is_system=True)
    actor = found.first()
    if actor is None:
        raise CommandError(
            _("There is no active account “%(username)s”. Name another with --as.") % {"username": username}
            if username
            else _("%(town)s has no system account. Run setup_town for it once.") % {"town": town.name}
        )
    return actor
