"""Which characters no font can print, told with their numbers."""

from __future__ import annotations

from foundation.fonts import find_missing, merge_ranges, say_missing
from tests.rare_characters import OFFICE_OWN, RARE


def test_what_fonts_have_together_is_joined_into_runs() -> None:
    assert merge_ranges(["4e00-4e10", "41", "4e11-4e20", "4e05-4e08", "2c029"]) == (
        (0x41, 0x41),
        (0x4E00, 0x4E20),
        (0x2C029, 0x2C029),
    )


def test_everyday_names_and_what_prints_nothing_are_not_missing() -> None:
    assert find_missing("张伟·阿卜杜拉 Zhang\n\t\u3000\u200d𠮷䶮（1964年生）\ufe0f\U000e0100") == []
    assert say_missing("张伟") == ""


def test_rare_and_private_characters_are_named_once_with_their_number() -> None:
    assert find_missing(f"张{RARE}{RARE}、李{OFFICE_OWN}") == [OFFICE_OWN, RARE]
    said = say_missing(f"张{RARE}")
    assert f"“{RARE}”（U+323AF）" in said
    assert "张" not in said
