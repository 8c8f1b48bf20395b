"""Rulebooks as earlier formats stored them, in `stored/`: what a town had that adopted the shipped one at the time."""

from pathlib import Path

STORED = Path(__file__).with_name("stored")
FIRST = (STORED / "format-1.json").read_text(encoding="utf-8")
FIRST_HASH = "495fa96bf322c9cfd1bbbf3005d27cce79b0784a4874f9f1a1879cf5de369b94"
