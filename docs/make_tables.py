"""
Write the numbers of the method pages anew: `python docs/make_tables.py`.

Everything between `<!-- name -->` and `<!-- end -->` is made here; a test compares.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import handprint
import io_tables
from handprint.emitters import emitter_table, rebound_table
from handprint.warming import BASIS, potentials
from io_tables import IOTable

DOCS = Path(__file__).parent
ICT = ["ICM", "ICS"]
YEARS = (2007, 2012, 2017, 2018, 2020)


def china(year: int) -> IOTable:
    """The shipped table of 24 sectors."""
    return io_tables.load(f"china-{year}-cn24")


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def signed(value: float, digits: int = 1) -> str:
    """Write a change."""
    text = f"{value:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text


def by_factor(pairs: Sequence[tuple[IOTable, IOTable]], names: Sequence[str]) -> str:
    """Effects by factor, one column for each pair of tables."""
    results = [handprint.sda(*pair, split=ICT) for pair in pairs]
    rows = [
        [name, *(signed(r["total_effect"].sel(factor=name).item()) for r in results)]
        for name in results[0]["factor"].values
    ]
    rows.append(["**all sectors**", *(signed(r["change"].sum().item()) for r in results)])
    rows.append(["households", *(signed(r["households"].diff("period").item()) for r in results)])
    return markdown(["factor, Mt CO2", *names], rows)


def shipped_periods() -> str:
    """All periods between shipped tables."""
    pairs = [*pairwise(YEARS), (2017, 2020)]
    return by_factor([(china(a), china(b)) for a, b in pairs], [f"{a}-{b}" for a, b in pairs])


def orders() -> str:
    """Both methods and both forms, 2012 to 2017."""
    tables = china(2012), china(2017)
    results = [handprint.sda(*tables, split=ICT, method=m) for m in ("polar", "shapley")]
    ratio = handprint.sda(*tables, split=ICT, form="multiplicative")
    rows = []
    for name in results[0]["factor"].values:
        cells = [signed(r["total_effect"].sel(factor=name).item()) for r in results]
        rows.append([name, *cells, f"{ratio['ratio'].sel(factor=name).item():.4f}"])
    totals = [signed(r["total_effect"].sum().item()) for r in results]
    rows.append(["**all**", *totals, f"{ratio['total_ratio'].item():.4f}"])
    return markdown(["2012-2017", "polar, Mt", "Shapley, Mt", "polar, ratio"], rows)


def emitters() -> str:
    """The five emitters that changed most, 2012 to 2017."""
    result = handprint.sda(china(2012), china(2017), split=ICT)
    largest = abs(result["change"]).to_series().sort_values(ascending=False).index[:5]
    rows = [
        [name, *(signed(result["effect"].sel(factor=name, emitter=e).item()) for e in largest)]
        for name in result["factor"].values
    ]
    rows.append(["**change**", *(signed(result["change"].sel(emitter=e).item()) for e in largest)])
    return markdown(["2012-2017, Mt CO2", *largest], rows)


def paths() -> str:
    """Largest paths of 2017."""
    found = handprint.structural_paths(china(2017).domestic(), top=1000)
    rows = [
        [row.path, f"{row.value:.1f}", f"{100 * row.share:.1f}", f"{100 * row.cumulative:.1f}"]
        for row in found.head(8).itertuples()
    ]
    last = found.iloc[-1]
    rows.append(["... 1000 paths", f"{last['value']:.3f}", "", f"{100 * last['cumulative']:.1f}"])
    return markdown(["2017, domestic", "Mt CO2", "% of total", "cumulative %"], rows)


def changed_paths() -> str:
    """Paths that changed most between 2012 and 2017."""
    found = handprint.structural_paths(china(2012), top=8, difference_to=china(2017))
    rows = [
        [row.path, f"{row.before:.1f}", f"{row.after:.1f}", signed(row.value)]
        for row in found.itertuples()
    ]
    return markdown(["path, Mt CO2", "2012", "2017", "change"], rows)


def readings() -> str:
    """Readings, blocks and footprint of ICT."""
    results = [handprint.linkage(china(year).domestic(), ICT) for year in YEARS]
    rows = [
        [f"{name}, t/10^4 CNY", *(f"{1e6 * r[name].item():.3f}" for r in results)]
        for name in ("R1", "R2", "R3", "R4")
    ]
    blocks = ("internal", "mixed", "net_forward", "direct", "net_backward", "embodied")
    rows += [[f"{name}, Mt", *(f"{r[name].item():.1f}" for r in results)] for name in blocks]
    return markdown(["ICT, domestic, CO2", *YEARS], rows)


def extractions() -> str:
    """Extraction of ICT in four kinds."""
    rows = []
    for kind in ("full", "row", "column", "demand"):
        results = [handprint.extraction(china(year), ICT, kind) for year in YEARS]
        rows.append([kind, *(f"{r['extraction'].item():.1f}" for r in results)])
    return markdown(["extraction of ICT, Mt CO2", *YEARS], rows)


def sectors() -> str:
    """Linkages of some sectors in 2017."""
    table = china(2017).domestic()
    found = handprint.key_sectors(table, satellite="CO2").to_dataframe()
    found["upstreamness"] = handprint.upstreamness(table)["upstreamness"].to_series()
    rows = [
        [
            name,
            f"{row.power_of_dispersion:.2f}",
            f"{row.forward_normalised:.2f}",
            row.key,
            f"{row.upstreamness:.2f}",
            f"{1e6 * row.multiplier:.2f}",
        ]
        for name, row in found.loc[["ELE", "STE", "CHE", "CON", "ICM", "ICS", "BUS"]].iterrows()
    ]
    header = ["2017, domestic", "backward", "forward", "kind", "upstreamness", "t CO2/10^4 CNY"]
    return markdown(header, rows)


def prices() -> str:
    """A carbon price of 100 CNY/t in 2017."""
    found = handprint.price_change(china(2017).domestic(), carbon_price=100)
    rise = found["price_change"].to_series().sort_values(ascending=False)
    cells = [[name, f"{100 * value:.2f}"] for name, value in rise.head(4).items()]
    cells += [[name, f"{100 * rise[name]:.2f}"] for name in ICT]
    index = found["price_index"].to_series()
    cells += [[name, f"{100 * (index[name] - 1):.2f}"] for name in index.index]
    return markdown(["100 CNY/t, 2017", "price, %"], cells)


@cache
def outputs(page: str) -> dict[str, str]:
    """Run the code of a page and return what each block prints, by the name of its output."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found, names = {}, {}
    for code, name in re.findall(r"```python\n(.*?)```(?:\n\n<!-- ([\w-]+) -->)?", text, re.DOTALL):
        with redirect_stdout(io.StringIO()) as out:
            exec(compile(code, page, "exec"), names)
        lines = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
        found[name] = f"```text\n{lines}\n```"
    return found


def printed(page: str, name: str) -> str:
    """Output of one block of a page."""
    return outputs(page)[name]


def steel() -> tuple[IOTable, handprint.Intervention]:
    """The example of the page on the counterfactual."""
    one = handprint.Intervention("STE", 0.5, {"ELE": 0.05}, onsite=0.02, ict_input={"ICS": 0.001})
    return china(2017).domestic(), one


def example() -> str:
    """Orders, emitters and rebound of the example."""
    table, one = steel()
    result = handprint.counterfactual(table, [one], respend=0.5, budget="households")
    parts = result["effect"].sum(["emitter", "intervention"]).to_series()
    rows = [[f"{name}", signed(value, 2)] for name, value in parts.items()]
    rows.append(["**change**", signed(parts.sum(), 2)])
    by_emitter = emitter_table(result)["total"].drop("total")
    first = by_emitter.abs().sort_values(ascending=False).index[:3]
    rows += [[f"of which emitted by {name}", signed(by_emitter[name], 2)] for name in first]
    rebound = rebound_table(result).loc["re-spending", "per cent"]
    rows.append(["re-spending, % of the saving", f"{rebound:.1f}"])
    cost = result["cost_saving"].item() / 1e4
    rows.append(["cost saved, 10^8 CNY", f"{cost:.1f}"])
    return markdown(["Mt CO2", "change"], rows)


def break_even() -> str:
    """ICT that uses up a saving of five per cent, by sector."""
    table = china(2017).domestic()
    bought = handprint.technical_coefficients(table).sel(sector="ICS").to_series()
    rows = []
    for name in ("ELE", "STE", "NMM", "CHE", "TRA", "CON", "BUS"):
        one = handprint.Intervention(name, 1.0, {"ELE": 0.05}, onsite=0.05)
        result = handprint.counterfactual(table, [one], ict=["ICS"])
        cells = [result[k].item() for k in ("break_even", "break_even_with_onsite")]
        rows.append([name, *(f"{value:.4f}" for value in cells), f"{bought[name]:.4f}"])
    return markdown(["2017, domestic", "power only", "power and own fuel", "bought today"], rows)


def capital() -> str:
    """Multipliers with and without capital as an input."""
    table = china(2017)
    result = handprint.counterfactual(table, [], capital=handprint.capital_coefficients(table))
    rows = []
    for name in ("ELE", "STE", "CON", "ICM", "ICS", "BUS"):
        plain, full = (
            1e6 * result[k].sel(sector=name).item()
            for k in ("multiplier_without_capital", "multiplier")
        )
        rows.append([name, f"{plain:.2f}", f"{full:.2f}", f"{100 * (full / plain - 1):.0f}"])
    return markdown(["2017", "without", "with capital", "more, %"], rows)


def national_accounts() -> str:
    """Production and consumption of the shipped years, as if imports were made at home."""
    books = [handprint.footprint(china(year), ["CO2"]).sel(stressor="CO2") for year in YEARS]
    rows = [
        [text, *(signed(book[name].sum().item()).lstrip("+") for book in books)]
        for text, name in (
            ("produced", "produced"),
            ("- exports", "exports"),
            ("+ imports", "imports"),
            ("- not allocated", "not_allocated"),
            ("= consumed", "consumed"),
            ("households, direct", "households_region"),
        )
    ]
    return markdown(["Mt CO2", *YEARS], rows)


def warming() -> str:
    """All potentials."""
    sets = {name: potentials(name) for name in BASIS}
    rows = [[gas, *(f"{found[gas].value:g}" for found in sets.values())] for gas in sets["AR6"]]
    rows.append(["climate-carbon feedback", *(basis.split()[0] for basis in BASIS.values())])
    return markdown(["100 years", *sets], rows)


def associated(head: Sequence[str]) -> str:
    """Decompose the changes between the shipped tables, in current prices."""
    ict = handprint.load_scenario("current-policy").ict
    frame = handprint.association([china(year) for year in YEARS], ict=list(ict))
    lines = [
        "| " + " | ".join(head) + " |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for (zero, one), step in frame.groupby(["from", "to"], sort=False):
        effect = step.set_index("factor")["effect"]
        demand = effect[["demand level", "category mix", "sector mix"]].sum()
        technology = [effect[f"technology, {rows} rows"] for rows in ("ICT", "other")]
        numbers = (*technology, effect["intensity"], demand, effect.sum())
        shown = " | ".join(f"{number:,.1f}" for number in numbers)
        lines.append(f"| {zero.split('-')[1]} | {one.split('-')[1]} | {shown} |")
    return "\n".join(lines)


HALVES = ("enabled", "upstream", "footprint", "footprint_equipment", "rebound_respending")


def halves(head: Sequence[str]) -> str:
    """The top-down half of a shipped scenario in its last year, by sector model."""
    now = handprint.run("current-policy").top_down.sel(year=2030, estimate="central")
    rows = []
    for model in now["sector"].values:
        amounts = [f"{float(now[name].sel(sector=model)):,.1f}" for name in HALVES]
        equipment = float(now["ict_equipment"].sel(sector=model)) / 1e4
        rows.append([model, *amounts, f"{equipment:,.0f}"])
    return markdown(head, rows)


STEPS = ("From", "To", "ICT rows, Mt CO2", "Other rows", "Intensity", "Demand", "All")
STEPS_ZH = ("起始年", "终止年", "ICT行，Mt CO2", "其他行", "强度", "需求", "合计")
ENGLISH = ("sector model", "avoided on the boundary", "upstream of it", "ICT footprint",
           "of which equipment", "re-spending", "equipment in place")  # fmt: skip
CHINESE = ("部门模型", "边界内避免", "边界上游", "ICT足迹", "其中设备", "再消费", "在用设备")
COUNTERFACTUAL = "counterfactual.md"
BLOCKS = {
    "bridge.md": {"halves": partial(halves, ENGLISH)},
    "bridge.zh-CN.md": {"halves": partial(halves, CHINESE)},
    "comparison.md": {"association": partial(associated, STEPS)},
    "comparison.zh-CN.md": {"association": partial(associated, STEPS_ZH)},
    COUNTERFACTUAL: {
        **{
            f"printed-{name}": partial(printed, COUNTERFACTUAL, f"printed-{name}")
            for name in ("toy", "boundary", "options", "draws", "import-rules")
        },
        "example": example,
        "break-even": break_even,
        "capital": capital,
    },
    "footprint.md": {
        "printed-world": partial(printed, "footprint.md", "printed-world"),
        "printed-gases": partial(printed, "footprint.md", "printed-gases"),
        "accounts": national_accounts,
        "potentials": warming,
    },
    "linkage.md": {
        "readings": readings,
        "sectors": sectors,
        "extractions": extractions,
        "prices": prices,
    },
    "decomposition.md": {
        "periods": shipped_periods,
        "orders": orders,
        "emitters": emitters,
        "paths": paths,
        "changed-paths": changed_paths,
    },
}


def made() -> Iterator[tuple[str, str, str]]:
    """Page, name and text of every block that can be made here."""
    for page, blocks in BLOCKS.items():
        for name, function in blocks.items():
            yield page, name, function()


def main() -> None:
    """Put the blocks into the pages."""
    for page, name, text in made():
        path = DOCS / page
        old = path.read_text(encoding="utf-8")
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        new, count = re.subn(pattern, lambda m, t=text: f"{m[1]}{t}\n{m[2]}", old, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"{page}: block {name} stands there {count} times")
        path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
