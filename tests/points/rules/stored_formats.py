"""Rulebooks as earlier formats stored them, in `stored/`: what a town had that adopted the shipped one at the time."""

from pathlib import Path

STORED = Path(__file__).with_name("stored")
FIRST = (STORED / "format-1.json").read_text(encoding="utf-8")
FIRST_HASH = "495fa96bf322c9cfd1bbbf3005d27cce79b0784a4874f9f1a1879cf5de369b94"
SECOND = (STORED / "format-2.json").read_text(encoding="utf-8")
SECOND_HASH = "06574a184ee31d876e0032eb9f4e8753509230ec2a43a3be48f109eab4c868a3"
THIRD = (STORED / "format-3.json").read_text(encoding="utf-8")
THIRD_HASH = "6ad2b2c9fd3667117c2f0840b72c0a7efa197e8b8dcd5eda76a7582d0b855297"
