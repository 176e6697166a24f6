"""Small imitations of publishers' files, and the way to the real ones."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from io_tables import IOTable, from_arrays

Rows = list[list[str]]
ROOT = Path(__file__).parents[2]

# Two sectors; every sum can be done by hand. Sector 02 has an error of -3, sector 01 of 2.
NBS = """\
Code,Description,DescriptionInChinese,01,02,TIU,FU101,FU102,THC,FU103,TC,FU201,FU202,GCF,EX,TFU,IM,ERR,GO
01,Farms,农业,10,20,30,5,10,15,1,16,4,-1,3,8,27,7,2,52
02,Works,工业,30,40,70,5,10,15,2,17,20,3,23,15,55,12,-3,110
TII,Total intermediate input,中间投入合计,40,60,100,,,,,,,,,,,,,
VA001,Compensation,劳动者报酬,8,20,28,,,,,,,,,,,,,
VA002,Net taxes,生产税净额,-3,10,7,,,,,,,,,,,,,
VA003,Depreciation,固定资产折旧,2,8,10,,,,,,,,,,,,,
VA004,Surplus,营业盈余,5,12,17,,,,,,,,,,,,,
TVA,Total value added,增加值合计,12,50,62,,,,,,,,,,,,,
TI,Total inputs,总投入,52,110,162,,,,,,,,,,,,,
"""

TIDY = """\
block,row,column,value,unit
transactions,A,A,150,USD
transactions,A,B,500,USD
transactions,B,A,200,USD
transactions,B,B,100,USD
final_demand,A,households,350,USD
final_demand,B,households,1700,USD
output,output,A,1000,USD
output,output,B,2000,USD
value_added,value added,A,650,USD
value_added,value added,B,1400,USD
satellite,CO2,A,3,Mt
satellite,CO2,B,5,Mt
household,CO2,households,1,Mt
"""
TIDY_MANIFEST = {
    "name": "textbook",
    "layout": "tidy",
    "units": "USD",
    "price_basis": "current",
    "source": "Miller and Blair 2009, table 2.3",
    "scope": "direct",
}


@pytest.fixture
def nbs_rows() -> Rows:
    """A table in the layout of the National Bureau of Statistics."""
    return [line.split(",") for line in NBS.splitlines()]


@pytest.fixture
def tidy_rows() -> Rows:
    """The textbook table in the tidy layout."""
    return [line.split(",") for line in TIDY.splitlines()]


@pytest.fixture
def tidy_manifest() -> dict[str, object]:
    """What the tidy table is."""
    return dict(TIDY_MANIFEST)


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[Sequence[Sequence[str]]], Path]:
    """Writer of rows to a file."""

    def write(rows: Sequence[Sequence[str]], name: str = "table.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return path

    return write


@pytest.fixture
def textbook() -> IOTable:
    """Miller and Blair 2009, table 2.3, with invented emissions."""
    return from_arrays(
        [[150, 500], [200, 100]],
        [350, 1700],
        sectors=["A", "B"],
        categories=["households"],
        satellites={"CO2": ([3, 5], "Mt")},
        households={"CO2": (1, "Mt")},
        units="USD",
        price_basis="current",
        source="Miller and Blair 2009, table 2.3",
        scope="direct",
    )


@pytest.fixture
def open_document(tmp_path: Path) -> Callable[[str], Path]:
    """Writer of a sheet in OpenDocument, from the XML of its rows."""

    def write(rows: str) -> Path:
        base = "urn:oasis:names:tc:opendocument:xmlns"
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        spaces = " ".join(f'xmlns:{n}="{base}:{n}:1.0"' for n in ("office", "table", "text"))
        path = tmp_path / "t.ods"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("mimetype", kind)
            made.writestr(
                "META-INF/manifest.xml",
                f'<manifest:manifest xmlns:manifest="{base}:manifest:1.0"><manifest:file-entry '
                f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
            )
            made.writestr(
                "content.xml",
                f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink">'
                f'<office:body><office:spreadsheet><table:table table:name="S">{rows}'
                "</table:table></office:spreadsheet></office:body></office:document-content>",
            )
        return path

    return write


@pytest.fixture(scope="session")
def raw_folder() -> Path:
    """Folder of the publishers' files: HANDPRINT_SHARED, or ../shared/data beside the project."""
    folder = Path(os.environ.get("HANDPRINT_SHARED", ROOT.parent / "shared" / "data"))
    if not (folder / "nbs_china_io").is_dir():
        pytest.skip(f"publishers' files are not at {folder}: set HANDPRINT_SHARED")
    return folder
