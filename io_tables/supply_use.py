"""Supply and use tables become input-output tables by one of four models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from io_tables.arrays import quantity
from io_tables.building import from_arrays
from io_tables.errors import SupplyUseError, did_you_mean
from io_tables.kinds import demand_text
from io_tables.make_use import Orientation, Pair, taken_in, unbalanced
from io_tables.report import Finding, Report, as_error, graded
from io_tables.table import IMPORTED_INPUTS, IOTable, Scope
from io_tables.technology import MODELS, TITLES, Made
from io_tables.valuation import at_basic_prices, vector

Array = npt.NDArray[np.float64]


def from_supply_use(
    supply: object,
    use: object,
    *,
    model: str = "D",
    final_demand: object | None = None,
    value_added: object | None = None,
    imports: object | None = None,
    margins: object | None = None,
    taxes: object | None = None,
    orientation: Orientation = "supply",
    products: Sequence[str] | None = None,
    industries: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    components: Sequence[str] | None = None,
    satellites: Mapping[str, tuple[object, str]] | None = None,
    households: Mapping[str, tuple[float, str]] | None = None,
    units: str,
    price_basis: str,
    source: str,
    scope: Scope | None = None,
    output: object | None = None,
    tolerance: float | None = None,
    name: str = "table",
    history: Sequence[str] = (),
) -> IOTable:
    r"""
    Make a checked table from supply and use.

    Parameters
    ----------
    supply : array_like
        Products by industries at basic prices [units]; with ``orientation="make"`` industries
        by products.
    use : array_like
        Products by industries [units]. Columns to the right of the industries are final demand,
        rows below the products are value added, unless given apart.
    model : {"A", "B", "C", "D"}
        A product technology and B industry technology give product-by-product tables, C fixed
        industry sales and D fixed product sales industry-by-industry tables. A and C need as
        many products as industries.
    final_demand : array_like, optional
        Products by categories; imports, where among them, are negative and called ``"imports"``.
        When missing everywhere, what use leaves of supply.
    value_added : array_like, optional
        Components by industries. When missing everywhere, what balances the industries.
    imports : array_like or mapping, optional
        Imports by product, positive, where supply holds domestic production only.
    margins, taxes : array_like or mapping, optional
        Trade and transport margins (negative for the products that supply them) and taxes less
        subsidies by product, where use is at purchasers' prices; taken out at the same rate for
        every user of a product.
    orientation : {"supply", "make"}
        Whether the rows of ``supply`` are products or industries.
    products, industries : sequence of str, optional
        Labels, where the arrays bring none.
    sectors : sequence of str, optional
        Labels of both products and industries.
    categories, components : sequence of str, optional
        Labels, where the arrays bring none.
    satellites : mapping, optional
        Name -> (vector by industry, unit); A and B carry them over to products.
    households : mapping, optional
        Name -> (number, unit).
    units, price_basis, source : str
        As in :func:`io_tables.from_arrays`.
    scope : {"direct", "direct+purchased"}, optional
        Scope of the accounts.
    output : array_like, optional
        Output by industry as published, compared with supply.
    tolerance : float, optional
        Largest gap that counts as balanced [units]; default 1e-6 of the largest output.
    name : str
        Short name.
    history : sequence of str
        Steps that led to the arrays.

    Returns
    -------
    IOTable
        Checked. What the model did, and every negative cell that A or C created, is in its
        remarks: :func:`supply_use_report`, and :meth:`IOTable.check`.

    Raises
    ------
    LabelError
        If labels differ.
    BalanceError
        If use differs from supply of a product, or inputs from output of an industry.
    SupplyUseError
        If A or C is asked of a rectangular or singular pair, or the model is unknown.
    TableError
        As :func:`io_tables.from_arrays`.

    Notes
    -----
    With supply :math:`V^\top` (products by industries), use U, final demand Y, value added W,
    product output q, industry output g [1]_:

    =====  =========================================  ==================  ==================
    model  transformation T                           flows               others
    =====  =========================================  ==================  ==================
    A      :math:`(V^\top)^{-1} \hat q`               :math:`U T`         Y, :math:`W T`
    B      :math:`\hat g^{-1} V`                      :math:`U T`         Y, :math:`W T`
    C      :math:`\hat g (V^\top)^{-1}`               :math:`T U`         :math:`T Y`, W
    D      :math:`V \hat q^{-1}`                      :math:`T U`         :math:`T Y`, W
    =====  =========================================  ==================  ==================

    A and C can create negative flows: they are kept, because clearing them would break the
    balance, and listed. In D a product that no industry makes has no market share: what
    industries buy of it becomes imported inputs.

    References
    ----------
    .. [1] Eurostat, Manual of Supply, Use and Input-Output Tables, 2008, ch. 11;
       United Nations, Handbook of Input-Output Table Compilation and Analysis, 1999.

    Examples
    --------
    >>> table = from_supply_use(
    ...     [[90, 10], [0, 100]], [[20, 30], [40, 10]], model="D",
    ...     final_demand=[50, 50], sectors=["goods", "services"],
    ...     units="EUR", price_basis="basic 2020", source="by hand")
    >>> table.transactions.values
    array([[18., 27.],
           [42., 13.]])
    """
    if demand_text(model, "model") not in TITLES:
        raise SupplyUseError(f"unknown model {model!r}; {did_you_mean(model, TITLES)}")
    pair = taken_in(
        supply,
        use,
        final_demand=final_demand,
        value_added=value_added,
        products=products if products is not None else sectors,
        industries=industries if industries is not None else sectors,
        categories=categories,
        components=components,
        orientation=orientation,
    )
    if tolerance is None:
        tolerance = 1e-6 * float(np.abs(pair.supply.sum(axis=0)).max(initial=0.0))
    pair = at_basic_prices(pair, imports, margins, taxes, tolerance)
    problems = unbalanced(pair, tolerance)
    if output is not None:
        problems += _other_output(pair, vector(output, pair.industries, "output"), tolerance)
    if problems:
        raise as_error(f"supply and use ({source})", problems)
    made, notes = MODELS[model](pair)
    remarks = [*pair.notes, *notes]
    step = f"model {model} ({TITLES[model]}) from supply and use, {_shape(pair)}"
    negative = [f for f in notes if f.level == "warning"]
    if negative:
        step += f"; {len(negative)} negative cells created"
    accounts = {}
    for key, given in (satellites or {}).items():
        account = quantity(given, key, pair.industries)
        values = account.values if made.move is None else account.values @ made.move
        accounts[key] = (values, str(account.attrs["units"]))
    return from_arrays(
        made.flows,
        made.demand,
        sectors=made.sectors,
        categories=pair.categories,
        satellites=accounts,
        households=households,
        units=units,
        price_basis=price_basis,
        source=source,
        scope=scope,
        output=made.output,
        tolerance=_tolerance(made, tolerance),
        value_added=made.primary,
        components=_components(pair, made),
        name=name,
        history=(*history, step),
        remarks=remarks,
    )


def supply_use_report(table: IOTable) -> Report:
    """
    List what became of supply and use on the way to a table.

    Parameters
    ----------
    table : IOTable
        Made by :func:`from_supply_use`.

    Returns
    -------
    Report
        A warning for every negative cell that the model created, and information about what
        was derived, converted or set aside.

    Raises
    ------
    SupplyUseError
        If the table was not made from supply and use.
    """
    if not any("from supply and use" in step for step in table.history):
        raise SupplyUseError(f"table {table.name} was not made from supply and use")
    found = [f for f in table.remarks if f.code.startswith("supply-use")]
    return graded(f"table {table.name}, from supply and use", found)


def _other_output(pair: Pair, printed: Array, tolerance: float) -> list[Finding]:
    """Compare output as published with supply."""
    gaps = printed - pair.supply.sum(axis=0)
    return [
        Finding(
            "error",
            f"output of {printed[i]:,.6g} differs from supply by {gaps[i]:,.6g}",
            f"industry {pair.industries[i]}",
            "check the column of supply",
            SupplyUseError,
        )
        for i in np.flatnonzero(np.abs(gaps) > tolerance).tolist()
    ]


def _components(pair: Pair, made: Made) -> list[str]:
    """Names of primary inputs; imported inputs are the row that model D adds."""
    extra = len(made.primary) - len(pair.components)
    return [*pair.components, *([IMPORTED_INPUTS] * extra)]


def _tolerance(made: Made, tolerance: float) -> float:
    """Return the gaps of the pair as the model hands them on, at least the tolerance."""
    rows = made.flows.sum(axis=1) + made.demand.sum(axis=1) - made.output
    columns = made.flows.sum(axis=0) + made.primary.sum(axis=0) - made.output
    return max(tolerance, (1 + 1e-9) * float(np.abs([rows, columns]).max(initial=0.0)))


def _shape(pair: Pair) -> str:
    """Write the size of a pair."""
    return f"{len(pair.products)} products, {len(pair.industries)} industries"
