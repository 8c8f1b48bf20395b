"""Making .xlsx files by hand, so that a test can write what no honest program would."""

import io
import zipfile
from collections.abc import Iterable, Mapping

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

CONTENT_TYPES = (
    f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
ROOT_RELATIONS = (
    f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
STYLES = (
    f'{DECLARATION}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    """A sheet's XML around the given `<row>`s."""
    return f'{DECLARATION}<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts_of(sheets: Mapping[str, str], *, properties: str = "", shared: str | None = None) -> dict[str, bytes]:
    """The parts of a workbook with these sheets (name, optionally `name|hidden` → XML)."""
    listed = relations = ""
    parts = {"[Content_Types].xml": CONTENT_TYPES, "_rels/.rels": ROOT_RELATIONS, "xl/styles.xml": STYLES}
    for number, (name, xml) in enumerate(sheets.items(), 1):
        title, _, state = name.partition("|")
        hidden = f' state="{state}"' if state else ""
        listed += f'<sheet name="{title}" sheetId="{number}"{hidden} r:id="s{number}"/>'
        relations += (
            f'<Relationship Id="s{number}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = xml
    relations += f'<Relationship Id="st" Type="{_DOCUMENT}/styles" Target="styles.xml"/>'
    if shared is not None:
        relations += f'<Relationship Id="ss" Type="{_DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/>'
        parts["xl/sharedStrings.xml"] = f'{DECLARATION}<sst xmlns="{_MAIN}">{shared}</sst>'
    parts["xl/workbook.xml"] = (
        f'{DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">{properties}<sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
    )
    return {name: text.encode() for name, text in parts.items()}


def pack(parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """The parts as a zip; the same parts are the same bytes, whatever the time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def workbook(rows: str, *, before: str = "", after: str = "", properties: str = "", shared: str | None = None) -> bytes:
    """A workbook with one sheet called `S`."""
    return pack(parts_of({"S": sheet_xml(rows, before, after)}, properties=properties, shared=shared))
