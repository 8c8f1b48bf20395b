"""The look at the cells of a sheet before the reader builds its grid.

The reader allocates the whole rectangle of a sheet and a copy of every text, and shows error values and formulas that
were never calculated as blanks. `scan_sheet` bounds the first and finds the second. Sheets whose cells are written the
way every common program writes them are searched with regular expressions (1 s for 3 million cells); any deviation,
formula or error value sends the sheet through a full XML parser. Both err on the side of counting too much.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from django.utils.translation import gettext as _

from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.package import Package, damaged

NEVER_CALCULATED = "="

# Whatever follows a `<` ends at the next one, which XML allows in no tag: a search that ran on through thousands of
# tags without an end would begin again at each of them.
_COMMON_FORM = (
    rb'(?<=<c) r="(?:[A-Z]|[A-F][A-Z]|G[A-R])(?:[1-9]\d{0,4}|[12]\d{5})"'
    rb'(?: s="\d+")?(?: t="(?:s|n|b|str|inlineStr)")?/?>'
)
_DEVIATION = re.compile(rb"<c(?=[\s>/])(?!" + _COMMON_FORM + rb")")
_PREFIXED_CELL = re.compile(rb"<[^<>\s/]*:c[\s>/]")
_FORMULA = re.compile(rb"<(?:[^<>\s/]*:)?f[\s>/]")
_WIDE = re.compile(rb'<c r="(?:[Q-Z]|[A-Z]{2})\d+"[^<>/]*>')
_LONG = re.compile(rb'<c r="[A-Z]+(?:\d{6}|[3-9]\d{4}|2[5-9]\d{3})"[^<>/]*>')
_STYLED = re.compile(rb'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"')
_HIDDEN_ROW = re.compile(rb'<(?:[^<>\s/]*:)?row [^<>]*\bhidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:[^<>\s/]*:)?col\s[^<>]*\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:[^<>\s/]*:)?mergeCell\s[^<>]*\bref\s*=\s*["\']([^<"\']*)["\']')
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,4})\$?([0-9]{1,8})")


@dataclass
class SheetScan:
    """What the reader will not tell: `faults` maps (row, column), from 1, to `#REF!` etc. or `NEVER_CALCULATED`.

    `percentages` are the cells that show their number as a percentage.
    """

    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    percentages: set[tuple[int, int]] = field(default_factory=set)
    has_hidden_rows: bool = False
    has_hidden_columns: bool = False
    filled: int = 0


def measure_shared_strings(package: Package) -> array[int]:
    """The length in characters of every shared string."""
    lengths: array[int] = array("L")
    if package.shared_strings is None:
        return lengths
    parser = expat.ParserCreate()
    tags = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal tags
        tags += 1
        if tags > limits.ELEMENTS_PARSED:
            raise too_many_cells()
        if _local(name) == "si":
            lengths.append(0)

    def text(characters: str) -> None:
        if lengths:
            lengths[-1] += len(characters)

    parser.buffer_text = True  # not a call for every line of a text
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    _feed(parser, package.blocks(package.shared_strings))
    return lengths


def scan_sheet(package: Package, part: str, lengths: array[int], percents: frozenset[str]) -> SheetScan:
    """Refuse a sheet the reader could not hold (`UnreadableWorkbook`); report its faulty cells and what is hidden.

    `percents` are the numbers of the styles that show a percentage.
    """
    scan = SheetScan()
    longest = max(lengths, default=0)
    if not _is_common(package, part, longest, percents, scan):
        scan = SheetScan()
        _CellParser(package, part, lengths, percents, scan).run()
    return scan


def too_many_cells() -> UnreadableWorkbook:
    """The refusal of a sheet with more cells than can be held."""
    return UnreadableWorkbook(
        "too_many_cells",
        _("A sheet has more filled cells than can be read (%(rows)d rows; %(long)d columns beyond row %(long_rows)d).")
        % {"rows": limits.ROWS, "long": limits.LONG_COLUMNS, "long_rows": limits.LONG_ROWS},
        _("Delete unused rows and columns, or split the file."),
    )


def _is_common(package: Package, part: str, longest: int, percents: frozenset[str], scan: SheetScan) -> bool:
    """Search the sheet with regular expressions; False as soon as something needs the full parser."""
    marks = [f' s="{style}"'.encode() for style in percents]
    cells = filled = shared = merged = 0
    wide = long = False
    last = b""
    for text in _whole_tags(package.blocks(part)):
        if _needs_parser(text):
            return False
        cells += text.count(b"<c ")
        filled += text.count(b"<v") + text.count(b"<is")
        shared += text.count(b' t="s"')
        wide = wide or _WIDE.search(text) is not None
        long = long or _LONG.search(text) is not None
        if b"hidden" in text:
            scan.has_hidden_rows = scan.has_hidden_rows or _HIDDEN_ROW.search(text) is not None
            scan.has_hidden_columns = scan.has_hidden_columns or _HIDDEN_COLUMN.search(text) is not None
        if any(mark in text for mark in marks):
            for cell in _STYLED.finditer(text):
                if cell[2].decode() in percents and len(scan.percentages) < limits.PERCENTAGES:
                    scan.percentages.add(_position(cell[1].decode()))
        if b"mergeCell" in text:
            merged += sum(_count_merged(match[1].decode("utf-8", "replace")) for match in _MERGED.finditer(text))
        if cells > limits.CELLS or filled > limits.FILLED_CELLS or merged > limits.MERGED_CELLS or (wide and long):
            raise too_many_cells()
        last = text
    scan.filled = filled
    return shared * longest <= limits.SHARED_TEXT and (not filled or last.rstrip().endswith(b"</worksheet>"))


def _needs_parser(text: bytes) -> bool:
    """A comment or CDATA section, a formula, or a cell that is not written in the common form."""
    # One character is found ten times as fast as two: most blocks have neither of these.
    if (b"!" in text and b"<!" in text) or _DEVIATION.search(text) is not None:
        return True
    has_prefixes = b":" in text
    if has_prefixes and b":c" in text and _PREFIXED_CELL.search(text) is not None:
        return True
    return (b"<f" in text or (has_prefixes and b":f" in text)) and _FORMULA.search(text) is not None


def _whole_tags(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only in front of a `<`."""
    rest = b""
    for block in blocks:
        text = rest + block
        cut = text.rfind(b"<")
        if cut > 0:
            yield text[:cut]
            text = text[cut:]
        if len(text) > limits.RUN_BYTES:
            raise damaged()
        rest = text
    yield rest


def _count_merged(reference: str) -> int:
    """How many cells a merged range covers. Raises `UnreadableWorkbook` when no table could need so many."""
    corners = [_position(corner) for corner in reference.split(":")]
    (first_row, first_column), (last_row, last_column) = corners[0], corners[-1]
    cells = (abs(last_row - first_row) + 1) * (abs(last_column - first_column) + 1)
    if cells > limits.MERGED_CELLS:
        raise UnreadableWorkbook(
            "merged_cells",
            _("The sheet has merged cells of an impossible size (%(range)s).") % {"range": reference[:40]},
            _("Undo the merging in Excel (“Unmerge cells”) and save the file."),
        )
    return cells


def _position(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise damaged()
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _feed(parser: expat.XMLParserType, blocks: Iterator[bytes]) -> None:
    fed = 0
    try:
        for block in blocks:
            parser.Parse(block)
            fed += len(block)
            # A tag or comment without an end is read again from its beginning with every block.
            if fed - parser.CurrentByteIndex > limits.RUN_BYTES:
                raise damaged()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged() from error


class _CellParser:
    """The full parse of one sheet."""

    def __init__(
        self, package: Package, part: str, lengths: array[int], percents: frozenset[str], scan: SheetScan
    ) -> None:
        self._percents = percents
        self._blocks = package.blocks(part)
        self._lengths = lengths
        self._scan = scan
        self._row = self._column = 0
        self._tags = self._filled = self._shared = self._merged = 0
        self._wide = self._long = False
        self._type = ""
        self._has_formula = self._has_value = False
        self._value: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def run(self) -> None:
        _feed(self._parser, self._blocks)
        self._scan.filled = self._filled

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._tags += 1
        if self._tags > limits.ELEMENTS_PARSED:
            raise too_many_cells()
        local = _local(name) if ":" in name else name
        if local == "c":
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                self._row, self._column = _position(reference)
            if attributes.get("s") in self._percents and len(self._scan.percentages) < limits.PERCENTAGES:
                self._scan.percentages.add((self._row, self._column))
            self._type = attributes.get("t", "n")
            self._has_formula = self._has_value = False
            self._value = []
        elif local in ("v", "is"):
            self._count_value()
            if self._has_formula or self._type in ("e", "s"):
                self._parser.CharacterDataHandler = self._value.append
        elif local == "f":
            self._has_formula = True
        elif local == "row":
            self._row = int(attributes["r"]) if attributes.get("r", "").isdecimal() else self._row + 1
            self._column = 0
            self._scan.has_hidden_rows |= attributes.get("hidden") in ("1", "true")
        elif local == "col":
            self._scan.has_hidden_columns |= attributes.get("hidden") in ("1", "true")
        elif local == "mergeCell":
            self._merged += _count_merged(attributes.get("ref", ""))
            if self._merged > limits.MERGED_CELLS:
                raise too_many_cells()

    def _end(self, name: str) -> None:
        if name != "c" and _local(name) != "c":
            return
        self._parser.CharacterDataHandler = None
        value = "".join(self._value)
        if self._type == "e":
            self._remember(value or "#VALUE!")
        elif self._has_formula and not value and self._type != "str":
            self._remember(NEVER_CALCULATED)
        elif self._type == "s" and self._has_value:
            self._count_shared(value)

    def _count_value(self) -> None:
        self._has_value = True
        self._filled += 1
        self._wide |= self._column > limits.LONG_COLUMNS
        self._long |= self._row > limits.LONG_ROWS
        if (
            self._row > limits.ROWS
            or self._column > limits.COLUMNS
            or self._filled > limits.FILLED_CELLS
            or (self._wide and self._long)
        ):
            raise too_many_cells()

    def _count_shared(self, value: str) -> None:
        index = int(value) if value.strip().isdecimal() and len(value) < 12 else -1
        if not 0 <= index < len(self._lengths):
            raise damaged()
        self._shared += self._lengths[index]
        if self._shared > limits.SHARED_TEXT:
            raise too_many_cells()

    def _remember(self, fault: str) -> None:
        if len(self._scan.faults) < limits.FAULTY_CELLS:
            self._scan.faults[(self._row, self._column)] = fault[:20]
