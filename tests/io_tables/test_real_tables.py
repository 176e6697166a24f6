"""Every table of the data folder: read, checked, and its emissions accounted for."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from handprint.leontief import ledger
from io_tables import IOTable, read
from io_tables.errors import BalanceError

PAGE = Path(__file__).parents[2] / "docs" / "tables" / "real-tables.md"
JRC = "wiod2016_niot/jrc_co2_kt_2000_2016.csv"
AIR = "eurostat_manual_examples/germany_1995_airpol.csv"


@dataclass(frozen=True)
class Real:
    """A table: its files, how it is read, and what is known of it."""

    path: str
    n: int
    output: float
    value_added: float
    idle: int = 0
    options: dict[str, object] = field(default_factory=dict)
    companions: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Codes of the warnings of ``check()``; all else it says is information."""
    refused: str = ""
    """What reading says without ``tolerance``; empty where the table passes as it is."""

    @property
    def name(self) -> str:
        """Name of the row on the page."""
        stem = Path(self.path).stem
        folder = Path(self.path).parent.name
        variant = self.options.get("version") or self.options.get("model")
        return f"{folder}/{stem}" + (f" ({variant})" if variant else "")

    def read(self, folder: Path, **changes: object) -> IOTable:
        """Read it."""
        paths = {k: folder / v for k, v in self.companions.items()}
        return read(folder / self.path, **{**self.options, **paths, **changes})


def nbs(name: str, n: int, output: float, added: float, *warnings: str) -> Real:
    """CSV of the Bureau; totals in 100 million yuan."""
    year = {"year": int(name.split("_")[1])}
    path = f"nbs_china_io/{name}.csv"
    return Real(path, n, output * 1e4, added * 1e4, options=year, warnings=warnings)


def wiod(name: str, output: float, added: float, idle: int, *warnings: str) -> list[Real]:
    """National table of WIOD, both versions, with JRC's CO2."""
    path = f"wiod2016_niot/{name}.csv"
    more = {"companions": {"emissions": JRC}, "warnings": warnings}
    return [
        Real(path, 56, output, added, idle, {"version": version}, **more)
        for version in ("domestic", "total")
    ]


def bea(year: int, output: float, added: float) -> Real:
    """Use and make table of the BEA."""
    folder = "us_bea_summary"
    path = f"{folder}/use_producer_after_redef_{year}.csv"
    make = {"make": f"{folder}/make_after_redef_{year}.csv"}
    negative = ("flow-negative",)  # scrap and used goods, bought at negative amounts
    return Real(path, 71, output, added, 0, {"model": "D"}, make, negative)


TABLES = [
    nbs("china_2002_122", 122, 313430.5, 121858.9, "imports-exceed-use"),
    nbs("china_2005_42", 42, 546764.7, 186256.1, "imports-exceed-use"),
    nbs("china_2007_135", 135, 818859.0, 266043.8),
    nbs("china_2010_41", 41, 1252644.9, 403649.0),
    nbs("china_2012_139", 139, 1601627.1, 536800.2),
    nbs("china_2015_42", 42, 2081446.5, 680254.1),
    nbs("china_2017_149", 149, 2257733.5, 823215.7),
    nbs("china_2017_42_domestic_import", 42, 2257733.5, 823215.7),
    nbs("china_2018_153", 153, 2495498.3, 922057.2),
    nbs("china_2018_42_domestic_import", 42, 2495498.3, 922057.2),
    nbs("china_2020_153", 153, 2699027.8, 1016422.0),
    nbs("china_2020_42_domestic_import", 42, 2699027.8, 1016422.0),
    Real("nbs_china_2007_published/0101.xls", 42, 8188589619.7, 2660438110.9),
    Real("nbs_china_2007_published/0401.xls", 135, 8188589620.2, 2660438110.9),
    *wiod("CHN_2007", 10654374, 3495059, 9),
    *wiod("CHN_2012", 25593235, 8318792, 9),
    *wiod("CHN_2014", 31745104, 10283985, 9),
    *wiod("IND_2012", 3720165, 1823182, 11, "output-zero-account"),
    *wiod("IND_2014", 3983529, 1994316, 11, "output-zero-account"),
    *wiod("JPN_2012", 11351475, 5871593, 5),
    *wiod("JPN_2014", 8668734, 4437885, 5),
    *wiod("USA_2012", 28663254, 16155252, 1),
    *wiod("USA_2014", 30971024, 17348069, 1),
    Real("oecd_iot_2021ed/CHN_2007.csv", 45, 9791092.1, 3181084.6, 1),
    Real("oecd_iot_2021ed/CHN_2012.csv", 45, 23036557.6, 7720915.5, 1),
    Real("oecd_iot_2021ed/CHN_2017.csv", 45, 31022989.8, 11331684.1, 1),
    Real("oecd_iot_2021ed/CHN_2018.csv", 45, 35015787.5, 12790122.7, 1),
    bea(2012, 29232145, 16253967),
    bea(2017, 34468135, 19612108),
    Real(
        "eurostat_manual_examples/germany_1995_beutel_15_4.csv",
        6,
        3110430,
        1624160,
        options={"tolerance": 46, "emission_units": "kt"},
        companions={"emissions": AIR},
        warnings=("total-mismatch",),
        refused="row manufacturing_group: 1,079,400 is printed, the parts sum to 1,079,446",
    ),
    Real(
        "eurostat_manual_examples/netherlands_2006.csv",
        6,
        759501,
        358343,
        options={"tolerance": 1},
        warnings=("total-mismatch",),
        refused="row services_group: 435,953 is printed, the parts sum to 435,952",
    ),
    Real("textbook/miller_blair_2009_ch2_table.csv", 2, 3000, 2050),
    Real("wiod2013_world/wiot_2009_1435.npz", 1435, 114158086, 57002214, 22),
]
COEFFICIENTS = ("0102", "0103", "0201", "0202", "0301", "0302", "0303", "0402", "0403")
NO_TABLES = {
    JRC,
    AIR,
    "wiod2016_niot/jrc_sector_codes.csv",
    "nbs_china_io/mapping_8sector.csv",
    "us_bea_summary/commodity_names.csv",
    "us_bea_summary/industry_names.csv",
    "textbook/miller_blair_2009_ch2_answers.csv",
    *(f"nbs_china_2007_published/{name}.xls" for name in COEFFICIENTS),
}
OTHERS = ("ceads_china", "china_energy_coefficients", "pymrio_test_mrio")  # accounts; adapters


def readable(real: Real) -> Real:
    """Skip what needs a module that is not there."""
    if real.path.startswith("us_bea") and not importlib.util.find_spec("io_tables.supply_use"):
        pytest.skip("models of supply and use are not here")
    return real


def gaps(table: IOTable) -> tuple[float, float]:
    """Largest row and column error."""
    z, x = table.transactions.values, table.output.values
    rows = z.sum(axis=1) + table.final_demand.values.sum(axis=1) - x
    columns = z.sum(axis=0) + table.primary_inputs.values.sum(axis=0) - x
    return float(np.abs(rows).max()), float(np.abs(columns).max())


def line(real: Real, table: IOTable) -> str:
    """The row of the page."""
    row, column = gaps(table)
    idle = int((table.output.values == 0).sum())
    result = f"refused; passes with tolerance {table.tolerance:g}" if real.refused else "passes"
    result += "".join(f"; warning {code}" for code in real.warnings)
    return (
        f"| {real.name} | {len(table.sectors)} | {table.units} "
        f"| {float(table.output.sum()):,.1f} | {float(table.value_added.sum()):,.1f} "
        f"| {shown(row)} | {shown(column)} | {idle} | {result} |"
    )


def shown(gap: float) -> str:
    """Three digits; what is noise of the last bit is not told apart."""
    return f"{gap:.3g}" if gap >= 1e-3 else "< 0.001"


@pytest.fixture(scope="module")
def tables(raw_folder):
    """Tables by name, each read once."""
    read_already: dict[str, IOTable] = {}

    def table(real: Real) -> IOTable:
        if real.name not in read_already:
            read_already[real.name] = readable(real).read(raw_folder)
        return read_already[real.name]

    return table


@pytest.mark.parametrize("real", TABLES, ids=lambda real: real.name)
def test_published_numbers(real, tables):
    table = tables(real)
    assert len(table.sectors) == real.n
    rounding = 500 if table.units == "10^4 CNY" else 0.05  # READMEs print 0.1 of 10^8 CNY
    assert float(table.output.sum()) == pytest.approx(real.output, abs=rounding)
    assert float(table.value_added.sum()) == pytest.approx(real.value_added, abs=rounding)
    assert int((table.output.values == 0).sum()) == real.idle
    assert max(gaps(table)) <= table.tolerance


@pytest.mark.parametrize("real", TABLES, ids=lambda real: real.name)
def test_check_finds_what_is_documented(real, tables):
    report = tables(real).check()
    assert report.ok
    assert tuple({f.code: None for f in report.at("warning")}) == real.warnings, str(report)


@pytest.mark.parametrize("real", [r for r in TABLES if r.refused], ids=lambda real: real.name)
def test_refused_for_the_documented_reason(real, raw_folder):
    with pytest.raises(BalanceError, match=real.refused):
        real.read(raw_folder, tolerance=None)


@pytest.mark.parametrize("real", TABLES, ids=lambda real: real.name)
def test_emissions_by_producer_are_all_embodied_or_listed(real, tables):
    table = tables(real)
    if "CO2" not in table.satellites:
        account = table.output.rename("CO2").assign_attrs(units="Mt")
        table = replace(table, satellites={"CO2": account}, scope="direct")
    book = ledger(table, "CO2")
    produced = float(book["produced"].sum())
    accounted = float(book["embodied"].sum() + book["not_allocated"].sum())
    assert produced == pytest.approx(float(table.satellites["CO2"].sum()), rel=1e-12)
    assert abs(produced - accounted) <= 1e-9 * produced
    idle = book["not_allocated"].sel(reason="zero output")
    on_idle = table.satellites["CO2"].values[table.output.values == 0].sum()
    assert float(idle.sum()) == pytest.approx(float(on_idle), rel=1e-12, abs=0)


def test_emissions_on_zero_output_in_india(tables):
    india = next(r for r in TABLES if r.path.endswith("IND_2012.csv"))
    idle = ledger(tables(india), "CO2")["not_allocated"].sel(reason="zero output")
    assert float(idle.sel(sector="E37-E39")) == pytest.approx(1.97043, abs=5e-6)
    assert float(idle.sum()) == float(idle.sel(sector="E37-E39"))


@pytest.mark.parametrize("real", TABLES, ids=lambda real: real.name)
def test_the_page_has_these_numbers(real, tables):
    assert line(real, tables(real)) in PAGE.read_text(encoding="utf-8").splitlines()


def test_no_table_of_the_folder_is_left_out(raw_folder):
    known = {real.path for real in TABLES} | NO_TABLES
    known |= {path for real in TABLES for path in real.companions.values()}
    found = {
        path.relative_to(raw_folder).as_posix()
        for path in raw_folder.glob("*/*")
        if path.suffix != ".md" and path.parent.name not in OTHERS
    }
    assert found == known


def test_imports_removed_by_rule_and_by_the_bureau_differ(raw_folder):
    """METHODS: column sum of ICT in the inverse of 2017, 3.05 competitive, 2.20 domestic."""
    mapping = (raw_folder / "nbs_china_io" / "mapping_8sector.csv").read_text(encoding="utf-8")
    cells = [row.split(",")[:3] for row in mapping.splitlines()[1:]]
    sums = {}
    for name in ("china_2017_149", "china_2017_42_domestic_import"):
        table = read(raw_folder / "nbs_china_io" / f"{name}.csv", year=2017)
        eight = table.aggregate({code: sector for file, code, sector in cells if file == name})
        a = eight.transactions.values / eight.output.values
        inverse = np.linalg.inv(np.eye(8) - a)
        at = eight.sectors.index("ICT")
        sums[name] = (inverse.sum(axis=0)[at], inverse[at, eight.sectors.index("IND")], a[at, at])
    assert sums["china_2017_149"][:2] == pytest.approx((3.05, 0.083), abs=0.005)
    domestic = sums["china_2017_42_domestic_import"]
    assert domestic == pytest.approx((2.20, 0.045, 0.266), abs=0.005)
