"""One folder with all that a comparison gives: tables, figures, workbook and runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from handprint.compare import Comparison
from handprint.differences import difference_table, factor_table, path_table
from handprint.export.page import main_result, page
from handprint.export.workbook import workbook
from handprint.i18n import check_language
from handprint.ict_path import ict_table
from handprint.paired import difference_quantile_table, difference_quantiles
from handprint.plots import comparison_figure, save_figure, waterfall_figure, wedges_figure
from handprint.results import FILES, fresh, write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RANGES = "difference-quantiles.csv"


def write_comparison(
    comparison: Comparison, folder: Path | str, *, lang: str = "en", force: bool = False
) -> list[Path]:
    """
    Write page, workbook, summary, tables of differences, three figures and a folder for each run.

    Parameters
    ----------
    comparison : Comparison
        Two runs or more.
    folder : path
        Made if needed.
    lang : {"en", "zh"}
        Language of figures and workbook.
    force : bool
        Whether files of an earlier run may be replaced.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    OutputExistsError
        If a file exists and ``force`` is not set; nothing is written then.
    """
    check_language(lang)
    folder = Path(folder)
    shown = main_result(comparison)
    figures: dict[Path, Callable[[], Figure]] = {
        folder / "waterfall.png": lambda: waterfall_figure(shown, lang=lang),
        folder / "wedges.png": lambda: wedges_figure(shown, lang=lang),
        folder / "comparison.png": lambda: comparison_figure(comparison, lang=lang),
    }
    book, summary, report = (folder / n for n in ("handprint.xlsx", "summary.csv", "page.html"))
    runs = {r.scenario.name: folder / "runs" / r.scenario.name for r in comparison.results}
    inner = [f / name for f in runs.values() for name in FILES]
    tables: dict[Path, Callable[[], pd.DataFrame]] = {
        folder / "differences.csv": lambda: difference_table(comparison),
        folder / "differences-cumulative.csv": lambda: difference_table(
            comparison, cumulative=True
        ),
        folder / "factors.csv": lambda: factor_table(comparison),
        folder / "paths.csv": lambda: path_table(comparison),
        folder / "ict.csv": lambda: ict_table(comparison.results),
    }
    if comparison.drawn_alike:
        tables[folder / RANGES] = lambda: difference_quantile_table(
            difference_quantiles(comparison)
        )
    fresh(book, summary, report, *tables, *figures, *inner, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    for result in comparison.results:
        result.save(runs[result.scenario.name], force=force)
    write(summary, comparison.summary().to_csv(index=False, lineterminator="\n"))
    for path, lay_out in tables.items():
        write(path, lay_out().to_csv(index=False, lineterminator="\n"))
    workbook(list(comparison.results), book, lang=lang)
    for path, draw in figures.items():
        save_figure(draw(), path)
    page(comparison, report, lang)
    return [report, book, summary, *tables, *figures, *runs.values()]
