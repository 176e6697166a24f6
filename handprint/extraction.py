"""What would vanish with ICT and nothing in its place: hypothetical extraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from handprint.accounts import intensities
from handprint.alignment import Array, positions
from handprint.errors import OptionError, SectorOutputError, listed
from handprint.factor import coefficients, factorise
from handprint.guards import NAMES, TABLE, TEXT, checked
from handprint.meaning import Meaning, variables
from io_tables import IOTable
from io_tables.errors import did_you_mean

Kind = Literal["full", "row", "column", "demand"]

FORMULAS = {
    "full": "dx = L[:,C] inv(L[C,C]) x[C]: rows, columns and final demand of C set to zero",
    "row": "dx = L[:,C] inv(L[C,C]) (x[C] - y[C]): rows of C in A set to zero",
    "column": "dx = (L[:,C] - I[:,C]) inv(L[C,C]) x[C]: columns of C in A set to zero",
    "demand": "dx = L[:,C] y[C]: final demand for C set to zero",
}
CAVEAT = "Activity that vanishes with nothing in its place: not avoided emissions."
CAVEAT_ZH = "无替代情形下消失的活动量，不是减排量。"
MEANINGS = {
    "before": Meaning(
        "emissions before", "抽取前排放", "total", "s_i x_i of the table, x = L y."
    ),
    "after": Meaning(
        "emissions after the extraction", "抽取后排放", "total", "s_i times output after."
    ),
    "change": Meaning(
        "change of emissions by the extraction", "抽取引起的排放变化", "total", "after - before."
    ),
    "output_change": Meaning(
        "change of output by the extraction", "抽取引起的总产出变化", "money",
        "Minus the dx of the formula.", "activity",
    ),
    "extraction": Meaning(
        "extraction in total", "抽取总量", "total",
        "Emissions that vanish, before - after, of all sectors.",
    ),
    "share": Meaning(
        "share of the emissions of all sectors", "占全部部门排放的比重", "1",
        "Extraction in total, over emissions before.",
    ),
}  # fmt: skip


@checked(table=TABLE, ict=NAMES, kind=TEXT, satellite=TEXT)
def extraction(
    table: IOTable, ict: Sequence[str], kind: Kind = "full", satellite: str = "CO2"
) -> xr.Dataset:
    r"""
    Take a group of sectors out of the economy, or one side of it, and put nothing in its place.

    Parameters
    ----------
    table : IOTable
        With the satellite account, scope "direct".
    ict : sequence of str
        The sectors that are extracted, as one group C.
    kind : {"full", "row", "column", "demand"}
        ``"row"``: no sector buys from C, C itself included; ``"column"``: C buys from no
        sector, itself included; ``"demand"``: no final demand for C; ``"full"``: all three.
    satellite : str
        Name of the account.

    Returns
    -------
    xarray.Dataset
        By emitter, dims (sector): ``before``, ``after``, ``change`` [satellite units] and
        ``output_change`` [table units], changes negative where something vanishes. 0-d:
        ``extraction`` [satellite units], positive when emissions vanish; ``share`` of the
        emissions before [1], left out where these are zero. The attribute ``formula`` says
        what was set to zero.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If the kind is unknown.
    UnknownSectorError
        If a name is no sector of the table.
    SectorOutputError
        If a sector of the group has no output.
    MissingSatelliteError, ScopeError
        If there is no fit account of direct emissions.
    NotProductiveError
        If the table is not productive.

    Notes
    -----
    With :math:`x = L y` and emissions :math:`s_i\, \Delta x_i`, output vanishes by [1]_ [2]_

    .. math::
        \Delta x_{full} = L_{\cdot C} L_{CC}^{-1} x_C, \quad
        \Delta x_{row} = L_{\cdot C} L_{CC}^{-1} (x_C - y_C), \quad
        \Delta x_{column} = (L_{\cdot C} - I_{\cdot C}) L_{CC}^{-1} x_C, \quad
        \Delta x_{demand} = L_{\cdot C}\, y_C

    which follow from the inverse after a change of rows or columns (Woodbury), so no second
    economy is solved. The parts overlap: they do not add up to the full extraction. Nothing
    replaces what is taken out, so the result is activity that hangs on C, not avoided
    emissions.

    References
    ----------
    .. [1] E. Dietzenbacher and M. L. Lahr, Expanding extractions, Economic Systems Research
       25 (2013) 341-360.
    .. [2] R. E. Miller and M. L. Lahr, A taxonomy of extractions, in: Regional Science
       Perspectives in Economic Analysis, Elsevier, 2001, 407-441.
    """
    if kind not in FORMULAS:
        raise OptionError(f"kind {kind!r}: {did_you_mean(str(kind), FORMULAS)}")
    group = positions(ict, pd.Index(table.sectors), "ict")
    idle = [table.sectors[i] for i in group if table.output.values[i] <= 0]
    if idle:
        raise SectorOutputError(f"ict: no output in {listed(idle)}: nothing can be extracted")
    s = intensities(table, satellite)
    x, lost = _vanished(table, group, kind)
    before, change = s * x, -s * lost
    values: dict[str, tuple[tuple[str, ...], npt.ArrayLike]] = {
        "before": (("sector",), before),
        "after": (("sector",), before + change),
        "change": (("sector",), change),
        "output_change": (("sector",), -lost),
        "extraction": ((), -change.sum()),
    }
    if before.sum() != 0:
        values["share"] = ((), -change.sum() / before.sum())
    units = {"total": table.satellites[satellite].attrs["units"], "money": table.units, "1": "1"}
    return xr.Dataset(
        variables(values, MEANINGS, units, CAVEAT),
        coords={"sector": table.sectors},
        attrs={
            "title": f"{satellite}: {kind} extraction of {', '.join(ict)}",
            "kind": kind,
            "formula": FORMULAS[kind],
            "note": CAVEAT,
            "note_zh": CAVEAT_ZH,
            "source": table.source,
            "price_basis": table.price_basis,
            "scope": table.scope or "not stated",
        },
    )


def _vanished(table: IOTable, group: npt.NDArray[np.intp], kind: Kind) -> tuple[Array, Array]:
    """Output of the economy, and how much of it vanishes."""
    a = coefficients(table)
    factor = factorise(a, pd.Index(table.sectors))
    y = table.final_demand.transpose("sector", "category").values.sum(axis=1)
    unit = np.eye(len(a))[:, group]
    x, columns = factor.columns(y), factor.columns(unit)
    if kind == "demand":
        return x, columns @ y[group]
    sold = x[group] - y[group] if kind == "row" else x[group]
    alone = np.linalg.solve(columns[group], sold)
    return x, (columns - unit if kind == "column" else columns) @ alone
