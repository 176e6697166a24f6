"""World databases: their files through pymrio's own parsers, then checked."""

from __future__ import annotations

import gc
import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from io_tables.errors import TableError, TableFileError, UnknownTableError, did_you_mean
from io_tables.extensions import Account
from io_tables.folders import refuse_hostile
from io_tables.kinds import demand_path, demand_text
from io_tables.mrio import from_pymrio
from io_tables.report import Finding
from io_tables.table import IOTable, Scope
from io_tables.to_mrio import require_pymrio


@dataclass(frozen=True)
class Database:
    """
    A world database and how pymrio reads it.

    Parameters
    ----------
    parser : str
        Function of pymrio.
    source : str
        How to cite it.
    prices : str
        Price basis.
    value_added : str, optional
        Extension with the components of value added.
    """

    parser: str
    source: str
    prices: str
    value_added: str | None = None


DATABASES: Mapping[str, Database] = MappingProxyType(
    {
        "exiobase1": Database(
            "parse_exiobase1",
            "EXIOBASE 1, Tukker et al. 2013, doi 10.1080/09535314.2012.761952",
            "basic prices",
            "factor_inputs",
        ),
        "exiobase2": Database(
            "parse_exiobase2",
            "EXIOBASE 2, Wood et al. 2015, doi 10.3390/su7010138",
            "basic prices",
            "factor_inputs",
        ),
        "exiobase3": Database(
            "parse_exiobase3",
            "EXIOBASE 3, Stadler et al. 2018, doi 10.1111/jiec.12715",
            "basic prices",
        ),
        "wiod": Database(
            "parse_wiod",
            "World Input-Output Database, release 2013, Timmer et al. 2015, doi 10.1111/roie.12178",
            "basic prices",
            "factor_inputs",
        ),
        "oecd": Database(
            "parse_oecd", "OECD Inter-Country Input-Output tables", "basic prices", "factor_inputs"
        ),
        "eora26": Database(
            "parse_eora26",
            "Eora26, Lenzen et al. 2013, doi 10.1080/09535314.2013.769938",
            "basic or purchasers' prices, by file",
            "VA",
        ),
        "gloria": Database(
            "parse_gloria",
            "GLORIA, Lenzen et al. 2022, doi 10.1038/s41893-021-00811-6",
            "basic or purchasers' prices, by file",
            "VA",
        ),
    }
)
"""Databases by name."""


def read_world(
    path: Path | str,
    database: str,
    *,
    satellites: Mapping[str, Account | tuple[Any, ...]] | None = None,
    value_added: str | None = None,
    gap: Literal["refuse", "component"] = "component",
    price_basis: str | None = None,
    source: str | None = None,
    units: str | None = None,
    scope: Scope | None = None,
    tolerance: float | None = None,
    name: str | None = None,
    **options: Any,
) -> IOTable:
    """
    Read a world database.

    Parameters
    ----------
    path : path
        Folder or file of the database as it was downloaded.
    database : {"exiobase1", "exiobase2", "exiobase3", "wiod", "oecd", "eora26", "gloria"}
        Which.
    satellites : mapping, optional
        As for :func:`io_tables.mrio.from_pymrio`.
    value_added : str, optional
        Extension with the components of value added; default that of the database.
    gap : {"component", "refuse"}
        What happens when columns miss output: a component and a warning, or an error.
    price_basis : str, optional
        Prices and year; default those of the database and the option ``year``.
    source : str, optional
        Default the citation of the database.
    units : str, optional
        Compared with what the parser states.
    scope : {"direct", "direct+purchased"}, optional
        Scope of the accounts.
    tolerance : float, optional
        Largest gap between a row or column and output [units].
    name : str, optional
        Short name.
    **options
        Options of pymrio's parser: ``year``, ``names``, ``price``, ``version`` ...

    Returns
    -------
    IOTable
        Multi-region, checked; what the parser warned about is in :meth:`IOTable.check`.

    Raises
    ------
    MissingExtraError
        If pymrio is not installed.
    UnknownTableError
        If there is no such database, or its parser has no such option.
    TableFileError
        If the parser fails, or the folder holds files that are not opened here: see
        :func:`io_tables.folders.refuse_hostile`.
    TableError
        Of another kind, if the table itself is wrong.

    Notes
    -----
    pymrio's parsers put zero for empty cells, and drop the discrepancy column of Eora26: what they
    drop shows as a gap between rows and columns.
    """
    if demand_text(database, "database", UnknownTableError) not in DATABASES:
        raise UnknownTableError(
            f"no world database {database!r}; {did_you_mean(database, DATABASES)}"
        )
    known, pymrio = DATABASES[database], require_pymrio()
    path = demand_path(path)
    remarks = refuse_hostile(path)
    parser = getattr(pymrio, known.parser, None)
    if parser is None:
        raise TableFileError(f"pymrio {pymrio.__version__} has no {known.parser}: upgrade it")
    allowed = [p for p in inspect.signature(parser).parameters if p != "path"]
    for option in options:
        if option not in allowed:
            hint = did_you_mean(option, allowed)
            raise UnknownTableError(f"the parser of {database} has no option {option!r}; {hint}")
    with quiet(remarks, path.name):
        try:
            system = parser(path, **options)
        except TableError:
            raise
        except Exception as error:  # a parser fails in many ways on a wrong file
            raise TableFileError(
                f"{path.name}: pymrio could not read it as {database} "
                f"({type(error).__name__}: {error}): compare the folder with the publisher's"
            ) from error
    extension = value_added if value_added is not None else known.value_added
    if value_added is None and extension not in list(system.get_extensions()):
        extension = None
    year = options.get("year") or getattr(system.meta, "year", None)
    return from_pymrio(
        system,
        satellites=satellites,
        price_basis=price_basis or f"{known.prices} {year or 'of the file'}",
        source=source or known.source,
        units=units,
        value_added=extension,
        gap=gap,
        scope=scope,
        tolerance=tolerance,
        name=name or f"{database}-{year or path.stem}",
        history=[f"{path.name}: read by pymrio {pymrio.__version__}, {known.parser}"],
        remarks=remarks,
    )


@contextmanager
def quiet(remarks: list[Finding], where: str) -> Iterator[None]:
    """
    Keep the warnings of pymrio out of the user's way, and what they tell about the data in it.

    Parameters
    ----------
    remarks : list of Finding
        Warnings of the parser are added here.
    where : str
        File, for the finding.

    Yields
    ------
    None
        While the parser runs.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            gc.collect()  # some parsers leave workbooks open: close them here, warnings and all
    for warning in caught:
        # deprecations and performance hints of pandas are pymrio's affair, not the user's
        if issubclass(warning.category, UserWarning) and "pymrio" in (warning.category.__module__):
            fix = "give the parser the files it misses, if they are needed"
            remarks.append(Finding("info", str(warning.message), where, fix))
