"""What a terminal shows of an explanation: a tree of values with their origin."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from handprint.explanation import Explanation, Term
from handprint.i18n import label
from handprint.wording import MINUS, number, sector_name

WIDE = 1000


def print_explanation(
    found: Explanation, asked: str, lang: str = "en", console: Console | None = None
) -> None:
    """
    Print an explanation.

    Parameters
    ----------
    found : Explanation
        What is printed.
    asked : str
        Sector as it was asked for.
    lang : {"en", "zh"}
        Language.
    console : rich.console.Console, optional
        Where to print; default stdout.
    """
    out = console or Console(highlight=False)
    if console is None and not out.is_terminal:
        out.width = WIDE  # a file or pipe has no width to keep to
    if found.covered:
        models = ", ".join(f"{_model(n, lang)} {share:.0%}" for n, share in found.covered.items())
        text = label(
            "explain_covered", lang, emitter=asked, models=models, sector=_model(found.sector, lang)
        )
        out.print(escape(text))
        parts = ", ".join(
            f"{_model(name, lang)} {number(value, 2, signed=True)}"
            for name, value in sorted(found.table.items(), key=lambda item: item[1])
        )
        total = number(sum(found.table.values()), 2, signed=True)
        out.print(escape(label("explain_table", lang, emitter=asked, total=total, parts=parts)))
    title = label(
        "explain_title",
        lang,
        name=found.term.symbol,
        sector=_model(found.sector, lang),
        year=found.year,
        scenario=found.scenario,
    )
    tree = Tree(f"[bold]{escape(title)}[/bold]")
    _grow(tree, found.term, lang)
    out.print(tree)


def _model(name: str, lang: str) -> str:
    """Key of a sector model as commands take it; in Chinese its name goes before."""
    title = name if lang == "en" else sector_name(name, lang)
    return title if title == name else f"{title}（{name}）"


def _grow(tree: Tree, term: Term, lang: str) -> None:
    """Hang a term, its origin and its parts below a branch."""
    name = f" [dim]({escape(term.name)})[/dim]" if term.name != term.symbol else ""
    formula = f" = {escape(term.formula)}" if term.formula else ""
    head = f"[bold]{escape(term.symbol)}[/bold]{name}{formula}"
    branch = tree.add(f"{head}: {escape(_value(term, lang))}")
    for key in ("definition", "note"):
        if term.origin.get(key):
            branch.add(f"[dim]{label(f'explain_{key}', lang)}: {escape(term.origin[key])}[/dim]")
    if term.origin.get("sources"):
        status = label(f"status_{term.origin['status']}", lang)
        text = f"{label('explain_source', lang)} ({status}): {term.origin['sources']}"
        branch.add(f"[dim]{escape(text)}[/dim]")
    for part in term.parts:
        _grow(branch, part, lang)


def _value(term: Term, lang: str) -> str:
    """Central value with its range, and the unit."""
    low, central, high = term.values
    unit = "" if term.unit == "1" else f" {term.unit}"
    small = max(abs(v) for v in term.values) < 0.1
    if small:
        shown = [f"{v:.3g}".replace("-", MINUS, int(v < 0)) for v in (low, central, high)]
        span = label("span", lang, low=shown[0], high=shown[2])
        return f"{shown[1]}{unit}" + (f" ({span})" if low != high else "")
    if low == high:
        return f"{number(central, 3 if abs(central) < 10 else 1)}{unit}"
    digits = 3 if abs(central) < 10 else 1
    range_ = label("span", lang, low=number(low, digits), high=number(high, digits))
    return f"{number(central, digits)}{unit} ({range_})"
