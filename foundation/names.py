"""Names of people: one spelling each, and their pinyin for sorting and finding."""

import re

from pypinyin import Style, lazy_pinyin

from foundation.normal_forms import normalise

_DOTS = dict.fromkeys(map(ord, "•‧∙⋅・･᛫●"), "·")
_HAN = r"㐀-䶿一-鿿豈-﫿〇\U00020000-\U000323AF"
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}·]) | (?=[{_HAN}·])")  # one: blanks in a row are one by then
_DOT_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])[.．。](?=[{_HAN}])")

# Only the readings the library gets wrong in surnames.
_COMPOUND_SURNAMES = {
    "乐正": "yue zheng",
}  # fmt: skip
_SURNAMES = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "盖": "ge", "区": "ou", "查": "zha",
    "朴": "piao", "乐": "yue", "缪": "miao", "召": "shao", "员": "yun", "贠": "yun",
    "种": "chong", "秘": "bi", "翟": "zhai", "覃": "qin", "能": "nai", "祭": "zhai",
    "繁": "po", "洗": "xian", "都": "du", "隗": "wei", "句": "gou", "卜": "bu", "阚": "kan",
    "长": "chang", "郇": "xun",
}  # fmt: skip


def normalise_name(text: str) -> str:
    """One spelling of a name: no spaces in Chinese ones, `·` (U+00B7) for every dot, single spaces in Latin ones."""
    name = normalise("NFC", text).translate(_DOTS)
    name = _DOT_BETWEEN_HAN.sub("·", " ".join(name.split()))
    return _SPACE_BESIDE_HAN.sub("", name)


def name_pinyin(name: str) -> str:
    """Pinyin without tones, one word per character: 曾国华 → `zeng guo hua`. Surnames are read as surnames are."""
    return " ".join(_syllables(name))


def name_initials(name: str) -> str:
    """First letters of the pinyin: 曾国华 → `zgh`."""
    return "".join(syllable[0] for syllable in _syllables(name) if syllable)


def _syllables(name: str) -> list[str]:
    surname, given = "", name
    if name[:2] in _COMPOUND_SURNAMES and len(name) > 2:
        surname, given = _COMPOUND_SURNAMES[name[:2]], name[2:]
    elif name[:1] in _SURNAMES and "·" not in name:
        surname, given = _SURNAMES[name[:1]], name[1:]
    read = lazy_pinyin(given, style=Style.NORMAL)
    return [part for part in (*surname.split(), *" ".join(read).lower().replace("·", " ").split()) if part]
