"""The look into the zip before any library parses it: is it a plain .xlsx, small enough and free of tricks?

The reader's own zip and XML parser must see exactly what was inspected here. So anything two parsers could read
differently (several directories, names that differ only in case, prepended data, encodings) is refused.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_END_OF_DIRECTORY = b"PK\x05\x06"
_CHUNK = 1 << 20
_DECLARATION = re.compile(rb"<\?xml\s[^<>]*\?>")
_DECLARED_ENCODING = re.compile(rb"\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_MARKUP_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_PERCENT_FORMATS = ("9", "10")  # 0% and 0.00%, which every workbook has
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"


def save_again_hint() -> str:
    """What to do with a file whose make-up is refused."""
    return _("Open it in Excel or WPS, save it as a new “Excel workbook (*.xlsx)” and upload that.")


@dataclass(frozen=True)
class SheetPart:
    """A sheet as the workbook lists it: its name and the part of the zip that holds its cells."""

    name: str
    part: str


class OfficePackage:
    """An inspected .xlsx or .docx: one plain zip, small enough, without macros, other encodings or entities.

    Raises `UnreadableWorkbook` from the constructor for anything else.
    """

    required: ClassVar[frozenset[str]] = frozenset({"[Content_Types].xml"})

    def __init__(self, data: bytes) -> None:
        _refuse_other_formats(data)
        _refuse_ambiguous_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
            raise damaged() from error
        self._infos = self._zip.infolist()
        self._check_members()
        self._inflated = self._parsed = 0
        for info in self._infos:
            self._check_text(info)
        types = self.parse("[Content_Types].xml")
        if any("macroenabled" in (node.get("ContentType") or "").lower() for node in types.iter()):
            raise _macros()

    @property
    def parts(self) -> list[str]:
        """The names of the parts."""
        return [info.filename for info in self._infos]

    def blocks(self, part: str) -> Iterator[bytes]:
        """The inflated bytes of one part in blocks of up to 1 MB. Raises `UnreadableWorkbook` if it is damaged."""
        try:
            with self._zip.open(part) as stream:
                while block := stream.read(_CHUNK):
                    yield block
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            struct.error,
        ) as error:
            raise damaged() from error

    def loads_from_outside(self) -> bool:
        """Whether a part is loaded from outside the document; a link somebody may click is none."""
        return any(
            node.get("TargetMode") == "External" and not (node.get("Type") or "").endswith("/hyperlink")
            for part in self.parts
            if part.lower().endswith(".rels")
            for node in self.parse(part).iter()
        )

    def _check_members(self) -> None:
        if len(self._infos) > limits.ZIP_MEMBERS:
            raise UnreadableWorkbook(
                "too_many_parts",
                _("The file consists of %(count)d parts, more than a workbook needs.") % {"count": len(self._infos)},
                save_again_hint(),
            )
        seen: set[str] = set()
        for info in self._infos:
            name = info.filename
            if info.flag_bits & 0x1:
                raise encrypted()
            path = name.replace("\\", "/")
            if path.startswith("/") or ":" in path or ".." in path.split("/") or "\0" in path:
                raise UnreadableWorkbook(
                    "unsafe_part_name", _("The file contains a part with an unsafe name."), save_again_hint()
                )
            key = path.casefold()
            if key in seen or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise damaged()
            seen.add(key)
        if any(key.endswith("vbaproject.bin") for key in seen):
            raise _macros()
        if "xl/workbook.bin" in seen:
            raise _other_format("xlsb")
        if "mimetype" in seen:
            raise _other_format("ods")
        if not self.required <= set(self._zip.namelist()):
            raise UnreadableWorkbook(
                "not_a_workbook", _("The file is a zip archive but not an Excel workbook."), save_again_hint()
            )

    def _check_text(self, info: zipfile.ZipInfo) -> None:
        """Inflate one part, counting; refuse declarations of entities and encodings other than UTF-8 in XML parts."""
        is_xml = info.filename.lower().endswith((".xml", ".rels", ".vml"))
        tail = b""
        at_start = True
        for block in self.blocks(info.filename):
            self._inflated += len(block)
            if self._inflated > limits.INFLATED_BYTES:
                raise UnreadableWorkbook(
                    "too_large_inflated",
                    _("Unpacked, the file is larger than %(limit)d MB.") % {"limit": limits.INFLATED_BYTES >> 20},
                    _("Delete unused sheets, columns and pictures, or split the file."),
                )
            if not is_xml:
                continue
            if b"\0" in block or (at_start and not _is_utf8(block)):
                raise _unusual_encoding()
            at_start = False
            text = tail + block
            if _MARKUP_DECLARATION.search(text[:-9]):
                raise _entities()
            tail = text[-9:]
        if is_xml and _MARKUP_DECLARATION.search(tail):
            raise _entities()

    def parse(self, part: str) -> Element:
        """One small part as a tree. Raises `UnreadableWorkbook` if it is damaged, or it or all of them are large."""
        content = bytearray()
        for block in self.blocks(part):
            content += block
            self._parsed += len(block)
            if len(content) > limits.PART_BYTES or self._parsed > limits.TREE_BYTES:
                raise damaged()
        try:
            return fromstring(bytes(content), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise damaged() from error


class Package(OfficePackage):
    """An inspected .xlsx. Raises `UnreadableWorkbook` from the constructor for anything that is not a plain one."""

    required = OfficePackage.required | {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.sheets, self.shared_strings, self._styles = self._read_structure()
        self.has_external_links = any(name.lower().startswith("xl/externallinks/") for name in self.parts)

    @property
    def cell_parts(self) -> list[str]:
        """Names of every part that may be read as a sheet, whatever the workbook's list says."""
        return [name for name in self.parts if name.lower().endswith(".xml")]

    def percent_styles(self) -> frozenset[str]:
        """The numbers of the cell styles that show a number as a percentage."""
        if self._styles is None or self._zip.getinfo(self._styles).file_size > limits.PART_BYTES:
            return frozenset()
        root = self.parse(self._styles)
        space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
        formats: set[str | None] = set(_PERCENT_FORMATS)
        formats |= {
            node.get("numFmtId") for node in root.iter(f"{space}numFmt") if "%" in (node.get("formatCode") or "")
        }
        styles = root.find(f"{space}cellXfs")
        found = () if styles is None else styles.findall(f"{space}xf")
        return frozenset(str(at) for at, style in enumerate(found) if style.get("numFmtId") in formats)

    def _read_structure(self) -> tuple[list[SheetPart], str | None, str | None]:
        targets: dict[str, str] = {}
        shared_strings = styles = None
        for node in self.parse("xl/_rels/workbook.xml.rels").iter(f"{_RELATIONS}Relationship"):
            if node.get("TargetMode") == "External":
                continue
            target = (node.get("Target") or "").replace("\\", "/")
            part = target.removeprefix("/") if target.startswith(("/xl/", "xl/")) else f"xl/{target}"
            if not part.lower().endswith(".xml"):
                raise damaged()
            targets[node.get("Id") or ""] = part
            if (node.get("Type") or "").endswith("/sharedStrings"):
                shared_strings = part
            elif (node.get("Type") or "").endswith("/styles"):
                styles = part
        sheets = []
        for node in self.parse("xl/workbook.xml").iter():
            if node.tag.rpartition("}")[2] != "sheet":
                continue
            relation = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            sheets.append(SheetPart(node.get("name") or "", targets.get(relation, "")))
        if len({sheet.name for sheet in sheets}) < len(sheets):
            raise damaged()
        if len(sheets) > limits.SHEETS:
            raise UnreadableWorkbook(
                "too_many_sheets",
                _("The file has %(count)d sheets; at most %(limit)d are read.")
                % {"count": len(sheets), "limit": limits.SHEETS},
                _("Delete unused sheets."),
            )
        names = {name.replace("\\", "/").casefold(): name for name in self._zip.namelist()}
        return sheets, names.get((shared_strings or "").casefold()), names.get((styles or "").casefold())


def damaged() -> UnreadableWorkbook:
    """The refusal of a file that is cut short or broken inside."""
    return UnreadableWorkbook("damaged", _("The file is damaged or incomplete."), save_again_hint())


def encrypted() -> UnreadableWorkbook:
    """The refusal of a file protected by a password."""
    return UnreadableWorkbook(
        "encrypted", _("The file is protected by a password."), _("Remove the password in Excel and save it again.")
    )


def _macros() -> UnreadableWorkbook:
    return UnreadableWorkbook(
        "macros", _("The file contains macros."), _("Save it as an “Excel workbook (*.xlsx)” without macros.")
    )


def _other_format(name: str) -> UnreadableWorkbook:
    return UnreadableWorkbook(
        f"format_{name}",
        _("The file is in the format %(format)s, not .xlsx.") % {"format": name},
        _("Save it as an “Excel workbook (*.xlsx)”; changing the file's name is not enough."),
    )


def _unusual_encoding() -> UnreadableWorkbook:
    return UnreadableWorkbook("xml_encoding", _("The file is stored in an unusual way (not UTF-8)."), save_again_hint())


def _entities() -> UnreadableWorkbook:
    return UnreadableWorkbook(
        "entities",
        _("The file declares XML entities, which no workbook needs and which may be an attack."),
        save_again_hint(),
    )


def _is_utf8(start: bytes) -> bool:
    """Whether a part that starts so declares UTF-8 or nothing; a declaration without a near end is not believed."""
    start = start.removeprefix(b"\xef\xbb\xbf")[: limits.DECLARATION_BYTES]
    declaration = _DECLARATION.match(start)
    if declaration is None:
        return not start.startswith((b"<?xml ", b"<?xml\t", b"<?xml\n", b"<?xml\r"))
    encoding = _DECLARED_ENCODING.search(declaration[0])
    return encoding is None or encoding[1].lower() in (b"utf-8", b"utf8", b"us-ascii")


def _refuse_other_formats(data: bytes) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise encrypted()
        raise _other_format("xls")
    if data.startswith(_ZIP):
        return
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<head", b"<div")):
        raise _other_format("html")
    if b"\0" not in data[:1024]:
        raise UnreadableWorkbook(
            "text_named_xlsx",
            _("The file is plain text although its name ends in .xlsx."),
            _("Rename it to .csv, or save it as an “Excel workbook (*.xlsx)”."),
        )
    raise damaged()


def _refuse_ambiguous_directory(data: bytes) -> None:
    """One directory, at the very end, describing the file from its first byte: every zip parser then sees the same."""
    end = data.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(data) < end + 22:
        raise damaged()
    disk, _start, on_disk, total, size, offset, comment = struct.unpack("<4H2LH", data[end + 4 : end + 22])
    plain = disk == 0 and on_disk == total and end + 22 + comment == len(data) and offset + size == end
    if not plain:
        raise damaged()
