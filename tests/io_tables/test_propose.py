"""Unknown sheets: what they hold is recognised by content, verified by sums, and said."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest

import io_tables
from handprint.cli import main
from io_tables import propose, read
from io_tables.errors import LayoutError, ManifestError, TableFileError
from io_tables.vocabulary import prices_in, units_in

from .conftest import NBS
from .test_wide import MANIFEST, SHEET, WIDE

REAL = {
    "nbs": ("nbs_china_io/china_2020_153.csv", {"year": 2020}),
    "nbs errors": ("nbs_china_io/china_2012_139.csv", {"year": 2012}),
    "nbs domestic": ("nbs_china_io/china_2017_42_domestic_import.csv", {"year": 2017}),
    "nbs workbook": ("nbs_china_2007_published/0101.xls", {}),
    "nbs large workbook": ("nbs_china_2007_published/0401.xls", {}),
    "wiod": ("wiod2016_niot/CHN_2012.csv", {}),
    "oecd": ("oecd_iot_2021ed/CHN_2012.csv", {}),
    "germany": ("eurostat_manual_examples/germany_1995_beutel_15_4.csv", {"tolerance": 46}),
    "textbook": ("textbook/miller_blair_2009_ch2_table.csv", {}),
}


@pytest.mark.parametrize("case", REAL)
def test_real_files_by_content_alone(raw_folder, case):
    """Without the publishers' readers the same numbers come out as with them."""
    name, options = REAL[case]
    path = raw_folder / name
    known = read(path, **options)
    proposal = propose(path, publishers=False)
    assert proposal.ok, proposal.text()
    assert proposal.manifest["layout"] == "wide"
    found = read(path, manifest=proposal.manifest)
    assert found.sectors == known.sectors
    np.testing.assert_array_equal(found.transactions.values, known.transactions.values)
    slip = options.get("tolerance", 1e-9)
    demand = found.final_demand.values.sum(axis=1) - known.final_demand.values.sum(axis=1)
    assert np.abs(demand).max() <= max(slip, 1e-6)
    assert np.abs(found.output.values - known.output.values).max() <= max(slip, 1)


@pytest.mark.parametrize("case", REAL)
def test_real_files_by_their_publishers(raw_folder, case):
    name, _ = REAL[case]
    proposal = propose(raw_folder / name)
    assert proposal.ok, proposal.text()
    assert proposal.manifest["layout"] != "wide"
    told = {"source": "s", "price_basis": "p", "units": "u"}
    missing = {key: told[key] for key in proposal.missing}
    assert read(raw_folder / name, manifest={**proposal.manifest, **missing}).sectors


def test_the_workbook_says_unit_year_and_prices(raw_folder):
    proposal = propose(raw_folder / "nbs_china_2007_published" / "0101.xls", publishers=False)
    told = proposal.manifest
    assert (told["units"], told["year"]) == ("10^4 CNY", 2007)
    assert told["price_basis"] == "current producers' prices 2007"
    assert proposal.missing == ("source",)
    assert told["wide"]["imports_sign"] == "positive"
    assert (told["wide"]["errors"], told["wide"]["title_zh"]) == ("ERR", "B")


def test_a_published_slip_is_shown(raw_folder):
    path = raw_folder / "eurostat_manual_examples" / "germany_1995_beutel_15_4.csv"
    text = propose(path, publishers=False).text()
    assert "output: differs [column Q] (not read: manufacturing_group 1,079,400 against" in text
    assert "? tolerance: 46" in propose(path).text()


@pytest.fixture
def made(tmp_path):
    """Table with bilingual headings, subtotals, Chinese names and a title; sums by hand."""
    rng = np.random.default_rng(3)
    n = 6
    z = rng.integers(1, 50, (n, n)).astype(float)
    rural, urban, gov, capital, stock, out_ = rng.integers(1, 60, (6, n)).astype(float)
    imports, error = rng.integers(1, 20, n).astype(float), rng.integers(-3, 4, n).astype(float)
    x = z.sum(1) + rural + urban + gov + capital + stock + out_ - imports + error
    names = ["农业", "煤炭", "钢铁", "电力", "电子设备制造业", "信息服务业"]
    finals = [rural, urban, gov, capital, stock, out_]
    columns = ["农村居民消费", "城镇居民消费", "政府消费", "固定资本形成总额", "存货增加", "出口"]
    head = [
        ["2018年某省投入产出表（按当年生产者价格计算）"],
        ["单位：万元"],
        ["", "", *names, "中间使用合计", *columns, "最终使用合计", "进口", "误差", "总产出"],
    ]
    body = []
    for i in range(n):
        use = [f[i] for f in finals]
        line = [*z[i], z[i].sum(), *use, sum(use), imports[i], error[i], x[i]]
        body.append([f"{i + 1:02d}", names[i], *line])
    added = x - z.sum(0)
    parts = [np.floor(added * s) for s in (0.5, 0.1, 0.2)]
    parts.append(added - np.sum(parts, axis=0))
    foot = [["", "中间投入合计", *z.sum(0)]]
    labels = ["劳动者报酬", "生产税净额", "固定资产折旧", "营业盈余"]
    foot += [["", label, *part] for label, part in zip(labels, parts, strict=True)]
    foot += [["", "增加值合计", *added], ["", "总投入", *x]]
    rows = [row + [""] * (len(body[0]) - len(row)) for row in [*head, *body, *foot]]
    return rows, z, x, imports


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_provincial_sheet(tmp_path, made, suffix):
    rows, z, x, imports = made
    path = tmp_path / f"table{suffix}"
    if suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        pd.DataFrame(rows).to_excel(path, header=False, index=False)
    proposal = propose(path)
    assert proposal.ok, proposal.text()
    assert proposal.missing == ("source",)
    assert proposal.manifest["units"] == "10^4 CNY"
    assert proposal.manifest["year"] == 2018
    wide = proposal.manifest["wide"]
    assert wide["transactions"] == "C4:H9"
    assert wide["final_demand"]["农村居民消费"] == "rural households"
    assert wide["value_added"]["营业盈余"] == "operating surplus"
    assert wide["total_columns"]["最终使用合计"] == [
        "农村居民消费", "城镇居民消费", "政府消费", "固定资本形成总额", "存货增加", "出口"
    ]  # fmt: skip
    proposal.write(path.with_suffix(".toml"))
    with pytest.raises(ManifestError, match="source"):
        read(path)
    table = read(path, source="statistics office")
    np.testing.assert_array_equal(table.transactions.values, z)
    np.testing.assert_array_equal(table.output.values, x)
    np.testing.assert_array_equal(table.final_demand.sel(category="imports").values, -imports)
    assert table.check().ok


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sign_of_imports_is_the_one_that_closes(tmp_path, sign):
    z = np.array([[10.0, 20.0], [15.0, 25.0]])
    use, imports = np.array([100.0, 90.0]), np.array([7.0, 3.0])
    x = z.sum(1) + use - imports
    rows = [["", "a", "b", "use", "foreign", "output"]]
    rows += [[s, *z[i], use[i], sign * imports[i], x[i]] for i, s in enumerate("ab")]
    rows += [["value added", *(x - z.sum(0))], ["total input", *x]]
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    wide = propose(path).manifest["wide"]
    if sign > 0:  # subtracted, so it is imports, whatever it is called
        assert (wide["imports"], wide["imports_sign"]) == ("foreign", "positive")
    else:
        assert "foreign" in wide["final_demand"]


def test_the_textbook_sheet(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(SHEET)
    proposal = propose(path)
    assert proposal.ok, proposal.text()
    table = read(path, manifest={**proposal.manifest, "source": "s", "price_basis": "p"})
    known = read(path, manifest={**MANIFEST, "wide": WIDE})
    np.testing.assert_array_equal(table.transactions.values, known.transactions.values)
    np.testing.assert_array_equal(table.output.values, known.output.values)
    assert "account: CO2 [line 10] (not read: say [wide.satellites]" in proposal.text()


def test_decimal_commas_and_regions(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(";a;b;use\na;1,5;2,5;3,5\nb;4,5;5,5;6,5\n", encoding="utf-8")
    assert propose(path).manifest["wide"]["decimal"] == ","
    path.write_text("\t\tr1\tr1\tr2\tr2\n\t\ta\tb\ta\tb\n" + "".join(
        f"{r}\t{s}\t1\t2\t3\t4\n" for r in ("r1", "r2") for s in "ab"))  # fmt: skip
    wide = propose(path).manifest["wide"]
    assert (wide["header"], wide["labels"], wide["regions"]) == ([1, 2], ["A", "B"], True)


def test_largest_sheet_is_taken(tmp_path):
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame().to_excel(book, sheet_name="empty")
        pd.DataFrame([["notes"]]).to_excel(book, sheet_name="notes", header=False, index=False)
        frame = pd.DataFrame(SHEET).replace("", None)
        frame.to_excel(book, sheet_name="table", header=False, index=False)
    proposal = propose(path)
    assert proposal.sheet == "table"
    assert read(path, manifest={**proposal.manifest, "source": "s", "price_basis": "p"}).sectors
    assert propose(path, sheet="table").manifest["sheet"] == "table"


def test_nothing_is_recognised(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(LayoutError, match="no labels stand both in a line and in a column"):
        propose(path)


def test_what_does_not_close_is_said(tmp_path):
    rows = [list(row) for row in SHEET]
    rows[3][8] = rows[8][2] = 999
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    proposal = propose(path)
    assert not proposal.ok
    assert "? rows: miss output by up to" in proposal.text()
    assert "reads not yet" in proposal.outcome


@pytest.mark.parametrize(
    ("text", "unit"),
    [("单位：万元", "10^4 CNY"), ("(亿元)", "10^8 CNY"), ("百万元", "10^6 CNY"),
     ("million US dollars", "10^6 USD"), ("Mio. EUR", None), ("US$ billion", "10^9 USD"),
     ("10,000 yuan", "10^4 CNY"), ("Farms", None)],
)  # fmt: skip
def test_units(text, unit):
    found = units_in([text])
    assert (found and found[0]) == unit


def test_constant_prices_are_not_current():
    assert prices_in(["2015年不变价 生产者价格"], 2018) is None
    assert prices_in(["basic prices, current"], None)[0] == "current basic prices"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(["tables", *map(str, arguments)])
    out = capsys.readouterr()
    return caught.value.code, out.out, out.err


def test_import_writes_a_manifest(tmp_path, capsys, made):
    path = tmp_path / "table.xlsx"
    pd.DataFrame(made[0]).to_excel(path, header=False, index=False)
    code, out, _ = run(capsys, "import", path)
    assert code == 0
    assert "+ sectors: 6 [C4:H9]" in out
    assert "- source: not in the sheet" in out
    text = (tmp_path / "table.toml").read_text(encoding="utf-8")
    assert 'source = ""  # fill in: publisher and table' in text
    assert "# sure: units: 10^4 CNY (stated: 单位：万元)" in text
    code, _, err = run(capsys, "import", path)
    assert code == 1
    assert "--force" in err
    code, out, _ = run(capsys, "import", path, "--force", "--json", "-o", tmp_path / "m.toml")
    told = json.loads(out)
    assert (code, told["ok"], told["missing"]) == (0, True, ["source"])
    assert told["written"].endswith("m.toml")
    (tmp_path / "table.toml").write_text(text.replace('source = ""', 'source = "office"'))
    assert read(path).source == "office"
    assert run(capsys, "check", path)[0] == 0


def test_import_of_what_does_not_exist(tmp_path, capsys):
    code, _, err = run(capsys, "import", tmp_path / "no.csv")
    assert code == 4
    assert "does not exist" in err
    assert list(tmp_path.iterdir()) == []


def test_import_other_encoding(tmp_path, capsys, made):
    path = tmp_path / "t.csv"
    text = "\n".join(",".join(map(str, row)) for row in made[0])
    path.write_bytes(text.encode("gb18030"))
    code, _, err = run(capsys, "import", path)
    assert code == 4
    assert "encoding='gb18030'" in err
    assert run(capsys, "import", path, "--encoding", "gb18030")[0] == 0
    assert read(path, source="s").sectors[0] == "农业"


def test_import_known_layout(tmp_path, capsys):
    path = tmp_path / "table_2012.csv"
    path.write_text(NBS, encoding="utf-8")
    code, out, _ = run(capsys, "import", path)
    assert (code, "layout: nbs" in out) == (0, True)
    assert read(path).price_basis == "current producers' prices 2012"


def test_aggregate(tmp_path, capsys):
    out = tmp_path / "a.csv"
    assert run(capsys, "aggregate", "china-2017-cn24", "--to", "cn8", "-o", out)[0] == 0
    table = read(out)
    assert table.sectors == io_tables.load("china-2017-cn8").sectors
    assert run(capsys, "aggregate", "china-2017-cn24", "--to", "cn8", "-o", out)[0] == 1
    mapping = tmp_path / "map.csv"
    codes = table.sectors
    lines = ["sector,target", *(f"{c},{'all' if c != 'ICT' else 'ICT'}" for c in codes)]
    mapping.write_text("\n".join(lines) + "\n")
    two = tmp_path / "two.csv"
    assert run(capsys, "aggregate", out, "--to", mapping, "-o", two)[0] == 0
    assert sorted(read(two).sectors) == ["ICT", "all"]
    code, _, err = run(capsys, "aggregate", "china-2017-cn24", "--to", "cn9", "-o", two, "--force")
    assert code == 3
    assert "cn8" in err


def test_proposal_never_overwrites(tmp_path):
    path = tmp_path / "table_2012.csv"
    path.write_text(NBS, encoding="utf-8")
    proposal = propose(path)
    proposal.write(tmp_path / "t.toml")
    with pytest.raises(TableFileError, match="exists"):
        proposal.write(tmp_path / "t.toml")
    proposal.write(tmp_path / "t.toml", force=True)
