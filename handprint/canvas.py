"""The sheet a figure is drawn on: fonts, colours, title, foot, and the file it ends up in."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handprint.errors import HandprintError
from handprint.i18n import check_language, label
from handprint.results import RunRecord, write
from io_tables.errors import did_you_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (10.0, 6.35)  # inches
DPI = 150
INK = "#1f2328"
MUTED = "#5f6670"
RULE = "#d5d9de"
LOSS = "#d55e00"
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#f0e442")
LATIN = "DejaVu Sans"
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",  # all that older matplotlib sees of a collection with every region
)
STYLE: dict[str, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "font.size": 9.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "handprint",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


class FontError(HandprintError):
    """No installed font can write the characters of a figure."""


class FigureFormatError(HandprintError):
    """A figure is to be saved in a format that is not offered."""


def installed_fonts() -> set[str]:
    """
    List the fonts of this machine, those installed since matplotlib last looked included.

    Returns
    -------
    set of str
        Family names.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if not set(CHINESE_FONTS) & set(manager.get_font_names()):
        seen = {entry.fname for entry in manager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - seen):
            try:
                manager.addfont(path)
            except (OSError, RuntimeError, ValueError):
                continue  # a font that cannot be read is as good as none
    return set(manager.get_font_names())


def fonts(lang: str = "en") -> list[str]:
    """
    Choose the fonts of a figure; the first that has a character writes it.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    list of str
        Families.

    Raises
    ------
    FontError
        If Chinese is asked for and no font has it.
    """
    check_language(lang)
    present = installed_fonts()
    chinese = [name for name in CHINESE_FONTS if name in present][:1]
    if lang != "zh":
        return [LATIN, *chinese]
    if not chinese:
        raise FontError(
            "no font for Chinese is installed, so figures would show boxes: install Noto Sans "
            "CJK SC (Debian and Ubuntu: fonts-noto-cjk; Fedora: google-noto-sans-cjk-fonts; macOS "
            "and Windows bring PingFang SC or Microsoft YaHei), or ask for figures in English"
        )
    return [*chinese, LATIN]


@contextmanager
def sheet(title: str, record: RunRecord, lang: str, *, shipped: bool) -> Iterator[Figure]:
    """
    Open an empty figure with title and foot; checked when it is closed.

    Parameters
    ----------
    title : str
        First line.
    record : RunRecord
        Of the run shown; its hashes stand at the foot.
    lang : {"en", "zh"}
        Language.
    shipped : bool
        Whether the table is one of the project's own, whose sources are known.

    Yields
    ------
    matplotlib.figure.Figure
        To be drawn on.

    Raises
    ------
    FontError
        If a character is in none of the fonts.
    """
    with plain_sheet(title, lang) as figure:
        source = record.table_source
        line = label("sources_line", lang) if shipped else label("own_table", lang, source=source)
        foot: dict[str, Any] = {"fontsize": 7.5, "color": MUTED, "va": "bottom"}
        figure.text(0.03, 0.018, textwrap.shorten(line, 110), gid="source", **foot)
        figure.text(0.97, 0.018, _made_with(record, lang), ha="right", **foot)
        yield figure


@contextmanager
def plain_sheet(title: str, lang: str, *, height: float = SIZE[1]) -> Iterator[Figure]:
    """
    Open an empty figure with a title only; checked when it is closed.

    Parameters
    ----------
    title : str
        First line.
    lang : {"en", "zh"}
        Language.
    height : float
        Of the figure [inch].

    Yields
    ------
    matplotlib.figure.Figure
        To be drawn on.

    Raises
    ------
    FontError
        If a character is in none of the fonts.
    """
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.style.context(["default", {**STYLE, "font.family": fonts(lang)}]):
        figure = Figure(figsize=(SIZE[0], height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        top = 1 - 0.025 * SIZE[1] / height
        figure.text(0.03, top, title, fontsize=14, fontweight="bold", va="top", gid="title")
        yield figure
        with _no_boxes():
            figure.canvas.draw()


def picture(figure: Figure, kind: str) -> bytes:
    """
    Write a figure to memory: the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn on a :func:`sheet`.
    kind : {"png", "svg"}
        Format; in SVG, letters are outlines, so that no font is needed to read them.

    Returns
    -------
    bytes
        Content of the file, without date and program.

    Raises
    ------
    FontError
        If a character is in none of the fonts.
    FigureFormatError
        If the format is another.
    """
    import matplotlib.style

    silent: dict[str, dict[str, None]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
    }
    if kind not in silent:
        raise FigureFormatError(f"no figures in {kind!r}; {did_you_mean(kind, list(silent))}")
    content = BytesIO()
    with matplotlib.style.context(["default", STYLE]), _no_boxes():
        figure.savefig(content, format=kind, dpi=DPI, metadata=silent[kind])
    return content.getvalue()


def save_figure(figure: Figure, path: Path | str) -> Path:
    """
    Save a figure under a temporary name, then rename it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any of this package.
    path : path
        Ends in ``.png`` or ``.svg``; an existing file is replaced.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    FigureFormatError
        If the name ends otherwise.
    """
    path = Path(path)
    write(path, picture(figure, path.suffix.lower().removeprefix(".")))
    return path


@contextmanager
def _no_boxes() -> Iterator[None]:
    """Turn matplotlib's warning that a character has no glyph into an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"(?s)Glyph .* missing from")
        try:
            yield
        except UserWarning as found:
            raise FontError(
                f"a character of the figure is in none of the fonts ({found}): install "
                "Noto Sans CJK SC (fonts-noto-cjk), or write titles in letters that are there"
            ) from None


def _made_with(record: RunRecord, lang: str) -> str:
    version = record.versions.get("handprint", "")
    return label("made_with", lang, version=version, table=record.table_hash[:8])
