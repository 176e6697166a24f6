"""What a terminal shows: tables with ranges, and the sentences that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import xarray as xr
from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

from handprint.compare import Comparison
from handprint.headline import TOTAL
from handprint.i18n import check_language, label
from handprint.ict_path import ict_sentence
from handprint.replicate import READINGS, READINGS_ZH, TERMS_ZH, Replication
from handprint.results import Results
from handprint.wording import corners, scenario_name, sector_name

SHOWN = ("NER", "NER_star", "EI", "VEI_gross", "VEI_net", "VEI_share")


def print_headline(results: Results, lang: str = "en", console: Console | None = None) -> None:
    """
    Print NER, EI and VEI by sector with ranges, and how far the two halves agree.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    years = [int(y) for y in results.ratios.get("EI", xr.DataArray()).coords.get("year", [])]
    if not years:
        out.print(label("no_effect", lang))
        return
    for year in sorted({years[(len(years) - 1) // 2], years[-1]}):
        out.print(_headline_table(results, year, lang))
    _sentences(out, results, years[-1], lang)
    print_agreement(results, lang, out)


def _headline_table(results: Results, year: int, lang: str) -> Table:
    scenario = _title(results, lang)
    table = _table(label("headline_title", lang, scenario=scenario, year=year))
    table.add_column(label("sector", lang))
    for name in SHOWN:
        array = results.indicators[name] if name in results.indicators else results.ratios[name]
        units = "%" if name == "VEI_share" else array.attrs["units"]
        units = "F = 1" if units == "1" else units.replace("/", "/\n")
        table.add_column(f"{label(f'{name}_short', lang)}\n{units}", justify="right")
    for sector in map(str, results.indicators["sector"].values):
        if sector == TOTAL:
            table.add_section()
        cells = [_cell(results, name, sector, year) for name in SHOWN]
        table.add_row(sector_name(sector, lang), *cells, style="bold" if sector == TOTAL else None)
    return table


def print_agreement(results: Results, lang: str = "en", console: Console | None = None) -> None:
    """
    Print both halves side by side with their test.

    Parameters
    ----------
    results : Results
        One run.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    data = results.reconciled
    if not data.sizes["year"]:
        return
    year = int(data["year"].values[-1])
    now = data.sel(year=year)
    table = _table(label("agreement_title", lang, year=year))
    table.add_column(label("sector", lang))
    for name in ("bottom_up", "top_down", "reconciled", "element_test"):
        table.add_column(label(name, lang), justify="right")
    for sector in now["sector"].values:
        row = now.sel(sector=sector)
        table.add_row(
            sector_name(str(sector), lang),
            f"{float(row['bottom_up']):.1f}",
            f"{float(row['top_down']):.1f}",
            f"{float(row['estimate']):.1f} ± {float(row['sd']):.1f}" if row["blended"] else "-",
            f"{float(row['element_test']):.2f}",
        )
    out.print(table)
    for sentence in agreement_sentences(results, lang):
        out.print(sentence)


def agreement_sentences(results: Results, lang: str = "en") -> list[str]:
    """
    Say in words whether the halves agree, what is outside, and that the ledger closes.

    Parameters
    ----------
    results : Results
        A run in which levers do something.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    list of str
        Sentences.
    """
    year = int(results.reconciled["year"].values[-1])
    now = results.reconciled.sel(year=year)
    verdict = "agree" if bool(now["blended"]) else "disagree"
    if verdict == "agree" and bool(results.reconciled.get("observed", False)):
        verdict = "agree_observed"
    upstream = float(results.top_down["upstream"].sel(year=year, estimate="central").sum())
    return [
        label(
            verdict, lang, chi2=float(now["chi2"]), p=float(now["p_value"]), n=now.sizes["sector"]
        ),
        label("independence", lang),
        *_observed(results.reconciled, lang),
        label("upstream_note", lang, upstream=upstream, year=year),
        label("ledger_note", lang, gap=results.record.ledger_gap),
    ]


def _observed(data: xr.Dataset, lang: str) -> list[str]:
    """Say what each independent observation shows, and whether it is blended in."""
    if "observation" not in data.dims:
        return []
    key = "observation_blended" if bool(data["observed"]) else "observation_apart"
    title = "observation_title_zh" if lang == "zh" else "observation_title"
    parts = ("value", "sd", "implied", "residual", "estimate")
    return [
        label(
            key,
            lang,
            title=str(row[title].item()),
            year=int(row["observation_year"]),
            **{part: float(row[f"observation_{part}"]) for part in parts},
        )
        for row in (data.sel(observation=name) for name in data["observation"].values)
    ]


def print_comparison(
    comparison: Comparison, lang: str = "en", console: Console | None = None
) -> None:
    """
    Print scenarios side by side for the end year, and their sums over the years.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    years = comparison.levels["year"].values
    end = int(years[-1])
    names = ("reference", "enabled", "rebound_direct", "rebound_respending", "footprint", "NER",
             "NER_star")  # fmt: skip
    rows = {n: [_written(*spread(r, n, TOTAL, end)) for r in comparison.results] for n in names}
    out.print(_side_by_side(comparison, rows, label("comparison_title", lang, year=end), lang))
    out.print(_range_note(comparison.results[0], lang))
    sums = comparison.cumulative.sel(sector=TOTAL)
    rows = {
        n: [_written(*corners(sums[n].sel(scenario=s))) for s in comparison.scenarios]
        for n in ("enabled", "footprint", "NER", "NER_star")
    }
    title = label("cumulative_title", lang, years=f"{years[1]}-{years[-1]}")
    out.print(_side_by_side(comparison, rows, title, lang))


def _side_by_side(
    comparison: Comparison, rows: Mapping[str, Sequence[str]], title: str, lang: str
) -> Table:
    table = _table(title)
    table.add_column(label("quantity", lang))
    for result in comparison.results:
        table.add_column(scenario_name(result.scenario, lang), justify="right")
    for name, cells in rows.items():
        table.add_row(label(name, lang), *cells)
    return table


def print_replication(
    replication: Replication, lang: str = "en", console: Console | None = None
) -> None:
    """
    Print the replication of the 2021 white paper with its finding.

    Parameters
    ----------
    replication : Replication
        Two tables and a finding.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or _console()
    check_language(lang)
    emissions, growth = replication.emissions, replication.growth
    if lang == "zh":
        own = TERMS_ZH | {"services": "ICT服务业"}
        emissions = emissions.rename(index=own, columns=own)
        growth = growth.rename(index=TERMS_ZH, columns=TERMS_ZH).rename_axis("读法")
    out.print(_frame(emissions, label("replicate_emissions", lang), "{:.2f}"))
    readings = READINGS_ZH if lang == "zh" else READINGS
    out.print(_frame(growth, label("replicate_growth", lang), "{:+.1f}"))
    for name, meaning in readings.items():
        out.print(f"  {name}: {meaning}")
    out.print(replication.finding_zh if lang == "zh" else replication.finding)


def _frame(frame: pd.DataFrame, title: str, pattern: str) -> Table:
    table = _table(title)
    table.add_column(str(frame.index.name))
    for column in frame.columns:
        table.add_column(str(column), justify="right")
    for index, row in frame.iterrows():
        table.add_row(str(index), *("" if pd.isna(v) else pattern.format(v) for v in row))
    return table


def _console() -> Console:
    """Stdout; wide enough for the tables when nobody's window sets the width."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


class _Folding(Table):
    """Breaks words that are too long for a column: Chinese has no spaces to break at."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for column in self.columns:
            column.overflow = "fold"
        yield from super().__rich_console__(console, options)


def _table(title: str) -> Table:
    return _Folding(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)


def _sentences(out: Console, results: Results, year: int, lang: str) -> None:
    record, total = (
        results.record,
        results.indicators.sel(sector=TOTAL, year=year, estimate="central"),
    )
    out.print(_range_note(results, lang))
    if record.draws:
        out.print(draws_sentence(results, lang))
    avoided = float(total["actual_reduction"] + total["lesser_increase"])
    base = results.scenario.base_year
    if avoided > 0:
        share = float(total["lesser_increase"]) / avoided
        out.print(label("growth_note", lang, share=share, year=year, base=base))
    if float(total["rebound_respending"]) < 0:
        out.print(label("negative_respending", lang))
    if (sentence := ict_sentence(results, lang)) is not None:
        out.print(sentence)


def _range_note(results: Results, lang: str) -> str:
    """Say what the ranges of a run are."""
    record = results.record
    if record.draws:
        return label("quantile_note", lang, draws=record.draws, seed=record.seed)
    return label("range_note", lang)


def draws_sentence(results: Results, lang: str = "en") -> str:
    """
    Say whether the draws are enough for their quantiles.

    Parameters
    ----------
    results : Results
        A run with draws.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        With the standard error of the least sure quantile and the tolerance.
    """
    known = results.quantiles.attrs
    words = {name: known[name] for name in ("where", "error", "tolerance")}
    if known["enough"]:
        return label("draws_enough", lang, **words)
    return label("draws_few", lang, **words, needed=known["needed"])


def spread(results: Results, name: str, sector: str, year: int) -> tuple[float, float, float]:
    """
    Look up an indicator of the central run with its range: 5-95 % of the draws, or corners.

    Parameters
    ----------
    results : Results
        One run.
    name : str
        Indicator.
    sector : str
        Sector model or ``total``.
    year : int
        Year.

    Returns
    -------
    low, central, high : float
        In the indicator's unit.
    """
    array = results.indicators[name] if name in results.indicators else results.ratios[name]
    low, central, high = corners(array.sel(sector=sector, year=year))
    if name in results.quantiles:
        drawn = results.quantiles[name]
        cell = drawn.sel({str(drawn.dims[0]): sector, str(drawn.dims[1]): year})
        low, high = (float(cell.sel(quantile=q)) for q in (0.05, 0.95))
    return low, central, high


def _written(low: float, central: float, high: float) -> str:
    """Central value with its range, smaller end first, in as many digits as it deserves."""
    low, high = min(low, high), max(low, high)
    digits = 0 if max(map(abs, (low, central, high))) >= 100 else 1
    low, central, high = (round(v, digits) + 0.0 for v in (low, central, high))  # no minus zero
    if low == central == high:
        return f"{central:.{digits}f}"
    return f"{central:.{digits}f}\n{low:.{digits}f} … {high:.{digits}f}"


def _cell(results: Results, name: str, sector: str, year: int) -> str:
    """Value with its range; a dash for the ratio of a sector without footprint."""
    if name not in results.indicators and sector not in results.ratios["sector"].values:
        return "-"
    low, central, high = spread(results, name, sector, year)
    scale = 100 if name == "VEI_share" else 1
    return _written(scale * low, scale * central, scale * high)


def _title(results: Results, lang: str) -> str:
    return results.scenario.title_zh if lang == "zh" else results.scenario.name
