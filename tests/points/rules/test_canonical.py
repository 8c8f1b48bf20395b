"""The texts and hashes that frozen lines, chains and adopted rulebooks were written with: they never change."""

from __future__ import annotations

from points.rules.canonical import hash_text, to_canonical

DATA = {"月": [1, None, True], "a": {"二": "党费", "b": 2.5, "A": "é\n"}}
TEXT = '{"a":{"A":"é\\n","b":2.5,"二":"党费"},"月":[1,null,true]}'


def test_data_has_one_text() -> None:
    assert to_canonical(DATA) == TEXT
    assert to_canonical(dict(reversed(DATA.items()))) == TEXT


def test_a_hash_names_the_text() -> None:
    assert hash_text(TEXT) == "38ed07621ad30cbed84f1bddaba76deae3aa57f6b1dfce623e1886981bea3eec"
    assert hash_text("公") == "9b67720a9243f02a96b1c397949875b0e0f1eefb11ae024d022042f056c70d8a"
