"""`demo`: the demonstration town with two years of records and an account for every role."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand
from members.models import Town
from members.models.accounts import DEMONSTRATION_PASSWORD
from scoring_site.demonstration.accounts import ACCOUNTS
from scoring_site.demonstration.town import build_demonstration_town, refuse_second_town


class Command(PlainCommand):
    help = "Make a demonstration town: invented members, last year complete, this year up to today, accounts per role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when the database has a town (for `make run`)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Town.objects.exists():
            if Town.objects.are_demonstration():
                self._show_accounts()
            return
        refuse_second_town()
        self.stdout.write(_("Making the demonstration town; this takes about half a minute …"))
        self.stdout.flush()
        town = build_demonstration_town(now=read_clock())
        self.stdout.write(
            _("%(town)s is ready: %(branches)d branches, %(members)d members.")
            % {
                "town": town.name,
                "branches": town.branches.filter(children__isnull=True).count(),
                "members": town.members.count(),
            }
        )
        self._show_accounts()

    def _show_accounts(self) -> None:
        title = _("Accounts of the demonstration town (password of each: %(password)s)")
        self.stdout.write(title % {"password": DEMONSTRATION_PASSWORD})
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<12}{account.label}")
        self.stdout.write(_("Log in at the address that `make run` prints."))
        self.stdout.write(
            _("These people are invented. Never keep this town and its passwords where real data are kept.")
        )
