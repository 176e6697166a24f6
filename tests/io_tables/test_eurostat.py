"""Small tables in Eurostat's style and from textbooks: by hand, and the published ones."""

from __future__ import annotations

import numpy as np
import pytest

import handprint
from io_tables import read
from io_tables.errors import (
    BalanceError,
    LabelError,
    LayoutError,
    ManifestError,
    MissingValueError,
    UnitError,
)

# Labels stand in the third column; farms make 100, works 50.
GERMAN = """\
code,title,iotables_row,farms,works,consumption_expenditure_household,inventory_change,\
export_goods_services,output_bp
a,Farms,farms,10,20,50,-5,25,100
c,Works,works,30,5,10,1,4,50
t,Domestic,total,40,25,60,-4,29,150
m,Imports,import_goods_services,5,2,7,0,0,14
d,Taxes,net_tax_production,-1,1,3,0,0,3
x,Inputs,intermediate_consumption_pp,44,28,70,-4,29,167
w,Wages,compensation_employees,30,15,,,,45
o,Taxes,net_tax_production_other,-4,1,,,,-3
k,Capital,consumption_fixed_capital,10,2,,,,12
s,Surplus,operating_surplus_net,20,4,,,,24
v,Value added,gva_bp,56,22,,,,78
p,Output,output_bp,100,50,70,-4,29,
e,Workers,employment_total,3,2,,,,5
"""
# Private consumption is that of households and of non-profit institutions.
DUTCH = """\
prod_na;farms;works;TOTAL;final_consumption_private;final_consumption_households;exports;total_use
farms;10;20;30;45;45;25;100
works;30;5;35;11;9;4;50
TOTAL;40;25;;;;;
imports;5;2;;7;7;0;
net_tax;-1;1;;3;3;0;
total_use_pp;44;28;;66;64;29;
compensation_employees;30;15;;;;;
value_added_bp;56;22;;;;;
output_bp;100;50;;;;;
"""
AIR = """\
airpol, farms, works, final_consumption_households,output_bp
CO2, 3, 5, 1, 9
CH4, 2, 0, 0, 2
Total, 5, 5, 1, 11
,,,,
"""
TEXTBOOK = "row,s1,s2,final_demand,output,final_demand_new\ns1,150,500,350,1000,600\n"
TEXTBOOK += "s2,200,100,1700,2000,1500\n"


def lines(text: str, separator: str = ",") -> list[list[str]]:
    return [line.split(separator) for line in text.splitlines()]


@pytest.fixture
def german():
    """Lines of the table, to be changed."""
    return lines(GERMAN)


def test_labels_are_found_by_content(german, write_csv):
    table = read(write_csv(german, "germany_1995.csv"))
    assert table.sectors == ["farms", "works"]
    assert table.categories == ["households", "inventories", "exports"]
    assert table.transactions.values.tolist() == [[10, 20], [30, 5]]
    assert table.price_basis == "current basic prices 1995"


def test_imports_and_product_taxes_are_no_value_added(german, write_csv):
    table = read(write_csv(german, "germany_1995.csv"))
    assert table.value_added.values.tolist() == [56, 22]
    assert table.primary_inputs.sel(component="imported inputs").values.tolist() == [5, 2]
    taxes = table.primary_inputs.sel(component="taxes less subsidies on products")
    assert taxes.values.tolist() == [-1, 1]


def test_semicolons_and_a_part_of_consumption_that_is_printed_too(write_csv):
    path = write_csv([[line] for line in DUTCH.splitlines()], "netherlands_2006.csv")
    table = read(path)
    assert table.final_demand.sel(category="households").values.tolist() == [45, 9]
    assert table.final_demand.sel(category="non-profit institutions").values.tolist() == [0, 2]
    components = table.primary_inputs["component"].values.tolist()
    assert components[:2] == ["compensation of employees", "other value added"]
    assert table.value_added.values.tolist() == [56, 22]


def test_a_slip_is_refused_and_named(german, write_csv):
    german[2][8] = "46"
    with pytest.raises(BalanceError, match="column output_bp, row works: 46 is printed") as caught:
        read(write_csv(german, "germany_1995.csv"))
    assert len(caught.value.findings) == 1


def test_a_slip_that_is_let_pass_stays_a_warning(german, write_csv):
    german[2][8] = "46"
    table = read(write_csv(german, "germany_1995.csv"), tolerance=4)
    assert table.output.values.tolist() == [100, 50]
    (warning,) = table.check().at("warning")
    assert warning.where == "column output_bp, row works"
    assert table.aggregate({"farms": "all", "works": "all"}).check().at("warning") == (warning,)


BAD = {
    "empty cell": ((1, 4, ""), MissingValueError, r"row farms \(line 2\), column works: the cell"),
    "flow": ((1, 3, "11"), BalanceError, "row total, column farms: 40 is printed, .* 41"),
    "component": ((7, 3, "31"), BalanceError, "row gva_bp, column farms: 56 is printed"),
    "row": ((8, 2, "net_tax_other"), LayoutError, "row 'net_tax_other': unknown code"),
    "column": ((0, 6, "inventories"), LayoutError, "column 'inventories': unknown code"),
    "no imports": (
        (4, 2, "employment_total"),
        LayoutError,
        "row import_goods_services: is missing",
    ),
    "padded": ((1, 2, "farms "), LabelError, "write 'farms'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_table_is_refused(case, german, write_csv):
    (i, j, text), error, message = BAD[case]
    german[i][j] = text
    with pytest.raises(error, match=message):
        read(write_csv(german, "germany_1995.csv"))


def test_emissions_by_branch(german, write_csv):
    air = write_csv(lines(AIR), "air.csv")
    table = read(write_csv(german, "germany_1995.csv"), emissions=air, emission_units="kt")
    assert set(table.satellites) == {"CO2", "CH4"}
    assert table.satellites["CO2"].values.tolist() == [3, 5]
    assert float(table.households["CO2"]) == 1
    assert table.satellites["CH4"].attrs["units"] == "kt"


def test_emissions_without_a_unit(german, write_csv):
    air = write_csv(lines(AIR), "air.csv")
    with pytest.raises(ManifestError, match="give emission_units="):
        read(write_csv(german, "germany_1995.csv"), emissions=air)


def test_germany_1995_has_a_slip_of_46(raw_folder):
    path = raw_folder / "eurostat_manual_examples" / "germany_1995_beutel_15_4.csv"
    with pytest.raises(BalanceError, match="row manufacturing_group: 1,079,400 is printed"):
        read(path)
    table = read(path, tolerance=46)
    assert float(table.output.sum()) == 3110430
    assert float(table.value_added.sum()) == 1624160
    assert len(table.check().at("warning")) == 1


def test_emissions_of_germany_1995(raw_folder):
    folder = raw_folder / "eurostat_manual_examples"
    table = read(
        folder / "germany_1995_beutel_15_4.csv",
        tolerance=46,
        emissions=folder / "germany_1995_airpol.csv",
        emission_units="kt",
    )
    assert float(table.satellites["CO2"].sum()) == 687020
    assert float(table.households["CO2"]) == 217137


def test_netherlands_2006_misses_one_million(raw_folder):
    path = raw_folder / "eurostat_manual_examples" / "netherlands_2006.csv"
    with pytest.raises(BalanceError, match=r"row services_group: 435,953 is printed.*435,952"):
        read(path)
    table = read(path, tolerance=1)
    assert float(table.final_demand.sel(category="non-profit institutions").sum()) == 2782


def test_netherlands_2006_without_private_consumption_misses_2783(raw_folder, write_csv):
    """Households alone are short by the non-profit institutions and the one million."""
    path = raw_folder / "eurostat_manual_examples" / "netherlands_2006.csv"
    rows = lines(path.read_text(encoding="utf-8"), ";")
    at = rows[0].index("final_consumption_private")
    short = write_csv([row[:at] + row[at + 1 :] for row in rows], "netherlands_2006.csv")
    with pytest.raises(BalanceError, match=r"row services_group: uses of 433,170.*by -2,783"):
        read(short)


def test_textbook(write_csv):
    table = read(write_csv(lines(TEXTBOOK), "miller_blair_2009.csv"))
    assert table.sectors == ["s1", "s2"]
    assert table.value_added.values.tolist() == [650, 1400]
    assert "Miller and Blair" in table.source


def test_textbook_of_an_unknown_book_asks_for_the_source(write_csv):
    path = write_csv(lines(TEXTBOOK), "book.csv")
    with pytest.raises(ManifestError, match="source: is missing"):
        read(path)
    assert read(path, source="by hand").source == "by hand"


def test_textbook_with_an_unknown_column_or_a_wrong_sum(write_csv):
    with pytest.raises(LayoutError, match="column 'answer': unknown code"):
        read(
            write_csv(
                lines(TEXTBOOK.replace("final_demand_new", "answer")), "miller_blair_2009.csv"
            )
        )
    with pytest.raises(BalanceError, match="row s1"):
        read(write_csv(lines(TEXTBOOK.replace("350", "351")), "miller_blair_2009.csv"))


def test_miller_and_blair(raw_folder):
    table = read(raw_folder / "textbook" / "miller_blair_2009_ch2_table.csv")
    solver = handprint.Solver(table)
    inverse = [[1.25412541, 0.330033], [0.2640264, 1.12211221]]
    assert np.abs(solver.inverse().values - inverse).max() < 3.4e-9
    assert solver.output([600, 1500]).values == pytest.approx([1247.5248, 1841.5842], abs=5e-5)


def test_blank_units_are_no_units(german, write_csv):
    with pytest.raises((UnitError, ManifestError), match="units"):
        read(write_csv(german, "germany_1995.csv"), units=" ")
