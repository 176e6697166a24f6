"""World databases through pymrio's parsers: a tiny imitation of each one's files."""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from handprint.accounts import ledger
from io_tables.errors import BalanceError, MissingValueError, TableFileError, UnknownTableError
from io_tables.folders import refuse_hostile
from io_tables.world import DATABASES, read_world

pymrio = pytest.importorskip("pymrio", reason="the extra mrio is not installed")

# One economy for all: two regions, two industries, two categories; rows and columns add up.
Z = np.array([[10.0, 20, 5, 0], [30, 40, 0, 10], [5, 0, 20, 30], [0, 10, 20, 40]])
Y = np.array([[50.0, 10, 5, 0], [80, 30, 10, 0], [5, 0, 30, 10], [10, 0, 100, 20]])
X = np.array([100.0, 200, 100, 200])
VA = X - Z.sum(axis=0)
CO2 = np.array([1.0, 2, 3, 4])
HOUSEHOLDS = np.array([5.0, 0, 7, 0])


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def tsv(*rows) -> str:
    return "".join("\t".join(str(c) for c in row) + "\n" for row in rows)


def zipped(folder: Path, path: Path, base: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(file, file.relative_to(base).as_posix())
    return path


def book(path: Path, **sheets) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def agrees(table, units, co2=None):
    """The economy came through whole and its ledger closes."""
    np.testing.assert_allclose(table.transactions, Z, atol=1e-9)
    np.testing.assert_allclose(table.final_demand, Y)
    np.testing.assert_allclose(table.output, X)
    assert table.units == units
    assert table.check().ok
    if co2 is not None:
        np.testing.assert_allclose(table.satellites["CO2"], CO2 * co2)
        book = ledger(table, "CO2")
        assert float(book["embodied"].sum()) == pytest.approx(co2 * 10)
    return table


# --- EXIOBASE 3 -----------------------------------------------------------------------------


def exiobase3(folder: Path) -> Path:
    """IOT_2015_ixi as it is downloaded: core, satellite accounts, parameters in JSON."""
    pairs = [(r, s) for r in ("AUS", "WA") for s in ("Farms", "Works")]
    heads = [["region", "", *(r for r, _ in pairs)], ["sector", "", *(s for _, s in pairs)]]
    cats = [(r, c) for r in ("AUS", "WA") for c in ("Households", "Investment")]
    y_heads = [["region", "", *(r for r, _ in cats)], ["category", "", *(c for _, c in cats)]]
    blank = ["region", "sector", *[""] * 4]

    def parameters(kind, name, files):
        listed = {
            key: {"name": f"{key}.txt", "nr_index_col": str(cols), "nr_header": str(head)}
            for key, (cols, head) in files.items()
        }
        return json.dumps({"systemtype": kind, "name": name, "files": listed})

    core = {"A": (2, 2), "Z": (2, 2), "Y": (2, 2), "x": (2, 1), "unit": (2, 1)}
    f_heads = [[h[0], *h[2:]] for h in heads]
    fy_heads = [[h[0], *h[2:]] for h in y_heads]
    return written(
        folder / "IOT_2015_ixi",
        {
            "A.txt": tsv(*heads, blank, *([*p, *r] for p, r in zip(pairs, Z / X, strict=True))),
            "Z.txt": tsv(*heads, blank, *([*p, *r] for p, r in zip(pairs, Z, strict=True))),
            "Y.txt": tsv(*y_heads, blank, *([*p, *r] for p, r in zip(pairs, Y, strict=True))),
            "x.txt": tsv(
                ["region", "sector", "indout"], *([*p, v] for p, v in zip(pairs, X, strict=True))
            ),
            "unit.txt": tsv(["region", "sector", "unit"], *([*p, "M.EUR"] for p in pairs)),
            "file_parameters.json": parameters("IOSystem", "IO", core),
            "metadata.json": json.dumps(
                {"description": "d", "name": "EXIOBASE", "system": "ixi", "version": "3.8",
                 "history": []}
            ),
            "satellite/F.txt": tsv(
                *f_heads, ["stressor", *[""] * 4],
                ["CO2 - combustion - air", *CO2 * 1e9 * 0.75],
                ["CO2 - non combustion - cement - air", *CO2 * 1e9 * 0.25],
            ),
            "satellite/F_Y.txt": tsv(
                *fy_heads, ["stressor", *[""] * 4],
                ["CO2 - combustion - air", *HOUSEHOLDS * 1e9],
                ["CO2 - non combustion - cement - air", 0, 0, 0, 0],
            ),
            "satellite/unit.txt": tsv(
                ["stressor", "unit"],
                ["CO2 - combustion - air", "kg"],
                ["CO2 - non combustion - cement - air", "kg"],
            ),
            "satellite/file_parameters.json": parameters(
                "Extension", "Satellite Accounts", {"F": (1, 2), "F_Y": (1, 2), "unit": (1, 1)}
            ),
        },
    )  # fmt: skip


ROWS = ["CO2 - combustion - air", "CO2 - non combustion - cement - air"]


@pytest.mark.parametrize("packed", [False, True])
def test_exiobase3(tmp_path, packed):
    path = exiobase3(tmp_path)
    if packed:
        path = zipped(path, tmp_path / "IOT_2015_ixi.zip", tmp_path)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    table = read_world(
        path, "exiobase3", satellites={"CO2": ("satellite", ROWS, "Mt")}, scope="direct"
    )
    agrees(table, "M.EUR", co2=1)
    assert table.sectors[0] == "AU:Farms"  # pymrio mends the three-letter codes
    assert table.final_demand["direct CO2"].values.tolist() == HOUSEHOLDS.tolist()
    assert table.history[0].startswith(f"{path.name}: read by pymrio")
    assert sorted(p.name for p in tmp_path.rglob("*")) == before  # nothing was written


# --- EXIOBASE 1 and 2 -----------------------------------------------------------------------


def exiobase2(folder: Path, mark: str) -> Path:
    """Coefficients and not flows: A, S per M.EUR, final demand in M.EUR."""
    pairs = [(r, s) for r in ("AT", "CN") for s in ("Farms", "Works")]
    cats = [(r, c) for r in ("AT", "CN") for c in ("Households", "Investment")]

    def heads(labels, blanks):
        return [[*[""] * blanks, *(p[i] for p in labels)] for i in (0, 1)]

    def core(values, labels, unit):
        rows = [[*p, unit, *r] for p, r in zip(pairs, values, strict=True)]
        return tsv(*heads(labels, 3), *rows)

    return written(
        folder / "mrIOT_IxI_fpa_coefficient",
        {
            f"mrIot{mark}.txt": core(Z / X, pairs, "M.EUR/M.EUR"),
            f"mrFinalDemand{mark}.txt": core(Y, cats, "M.EUR"),
            f"mrFactorInputs{mark}.txt": tsv(
                *heads(pairs, 2), ["Wages", "M.EUR/M.EUR", *VA / X * 0.75],
                ["Profits", "M.EUR/M.EUR", *VA / X * 0.25],
            ),
            f"mrEmissions{mark}.txt": tsv(
                *heads(pairs, 3), ["CO2", "air", "kg/M.EUR", *CO2 * 1e9 / X],
                ["CH4", "air", "kg/M.EUR", 0, 0, 0, 0],
            ),
            f"mrFDEmissions{mark}.txt": tsv(
                *heads(cats, 3), ["CO2", "air", "kg", *HOUSEHOLDS * 1e9],
                ["CH4", "air", "kg", 0, 0, 0, 0],
            ),
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("database", "mark", "options"),
    [("exiobase1", "", {}), ("exiobase2", "_version2.2.2", {"charact": False, "popvector": None})],
)
def test_exiobase_of_coefficients(tmp_path, database, mark, options):
    table = read_world(
        exiobase2(tmp_path, mark),
        database,
        satellites={"CO2": ("emissions", "CO2", "Mt")},
        scope="direct",
        **options,
    )
    agrees(table, "M.EUR", co2=1)
    assert "Z computed as A times x: the system had none" in table.history
    assert table.remarks == ()
    np.testing.assert_allclose(table.value_added, VA)
    assert table.primary_inputs["component"].values.tolist() == ["Wages", "Profits"]


# --- WIOD 2013 ------------------------------------------------------------------------------


def wiod(folder: Path, co2: bool = True) -> Path:
    """Sheet of one year with four header lines and columns, totals at both ends."""
    codes = [("AtB", "Agriculture", "c1"), ("P", "Private Households", "c35")]
    sectors = [(i, n, r, c) for r in ("RoW", "USA") for i, n, c in codes]
    demand = [
        ("", n, r, c) for r in ("RoW", "USA") for n, c in (("households", "c37"), ("GFCF", "c41"))
    ]
    columns = [*sectors, *demand, ("", "Total output", "TOT", "GO")]
    top = [["World Input-Output Table, 2009"], [None]]
    top += [
        [text, None, None, None, *(c[i] for c in columns)]
        for i, text in enumerate(["(industry-by-industry)", "(millions of US$)", None, None])
    ]
    body = [[*s, *z, *y, x] for s, z, y, x in zip(sectors, Z, Y, X, strict=True)]
    tail = [
        [None, "Total intermediate consumption", "TOT", "r60", *Z.sum(0), *Y.sum(0), 0],
        [None, "taxes less subsidies on products", "TOT", "r61", *VA * 0.1, 0, 0, 0, 0, 0],
        [None, "Value added at basic prices", "TOT", "r64", *VA * 0.9, 0, 0, 0, 0, 0],
        [None, "Output at basic prices", "TOT", "r69", *X, 0, 0, 0, 0, 0],
    ]
    made = folder / "wiod"
    book(made / "wiot09_row_apr12.xlsx", WIOT_2009=[*top, *body, *tail])
    if co2:
        for k, region in enumerate(("ROW", "USA")):
            rows = [["Gg", "code", "HCOAL", "TOTAL"]]
            rows += [["x", f"sec{i}", 0, 1e3 * CO2[2 * k + n]] for n, (i, _, _) in enumerate(codes)]
            rows += [["x", "FC_HH", 0, 1e3 * HOUSEHOLDS[2 * k]], ["x", "secTOT", 0, 9.0]]
            sheet = book(folder / "one.xlsx", **{"2009": rows})
            (made / "CO2_May12").mkdir(exist_ok=True)
            sheet.rename(made / "CO2_May12" / f"{region}_CO2_May12.xls")
    return made


def test_wiod(tmp_path):
    table = read_world(
        wiod(tmp_path),
        "wiod",
        year=2009,
        satellites={"CO2": ("CO2", "TOTAL", "Mt")},
        scope="direct",
    )
    agrees(table, "millions of US$", co2=1)
    assert table.sectors == ["RoW:AtB", "RoW:P", "USA:AtB", "USA:P"]
    assert table.price_basis == "basic prices 2009"
    np.testing.assert_allclose(table.value_added, VA * 0.9)
    assert float(table.households["CO2"]) == pytest.approx(12)
    missing = [r.what for r in table.remarks]
    assert any("Extension data for AIR_ not found" in what for what in missing)
    assert all(r.level == "info" for r in table.remarks)


def test_wiod_without_its_year(tmp_path):
    with pytest.raises(TableFileError, match=r"could not read it as wiod \(ParserError: No year"):
        read_world(wiod(tmp_path, co2=False), "wiod")


# --- OECD -----------------------------------------------------------------------------------


def oecd(folder: Path, style: str) -> Path:
    """One CSV a year: 2021 writes taxes by country, 2023 has one row, CN1 and MX1 are parts."""
    sectors = [f"{r}_{s}" for r in ("AUS", "CHN") for s in ("01T02", "97T98")]
    demand = [f"{r}_{c}" for r in ("AUS", "CHN") for c in ("HFCE", "GFCF")]
    z, va, y = Z, VA, Y
    if style == "2021":  # a quarter of China is told apart as a processing region
        part = np.zeros((6, 4))
        part[:4] = np.eye(4)
        part[2:4, 2:4] *= 0.75
        part[4:, 2:4] = 0.25 * np.eye(2)
        z, va, y = part @ Z @ part.T, part @ VA, part @ Y
        sectors += ["CN1_01T02", "CN1_97T98"]
        taxes = [["AUS_TAXSUB", *va * 0.06], ["CHN_TAXSUB", *va * 0.04], ["VALU", *va * 0.9]]
    else:
        taxes = [["TLS", *va * 0.1], ["VA", *va * 0.9]]
    last = {"2021": ("TOTAL", "OUTPUT"), "2023": ("OUT", "OUT")}[style]
    x = z.sum(axis=1) + y.sum(axis=1)
    rows = [["", *sectors, *demand, last[0]]]
    rows += [[s, *zr, *yr, t] for s, zr, yr, t in zip(sectors, z, y, x, strict=True)]
    rows += [[*row, 0, 0, 0, 0, 0] for row in taxes]
    rows += [[last[1], *x, 0, 0, 0, 0, 0]]
    text = "".join(",".join(str(c) for c in row) + "\n" for row in rows)
    return written(folder / f"oecd{style}", {f"ICIO{style}_2018.csv": text})


@pytest.mark.parametrize("style", ["2021", "2023"])
def test_oecd(tmp_path, style):
    table = read_world(oecd(tmp_path, style), "oecd", year=2018)
    agrees(table, "Million USD")
    assert table.sectors == ["AUS:01T02", "AUS:97T98", "CHN:01T02", "CHN:97T98"]
    np.testing.assert_allclose(table.primary_inputs.sum("component"), VA)
    assert table.remarks == ()


# --- Eora26 ---------------------------------------------------------------------------------


def eora(folder: Path, rest: float = 0.0) -> Path:
    """Unpacked year: numbers in one file, labels in another, a rest of the world at the end."""
    places = [("Australia", "AUS"), ("China", "CHN")]
    sectors = [(*p, "Industries", s) for p in places for s in ("Agriculture", "Others")]
    demand = [(*p, "Final Demand", c) for p in places for c in ("Household P.3h", "GFCF P.51")]
    row = ("Rest of World", "ROW", "Industries", "TOTAL")
    z, y = np.zeros((5, 5)), np.zeros((5, 5))
    z[:4, :4], y[:4, :4] = Z, Y
    z[4, 0], z[0, 4] = rest, rest
    co2 = np.zeros((2, 5))
    co2[0, :4] = CO2 * 1e3
    direct = np.zeros((2, 5))
    direct[0, :4] = HOUSEHOLDS * 1e3
    value = np.zeros((2, 5))
    value[:, :4] = [VA * 0.75, VA * 0.25]
    y = np.delete(y, 4, axis=1)
    y = np.column_stack([y, np.zeros(5)])
    name = "Eora26_2015_bp_"
    return written(
        folder / "eora",
        {
            f"{name}T.txt": tsv(*z),
            f"{name}FD.txt": tsv(*y),
            f"{name}VA.txt": tsv(*value),
            f"{name}Q.txt": tsv(*co2),
            f"{name}QY.txt": tsv(*direct),
            "labels_T.txt": tsv(*sectors, row),
            "labels_FD.txt": tsv(*demand, ("Rest of World", "ROW", "Final Demand", "TOTAL")),
            "labels_Q.txt": tsv(("CO2 emissions (Gg)", "Total"), ("Land (ha)", "Total")),
            "labels_VA.txt": tsv(("Primary Inputs", "Wages"), ("Primary Inputs", "Profits")),
        },
    )


def test_eora26(tmp_path):
    table = read_world(
        eora(tmp_path),
        "eora26",
        year=2015,
        satellites={"CO2": ("Q", "CO2 emissions", "Mt")},
        scope="direct",
    )
    agrees(table, "000 USD", co2=1)
    assert table.sectors[-1] == "CHN:Others"
    assert table.remarks == ()
    np.testing.assert_allclose(table.value_added, VA)


def test_eora26_drops_its_discrepancy_and_the_table_says_so(tmp_path):
    path = eora(tmp_path, rest=8.0)  # row and column ROW carry 8, which pymrio leaves out
    table = read_world(path, "eora26", year=2015)
    agrees(table, "000 USD")
    assert table.remarks == ()  # left out on both sides, so that nothing is missed
    lopsided = path / "Eora26_2015_bp_VA.txt"
    lopsided.write_text(tsv([*VA * 0.5, 0], [*VA * 0.25, 0]), encoding="utf-8")
    table = read_world(path, "eora26", year=2015)
    (remark,) = table.remarks
    assert remark.level == "warning"
    assert "inputs miss output by up to 32.5 000 USD" in remark.what
    with pytest.raises(BalanceError, match="4 problems"):
        read_world(path, "eora26", year=2015, gap="refuse")


# --- GLORIA ---------------------------------------------------------------------------------


def gloria(folder: Path) -> Path:
    """Supply and use in one matrix: industries and products by region; the supply is diagonal."""
    made = folder / "gloria"
    at = [4 * r + s for r, s in itertools.product((0, 1), (0, 1))]  # industries; products are +2
    t = np.zeros((8, 8))
    for i, j in itertools.product(range(4), range(4)):
        t[at[i] + 2, at[j]] = Z[i, j]  # use
        t[at[i], at[j] + 2] = X[i] if i == j else 0.0  # supply
    y, v, q = np.zeros((8, 4)), np.zeros((4, 8)), np.zeros((1, 8))
    y[[a + 2 for a in at]] = Y
    v[0, at[:2]], v[2, at[2:]], v[3, at[2:]] = VA[:2], VA[2:] * 0.75, VA[2:] * 0.25
    q[0, at] = CO2 * 1e3
    start, end = "20240111_120secMother_AllCountries_002_", "_2022_059_Markup001(full).csv"
    core, accounts = "GLORIA_MRIOs_59_2022/", "GLORIA_SatelliteAccounts_059_2022/"
    files = {
        f"{core}{start}T-Results{end}": t,
        f"{core}{start}Y-Results{end}": y,
        f"{core}{start}V-Results{end}": v,
        f"{accounts}{start}TQ-Results{end}": q,
        f"{accounts}{start}YQ-Results{end}": HOUSEHOLDS[None] * 1e3,
    }
    written(made, {k: pd.DataFrame(a).to_csv(header=False, index=False) for k, a in files.items()})
    book(
        made / "GLORIA_ReadMe_059.xlsx",
        Regions=[["Region_acronyms", "Region_names"], ["AUS", "Australia"], ["CHN", "China"]],
        Sectors=[["Sector_names"], ["Farms"], ["Works"]],
        **{
            "Value added and final demand": [
                ["Value_added_names", "Final_demand_names"],
                ["Compensation of employees D.1", "Household final consumption P.3h"],
                ["Net operating surplus B.2", "Gross fixed capital formation P.51"],
            ],
            "Satellites": [
                ["Sat_indicator", "Sat_head_indicator", "Sat_unit"],
                ["co2_excl_short_cycle", "Emissions", "kilotonnes"],
            ],
        },
    )
    return made


def test_gloria(tmp_path):
    path = gloria(tmp_path)
    table = read_world(
        path,
        "gloria",
        year=2022,
        satellites={"CO2": ("Q", "co2_excl_short_cycle", (1e-3, "Mt"))},
        scope="direct",
    )
    agrees(table, "‘000 US$", co2=1)
    assert table.sectors == ["AUS:Farms", "AUS:Works", "CHN:Farms", "CHN:Works"]
    assert "Z computed as A times x: the system had none" in table.history
    assert table.primary_inputs["component"].values.tolist() == [
        "Compensation of employees D.1",
        "Net operating surplus B.2",
    ]
    np.testing.assert_allclose(table.value_added, VA)


# --- refusals -------------------------------------------------------------------------------


def test_unknown_names(tmp_path):
    with pytest.raises(UnknownTableError, match="no world database 'exiobase'; did you mean"):
        read_world(tmp_path, "exiobase")
    with pytest.raises(UnknownTableError, match="no option 'yaer'; did you mean 'year'"):
        read_world(tmp_path, "oecd", yaer=2018)
    with pytest.raises(TableFileError, match="does not exist"):
        read_world(tmp_path / "nowhere", "oecd")
    for known in DATABASES.values():
        assert hasattr(pymrio, known.parser)


@pytest.mark.parametrize("database", DATABASES)
def test_an_empty_folder(tmp_path, database):
    years = {"wiod", "oecd", "eora26", "gloria"}
    options = {"year": 2015} if database in years else {}
    with pytest.raises(TableFileError, match="could not read it as"):
        read_world(tmp_path, database, **options)


def test_a_cut_table(tmp_path):
    path = exiobase3(tmp_path)
    file = path / "Z.txt"
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(MissingValueError, match="value is missing"):
        read_world(path, "exiobase3")


def test_hostile_folders(tmp_path):
    path = exiobase3(tmp_path)
    refuse_hostile(path)
    parameters = path / "file_parameters.json"
    text = parameters.read_text(encoding="utf-8")
    for name, message in {
        "Z.pkl": "a pickle is never opened",
        "../Z.txt": "leads out of the folder",
        "/etc/passwd": "leads out of the folder",
    }.items():
        parameters.write_text(text.replace("Z.txt", name), encoding="utf-8")
        with pytest.raises(TableFileError, match=message):
            read_world(path, "exiobase3")
        packed = zipped(path, tmp_path / "packed.zip", tmp_path)
        with pytest.raises(TableFileError, match=message):
            read_world(packed, "exiobase3")
    parameters.write_text("[]", encoding="utf-8")
    with pytest.raises(TableFileError, match="not a list of files"):
        read_world(path, "exiobase3")
    parameters.unlink()
    (path / "Z.PICKLE").write_bytes(b"")
    with pytest.raises(TableFileError, match="a pickle is never opened"):
        read_world(path, "exiobase3")


def test_hostile_archives(tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Z.txt", b"0" * 5_000_000)
    with pytest.raises(TableFileError, match="a zip bomb"):
        read_world(bomb, "exiobase3")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bomb.read_bytes()[:100])
    with pytest.raises(TableFileError, match="not a zip archive"):
        read_world(cut, "exiobase3")


def test_a_link_out_of_the_folder(tmp_path):
    path = exiobase3(tmp_path)
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    try:
        (path / "x2.txt").symlink_to(outside)
    except OSError:
        pytest.skip("links cannot be made here")
    with pytest.raises(TableFileError, match="leads out of the folder"):
        read_world(path, "exiobase3")
