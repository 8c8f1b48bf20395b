"""What the management commands of all rooms share: a town by its name, an account to act as, refusals in words."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from members.errors import DomainError
from members.models import Town, User


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
