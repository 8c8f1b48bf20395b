"""Keeps the Chinese catalogue equal to the texts in the sources.

    python .ci/messages.py          rewrites the catalogue: new texts come in empty, texts no longer used go
    python .ci/messages.py --check  changes nothing; lists texts that are missing, untranslated, fuzzy or no longer used

Texts are collected by Django's own `makemessages` over a copy of the sources, from an empty catalogue, so that nothing
is matched by guessing. The catalogue is sorted by text and names no source lines, so that two people rarely collide.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
SOURCES = ("scoring_site", "publicity", "points", "veto", "members", "foundation", "templates")
EXTENSIONS = ("py", "html", "txt")

Key = tuple[str, str, str]


def key_of(entry: polib.POEntry) -> Key:
    """Return what identifies a text: context, text, plural text."""
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def collect_texts() -> dict[Key, polib.POEntry]:
    """Return every text marked for translation in the sources, untranslated."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
        (copy / "locale").mkdir()
        environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "--verbosity=0", "--locale=zh_Hans", "--no-location"]
            + [f"--extension={extension}" for extension in EXTENSIONS],
            cwd=copy,
            env=environment,
            check=True,
        )
        return {key_of(entry): entry for entry in polib.pofile(str(copy / "locale/zh_Hans/LC_MESSAGES/django.po"))}


def find_faults(texts: dict[Key, polib.POEntry], catalogue: polib.POFile) -> list[str]:
    """Return one line per text that the catalogue lacks, leaves empty, guesses or keeps without need."""
    entries = {key_of(entry): entry for entry in catalogue}
    faults = [f"missing: {key[1]!r}" for key in texts.keys() - entries.keys()]
    for key, entry in entries.items():
        if entry.obsolete or key not in texts:
            faults.append(f"no longer used: {key[1]!r}")
        elif entry.fuzzy:
            faults.append(f"fuzzy: {key[1]!r}")
        elif not entry.translated():
            faults.append(f"untranslated: {key[1]!r}")
    return sorted(faults)


def rewrite(texts: dict[Key, polib.POEntry], catalogue: polib.POFile) -> None:
    """Write the catalogue with exactly these texts, keeping the translations it has."""
    known = {key_of(entry): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = catalogue.metadata
    for key, entry in texts.items():
        if key in known:
            entry.msgstr = known[key].msgstr
            entry.msgstr_plural = known[key].msgstr_plural
        fresh.append(entry)
    fresh.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    fresh.save(str(CATALOGUE))


def main() -> int:
    """Rewrite or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, list what is wrong")
    check = parser.parse_args().check
    texts = collect_texts()
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=0)
    if not check:
        rewrite(texts, catalogue)
        catalogue = polib.pofile(str(CATALOGUE), wrapwidth=0)
    faults = find_faults(texts, catalogue)
    for fault in faults:
        print(fault)
    print(f"catalogue: {len(catalogue)} texts, {len(faults)} faults")
    return 1 if faults and check else 0


if __name__ == "__main__":
    sys.exit(main())
