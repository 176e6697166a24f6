"""
Write the numbers of the pages on back-casts anew: `python docs/make_backcast.py`.

Everything between `<!-- name -->` and `<!-- end -->` is made here, in English and Chinese; a test
compares.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import xarray as xr

import handprint
from handprint.backcast import INTENSITY, STRUCTURE
from handprint.i18n import label

DOCS = Path(__file__).parent
PAGES = {"en": "backcast.md", "zh": "backcast.zh-CN.md"}
PAIRS = ((2017, 2018), (2018, 2020), (2017, 2020), (2012, 2017), (2012, 2020))
SPANS = ((2017, 2018), (2017, 2020), (2012, 2017))  # one, three and five years
MEASURES = (
    "output_total_error", "output_wape", "output_mix_error", "transactions_stpe",
    "emissions_total_error", "emissions_wape", "emissions_mix_error",
)  # fmt: skip
USED = "categories"  # what the drivers of a scenario state
WORDS = {
    "pair": ("{}-{}", "{}—{}年"),
    "ladder": ("{}-{}, %", "{}—{}年，%"),
    "pairs": ("%, final demand by category known", "%，已知分类最终需求"),
    "stpe_margins": ("flows, STPE, sums known", "中间流量STPE，已知行列和"),
    "wape_intensity": ("emissions, WAPE, intensities known too", "排放加权误差，另已知排放强度"),
    "base": ("{}-{}, old intensities", "{}—{}年，旧强度"),
    "actual": ("{}-{}, known intensities", "{}—{}年，已知强度"),
    "wape": ("emissions, WAPE, %", "排放加权误差，%"),
    "emitter": ("emitter", "排放部门"),
    "share": ("share of emissions {}, %", "{}年排放占比，%"),
    "error": ("error {}-{}, %", "{}—{}年误差，%"),
    "scaled": ("the same, total right, %", "合计校正后，%"),
    "deviation": ("emissions, weighted deviation, total right", "排放加权偏差，合计校正后"),
    "all": ("**weighted deviation, all**", "**全部部门加权偏差**"),
}
"""What stands in heads and first columns, in English and Chinese."""


@cache
def tables() -> ModuleType:
    """Read the script of the method pages, whose tables and formats serve here too."""
    spec = importlib.util.spec_from_file_location("make_tables", DOCS / "make_tables.py")
    if spec is None or spec.loader is None:
        raise SystemExit("docs/make_tables.py is not beside this script")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def word(key: str, lang: str, *values: object) -> str:
    """Text of this script in one language."""
    return WORDS[key][lang == "zh"].format(*values)


def name_of(key: str, lang: str) -> str:
    """Text of the command line on one line."""
    return label(key, lang).replace("\n", " " if lang == "en" else "")


@cache
def ladder(year0: int, year1: int, known: tuple[str, ...] | None = None) -> xr.Dataset:
    """One back-cast of shipped tables."""
    base, actual = (tables().china(year) for year in (year0, year1))
    return handprint.backcast(base, actual, known=known)


def percent(found: xr.Dataset, name: str, rung: str) -> str:
    """One error in one digit, with its sign where it has one."""
    value = float(found[name].sel(rung=rung))
    return str(tables().signed(value)) if name.endswith("total_error") else f"{value:.1f}"


def rungs(year0: int, year1: int, lang: str) -> str:
    """All errors of one pair of years, by rung."""
    found = ladder(year0, year1)
    header = [
        word("ladder", lang, year0, year1),
        *(name_of(f"backcast_{m}", lang) for m in MEASURES),
    ]
    rows = [
        [name_of(f"rung_{rung}", lang), *(percent(found, m, rung) for m in MEASURES)]
        for rung in found["rung"].values.tolist()
    ]
    return str(tables().markdown(header, rows))


def by_pair(found: Sequence[tuple[xr.Dataset, xr.Dataset]], names: Sequence[str], lang: str) -> str:
    """Errors of several pairs of years at the rung of a scenario, and what known sums leave."""
    rows = [
        [name_of(f"backcast_{m}", lang), *(percent(one, m, USED) for one, _ in found)]
        for m in MEASURES
    ]
    apart = [deviation(total_right(one), one["emissions_actual"]) for one, _ in found]
    rows.append([word("deviation", lang), *(f"{value:.1f}" for value in apart)])
    known = [percent(one, "transactions_stpe", STRUCTURE[-1]) for one, _ in found]
    rows.append([word("stpe_margins", lang), *known])
    known = [percent(one, "emissions_wape", INTENSITY) for _, one in found]
    rows.append([word("wape_intensity", lang), *known])
    return str(tables().markdown([word("pairs", lang), *names], rows))


def pairs(lang: str) -> str:
    """Errors of all pairs of shipped tables."""
    found = [(ladder(*pair), ladder(*pair, (USED, INTENSITY))) for pair in PAIRS]
    return by_pair(found, [word("pair", lang, *pair) for pair in PAIRS], lang)


def long_ago(lang: str) -> str:
    """Errors from 2007 on, over five and ten years."""
    names = [(2007, 2012), (2007, 2017)]
    found = [(ladder(*pair), ladder(*pair, (USED, INTENSITY))) for pair in names]
    return by_pair(found, [word("pair", lang, *pair) for pair in names], lang)


def intensity(lang: str) -> str:
    """Error of emissions with old and with known intensities, whatever else is known."""
    header = [word("wape", lang), *(word(k, lang, *p) for p in SPANS for k in ("base", "actual"))]
    rows = []
    for rung in ("growth", *STRUCTURE):
        cells = []
        for pair in SPANS:
            before = () if rung == "growth" else STRUCTURE[: STRUCTURE.index(rung) + 1]
            both = ladder(*pair, (*before, INTENSITY))["emissions_wape"]
            cells += [f"{abs(float(both.sel(rung=r))):.1f}" for r in (rung, INTENSITY)]
        rows.append([name_of(f"rung_{rung}", lang), *cells])
    return str(tables().markdown(header, rows))


def deviation(error: xr.DataArray, weight: xr.DataArray) -> float:
    """Root of the mean squared error of sectors, weighted by their emissions."""
    return float(np.sqrt((error**2 * weight).sum() / weight.sum()))


def total_right(found: xr.Dataset) -> xr.DataArray:
    """Errors of emissions by sector at the rung of a scenario after scaling to the right total."""
    used = found.sel(rung=USED)
    level = 1 + used["emissions_total_error"] / 100
    return 100 * ((1 + used["emissions_error"] / 100) / level - 1)


def emitters(lang: str) -> str:
    """Errors of the largest emitters at the rung of a scenario, as they are and total right."""
    shown = [ladder(*pair) for pair in SPANS]
    errors, header = [], [word("emitter", lang), word("share", lang, 2020)]
    for found, pair in zip(shown, SPANS, strict=True):
        errors += [found["emissions_error"].sel(rung=USED), total_right(found)]
        header += [word("error", lang, *pair), word("scaled", lang)]
    weight = shown[1]["emissions_actual"]
    largest = weight.to_series().sort_values(ascending=False).index[:8]
    signed = tables().signed
    rows = [
        [
            sector,
            f"{100 * float(weight.sel(sector=sector) / weight.sum()):.1f}",
            *(signed(float(error.sel(sector=sector))) for error in errors),
        ]
        for sector in largest
    ]
    spread = [
        f"{deviation(e, shown[k // 2]['emissions_actual']):.1f}" for k, e in enumerate(errors)
    ]
    rows.append([word("all", lang), "100.0", *spread])
    return str(tables().markdown(header, rows))


BLOCKS: dict[str, Callable[[str], str]] = {
    "one-year": lambda lang: rungs(2017, 2018, lang),
    "three-years": lambda lang: rungs(2017, 2020, lang),
    "five-years": lambda lang: rungs(2012, 2017, lang),
    "pairs": pairs,
    "2007": long_ago,
    "intensity": intensity,
    "emitters": emitters,
}


def made() -> Iterator[tuple[str, str, str]]:
    """Page, name and text of every block that can be made here."""
    for lang, page in PAGES.items():
        for name, function in BLOCKS.items():
            yield page, name, function(lang)


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
