"""What a user of a table should know: warnings and information, and whether it can be solved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from io_tables.checks import Array, limit, price_years, shortened
from io_tables.errors import ScopeError, TableError
from io_tables.report import Finding
from io_tables.table import EXPORTS, IMPORTS
from io_tables.units import WORLD_GAS, WORLD_OUTPUT, money, tonnes

if TYPE_CHECKING:
    from io_tables.table import IOTable

SMALLEST_CONDITION = 1e-14  # reciprocal; below it no digit of a solution can be trusted
ROUNDING = 1e-9  # share of the largest entry that a negative one may have as rounding
ROUNDS = 200  # of the power iteration
GASES = ("co2", "ch4", "n2o", "ghg", "carbon", "二氧化碳", "碳")
ICT = re.compile(
    r"\bICT\b|^IC[MST]$|信息|通信|计算机|电子|\bcomputer|\bcommunication|telecom|\belectronic"
    r"|information (?:and|serv|tech|trans)|software|^C26$|^J6[123](?:_J6[123])?$|^D26$"
    r"|^D6[12](?:T63)?$|^334$|^51[134]$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _View:
    """Plain arrays of a table; what depends on a missing cell is NaN."""

    table: IOTable
    z: Array
    y: Array
    x: Array
    a: Array
    names: Sequence[str]

    @property
    def whole(self) -> bool:
        """Whether no cell is missing."""
        return bool(np.isfinite(self.a).all() and np.isfinite(self.y).all())


def advice(table: IOTable) -> Iterator[Finding]:
    """
    Say what a user of the table should know.

    Parameters
    ----------
    table : IOTable
        A table that adds up, or the draft of one that does not.

    Yields
    ------
    Finding
        Warnings and information; errors only where the table cannot be solved.
    """
    z, y = table.transactions.values, table.final_demand.values
    known = np.isfinite(z).all(axis=1) & np.isfinite(y).all(axis=1)
    x = np.where(known, table.output.values, np.nan)
    a = np.divide(z, x, out=np.zeros_like(z), where=~(x <= 0))
    view = _View(table, z, y, x, a, table.sectors)
    for look in (
        _columns,
        _flows,
        _outputs,
        _components,
        _imports,
        _accounts,
        _stated,
        _ict,
        _gaps,
        _solution,
    ):
        yield from look(view)


def _columns(view: _View) -> Iterator[Finding]:
    """Inputs that leave no value added."""
    sums = view.a.sum(axis=0)
    for i in np.flatnonzero(sums >= 1).tolist():
        yield Finding(
            "warning",
            f"inputs are {sums[i]:.3f} of output",
            f"column {view.names[i]}",
            "value added is not positive here: check the column",
            code="column-sum",
            value=float(sums[i]),
        )


def _flows(view: _View) -> Iterator[Finding]:
    """Negative flows between sectors."""
    cells = np.argwhere(view.z < 0)
    fix = "a by-product or a slip: find out which"
    for i, j in cells[: limit()].tolist():
        what, where = f"negative flow {view.z[i, j]:,.6g}", f"row {view.names[i]}, column "
        value = float(view.z[i, j])
        yield Finding(
            "warning", what, where + view.names[j], fix, code="flow-negative", value=value
        )
    if len(cells) > limit():
        more = len(cells) - limit()
        what = f"{more} more negative flows"
        yield Finding("warning", what, "transactions", fix, code="flow-negative", value=more)


def _outputs(view: _View) -> Iterator[Finding]:
    """Sectors without output, with and without emissions on them."""
    idle = np.flatnonzero(view.x == 0)
    booked: set[int] = set()
    for name, satellite in view.table.satellites.items():
        for i in idle[satellite.values[idle] != 0].tolist():
            booked.add(i)
            yield Finding(
                "warning",
                f"{satellite.values[i]:,.6g} {satellite.attrs['units']} of {name} on zero output",
                f"sector {view.names[i]}",
                "it stays in the ledger as not allocated",
                code="output-zero-account",
                value=float(satellite.values[i]),
            )
    empty = [
        Finding(
            "info",
            "output is zero",
            f"sector {view.names[i]}",
            "nothing to do: its column of coefficients is zero",
            code="output-zero",
        )
        for i in idle.tolist()
        if i not in booked
    ]
    yield from shortened(empty, "output")


def _components(view: _View) -> Iterator[Finding]:
    """Components of primary inputs below zero."""
    primary = view.table.primary_inputs
    found = [
        Finding(
            "info",
            f"{primary['component'].values[i]} is {primary.values[i, j]:,.6g} {view.table.units}",
            f"sector {view.names[j]}",
            "subsidies and losses make single components negative (China's net taxes on "
            "agriculture are -341 billion yuan in 2017): only the sum need be positive",
            code="component-negative",
            value=float(primary.values[i, j]),
        )
        for i, j in np.argwhere(primary.values < 0).tolist()
    ]
    yield from shortened(found, "primary inputs")


def _imports(view: _View) -> Iterator[Finding]:
    """Imports of the wrong sign, or larger than what is used at home."""
    categories = view.table.categories
    if IMPORTS not in categories:
        return
    at = categories.index(IMPORTS)
    home = [i for i, c in enumerate(categories) if c not in (IMPORTS, EXPORTS)]
    imports, use = -view.y[:, at], view.z.sum(axis=1) + view.y[:, home].sum(axis=1)
    if (imports < 0).all():
        yield Finding(
            "warning",
            f"every import is positive, {-imports.sum():,.6g} {view.table.units} in all",
            f"column {IMPORTS}",
            "imports are subtracted: store them as negative numbers",
            code="imports-sign",
            value=float(-imports.sum()),
        )
    excess = (imports > use + view.table.tolerance) & (imports > 0)
    for i in np.flatnonzero(excess).tolist():
        yield Finding(
            "warning",
            f"imports of {imports[i]:,.6g} exceed the use at home of {use[i]:,.6g}",
            f"sector {view.names[i]}",
            "goods in transit: aggregate the sector, or take a domestic table; the proportional "
            "rule of domestic() does not fit here",
            code="imports-exceed-use",
            value=(float(imports[i]), float(use[i])),
        )


def _accounts(view: _View) -> Iterator[Finding]:
    """Accounts below zero, beyond the world's emissions, or of unknown or wide scope."""
    for name, array in view.table.satellites.items():
        for i in np.flatnonzero(array.values < 0).tolist():
            yield Finding(
                "warning",
                f"{name} is negative",
                f"sector {view.names[i]}",
                "check the sign",
                code="account-negative",
                value=float(array.values[i]),
            )
        total, unit = float(np.nansum(array.values)), array.attrs["units"]
        mass = tonnes(unit) if any(g in name.casefold() for g in GASES) else None
        if mass is not None and total * mass > WORLD_GAS:
            yield Finding(
                "warning",
                f"{total:,.6g} {unit} in all is more than the world emits",
                f"satellite {name}",
                "check the unit: kt taken for Mt?",
                code="account-implausible",
                value=total,
            )


def _stated(view: _View) -> Iterator[Finding]:
    """Units, prices and scope: not stated, or not credible."""
    table, total = view.table, float(np.nansum(view.x))
    unit = money(table.units)
    if unit is not None and unit[1] in WORLD_OUTPUT and total * unit[0] > WORLD_OUTPUT[unit[1]]:
        yield Finding(
            "warning",
            f"output of {total:,.6g} {table.units} is more than the whole world makes",
            "units",
            "check the power of ten: 10^4 taken for 10^8?",
            code="unit-implausible",
            value=total,
        )
    if not price_years(table.price_basis):
        fix = "say it: current producers' prices 2017"
        what = f"{table.price_basis!r} names no year"
        yield Finding("info", what, "price basis", fix, code="price-basis-no-year")
    if table.satellites and table.scope is None:
        yield Finding(
            "warning",
            "the scope of the satellite accounts is not stated",
            "scope",
            'say scope="direct", or "direct+purchased" if purchased energy is included',
            ScopeError,
            "scope-missing",
        )
    elif table.satellites and table.scope == "direct+purchased":
        yield Finding(
            "info",
            "the accounts include purchased electricity and heat",
            "scope",
            "for footprints give direct emissions: the supply chain would count the power "
            "twice, and the engine refuses it",
            ScopeError,
            "scope-purchased",
        )


def _ict(view: _View) -> Iterator[Finding]:
    """No label that reads like information and communication technology."""
    titles = [view.table.output.coords.get(name) for name in ("title", "title_zh")]
    texts = [str(t) for title in titles if title is not None for t in title.values]
    if any(ICT.search(name.rpartition(":")[2].strip()) for name in [*view.names, *texts]):
        return
    yield Finding(
        "info",
        "no label reads like information and communication technology",
        "sectors",
        'name the sectors with ict=["..."], aggregate by a concordance that has ICT, or split',
        code="ict-missing",
    )


def _gaps(view: _View) -> Iterator[Finding]:
    """How well rows and columns add up."""
    sides = {
        "row": view.z.sum(axis=1) + view.y.sum(axis=1),
        "column": view.z.sum(axis=0) + view.table.primary_inputs.values.sum(axis=0),
    }
    for side, total in sides.items():
        gaps = np.abs(total - view.table.output.values)
        if not np.isfinite(gaps).any():
            continue
        worst = int(np.nanargmax(gaps))
        tested = int(np.isfinite(gaps).sum())
        yield Finding(
            "info",
            f"largest gap of {tested} {side}s is {gaps[worst]:.3g} {view.table.units} "
            f"(tolerance {view.table.tolerance:g})",
            f"{side} {view.names[worst]}",
            "nothing to do" if gaps[worst] <= view.table.tolerance else "see the errors",
            code="balance-gap",
            value=float(gaps[worst]),
        )


def _solution(view: _View) -> Iterator[Finding]:
    """Hawkins-Simon by the sign of the solution, and the spectral radius of A."""
    from scipy.linalg import lapack

    if not view.whole or not view.a.size:
        return
    a = view.a
    system = np.array(-a, order="F")
    np.fill_diagonal(system, 1 - np.diag(a))
    norm = float(np.abs(system).sum(axis=0).max())
    lu, pivots, info = lapack.dgetrf(system, overwrite_a=True)
    if info > 0 or lapack.dgecon(lu, norm)[0] < SMALLEST_CONDITION:
        sums = a.sum(axis=0)
        named = ", ".join(str(view.names[i]) for i in np.flatnonzero(sums >= 1 - ROUNDING)[:5])
        fix = f"check the columns {named}" if named else "check the columns"
        yield Finding("error", "I - A is singular", "table", fix, TableError, "singular")
        return
    if (a >= 0).all():
        price = lapack.dgetrs(lu, pivots, np.ones(len(a)), trans=1)[0]
        wrong = np.flatnonzero(price <= 0)
        yield from _not_productive(view, wrong)
        yield _radius(a)
        return
    inverse = lapack.dgetrs(lu, pivots, np.eye(len(a)))[0]
    wrong = np.flatnonzero((inverse < -ROUNDING * np.abs(inverse).max()).any(axis=0))
    yield from _not_productive(view, wrong)


def _not_productive(view: _View, wrong: np.ndarray[tuple[int], np.dtype[np.intp]]) -> list[Finding]:
    """Name the sectors whose product cannot be delivered."""
    found = [
        Finding(
            "error",
            "the table is not productive (Hawkins-Simon)",
            f"sector {view.names[i]}",
            "its inputs, direct and indirect, exceed its output: check the column",
            TableError,
            "not-productive",
        )
        for i in wrong.tolist()
    ]
    return shortened(found, "table")


def _radius(a: Array) -> Finding:
    """Estimate the spectral radius by power iteration on A + I, which does not swing."""
    vector, radius = np.ones(len(a)), 0.0
    for _ in range(ROUNDS):
        product = a @ vector + vector
        norm = float(product.max())
        vector, last, radius = product / norm, radius, norm - 1
        if abs(radius - last) <= 1e-9 * (1 + radius):
            break
    return Finding(
        "info",
        f"spectral radius of A is about {radius:.4f}",
        "table",
        "below one: every final demand can be met"
        if radius < 1
        else "one or more: some final demand cannot be met",
        code="spectral-radius",
        value=radius,
    )
