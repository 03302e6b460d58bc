"""Archives and workbooks as other programs write them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape


def to_zip(files: dict[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def to_workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook as Excel writes it; a cell (45292,) is the date of that number."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    parts = [(f"r{n}", "worksheet", f"worksheets/s{n}.xml") for n in range(1, len(sheets) + 1)]
    parts.append(("styles", "styles", "styles.xml"))
    links = "".join(f'<Relationship Id="{i}" Type="{office}/{t}" Target="{f}"/>' for i, t, f in parts)
    book = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    files: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{package}">{book}</Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{links}</Relationships>',
        "xl/styles.xml": (
            f'<styleSheet {main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
        ),
    }
    for number, rows in enumerate(sheets.values(), 1):
        data = "".join(f'<row r="{n}">{write_row(n, row)}</row>' for n, row in enumerate(rows, 1))
        sheet = f"<worksheet {main}><sheetData>{data}</sheetData></worksheet>"
        files[f"xl/worksheets/s{number}.xml"] = sheet
    return to_zip(files)


def write_row(number: int, row: list[Any]) -> str:
    return "".join(write_cell(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(row))


def write_cell(place: str, cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return f'<c r="{place}" s="1"><v>{cell[0]}</v></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'
