"""Compiles every template of the project, so that a broken one is found before anybody opens its page."""

import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.engine import Engine
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Compile all templates below our directories; return the exit code."""
    django.setup()
    faults = 0
    names = []
    directories = [*map(Path, Engine.get_default().dirs), *map(Path, get_app_template_dirs("templates"))]
    for directory in directories:
        if ROOT in directory.parents and ".venv" not in directory.parts:
            names += [
                path.relative_to(directory).as_posix()
                for path in directory.rglob("*")
                if path.suffix in {".html", ".txt"}
            ]
    for name in sorted(set(names)):
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            print(f"{name}: {error}")
            faults += 1
    print(f"templates: {len(set(names))} compiled, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
