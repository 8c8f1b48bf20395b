"""`setup_town NAME --year 2025 --set lead_bonus=within_item_cap`: a town and the rulebook of its years."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand
from members.models import Town
from points.rules.periods import EARLIEST_YEAR, LATEST_YEAR
from points.rules.rulebook import SETTING_RULES, RulebookError, read_setting
from points.scoring.adoption import set_up_town

Setting = str | int | bool


class Command(PlainCommand):
    help = "Make a town (or find it) and adopt the shipped rulebook, with the town's own readings, for each year."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the town's name")
        parser.add_argument(
            "--year", dest="years", action="extend", nargs="+", default=[], metavar="YEAR", help="assessment years"
        )
        parser.add_argument(
            "--set",
            dest="readings",
            action="extend",
            nargs="+",
            default=[],
            metavar="KEY=VALUE",
            help=f"readings of the regulation: {', '.join(SETTING_RULES)}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = _read_name(options["name"])
        years = sorted({_read_year(text) for text in options["years"]})
        settings = _read_settings(options["readings"])
        if settings and not years:
            raise CommandError(_("Settings belong to the rulebook of a year: name the years with --year."))
        town = set_up_town(now=read_clock(), name=name, years=years, settings=settings)
        self.stdout.write(_("%(town)s is set up.") % {"town": town.name})
        for year in years:
            self.stdout.write(_("%(year)s: the shipped rulebook is adopted.") % {"year": year})
        for setting, value in settings.items():
            self.stdout.write(f"  {setting} = {value} ({SETTING_RULES[setting].decision})")


def _read_name(text: str) -> str:
    name = " ".join(text.split())
    longest = Town._meta.get_field("name").max_length or 0
    if not name or len(name) > longest or not name.isprintable():
        raise CommandError(_("Give the town a name of 1 to %(longest)d characters.") % {"longest": longest})
    return name


def _read_year(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) == 4 and EARLIEST_YEAR <= int(text) <= LATEST_YEAR:
        return int(text)
    raise CommandError(_("“%(text)s” is not a year. Write it with four digits, such as 2025.") % {"text": text})


def _read_settings(pairs: Iterable[str]) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or name not in SETTING_RULES:
            raise CommandError(
                _("“%(pair)s” names no setting. Write KEY=VALUE with one of: %(names)s.")
                % {"pair": pair, "names": ", ".join(SETTING_RULES)}
            )
        rule = SETTING_RULES[name]
        if name in settings:
            raise CommandError(_("“%(name)s” is set twice. Give it once.") % {"name": name})
        try:
            settings[name] = read_setting(name, text)
        except RulebookError as error:
            raise CommandError(
                _("“%(value)s” is not possible for %(name)s (%(decision)s). Allowed: %(allowed)s.")
                % {"value": text, "name": name, "decision": rule.decision, "allowed": _describe_allowed(rule.name)}
            ) from error
    return settings


def _describe_allowed(name: str) -> str:
    rule = SETTING_RULES[name]
    if rule.choices:
        return ", ".join(rule.choices)
    if rule.minimum is None:
        return "true, false"
    return _("whole numbers from %(minimum)d to %(maximum)d") % {"minimum": rule.minimum, "maximum": rule.maximum}
