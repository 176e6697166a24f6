"""Which way of solving, and how much memory it takes: rules measured on synthetic tables."""

from __future__ import annotations

import os
from functools import cache
from typing import Literal, TypeAlias, get_args

from handprint.errors import MemoryLimitError, MethodError
from io_tables.errors import did_you_mean

Method: TypeAlias = Literal["lu", "bj+gmres", "bicgstab", "lu32", "float32-table"]
METHODS: tuple[Method, ...] = get_args(Method)
SMALL = 400  # sectors; below, the factors cost less than thinking about it
ONE_SHOT = 2500  # sectors; above, factors in place save memory, and time is all arithmetic
STEPS = 24  # passes for which memory is reserved where it is short
VECTORS = 6  # blocks of rows an iteration holds beside its basis


def chosen(n: int, k: int, *, regions: bool) -> Method:
    """
    Choose the fastest way for k rows of an economy of n sectors.

    Parameters
    ----------
    n : int
        Sectors.
    k : int
        Rows, or final demands.
    regions : bool
        Whether the sectors have regions.

    Returns
    -------
    str
        A method that gives every digit it can.

    Notes
    -----
    One factorisation costs :math:`2n^3/3` operations whatever k is, an iteration about
    :math:`2kn^2` a pass. Measured on two cores, the factors win for n up to 400 and for
    k > n/30, and already for k > n/70 where no regions precondition the iteration.

    Examples
    --------
    >>> [chosen(9800, k, regions=True) for k in (50, 400)], chosen(24, 1, regions=False)
    (['bj+gmres', 'lu'], 'lu')
    """
    if n <= SMALL or k > n / 30 or (not regions and k > n / 70):
        return "lu"
    return "bj+gmres" if regions else "bicgstab"


def known(method: str | None) -> Method | None:
    """
    Accept a method by name.

    Parameters
    ----------
    method : str or None
        What the caller asked for.

    Returns
    -------
    str or None
        The same.

    Raises
    ------
    MethodError
        If there is no such method, with the nearest that is.
    """
    for name in METHODS:
        if name == method:
            return name
    if method is None:
        return None
    raise MethodError(f"no method {method!r}: {did_you_mean(str(method), METHODS)}")


def estimate(method: Method, n: int, k: int, *, steps: int = STEPS, domestic: int = 0) -> int:
    """
    Memory a solve takes beside the table, in bytes, results included.

    Parameters
    ----------
    method : str
        As :func:`chosen` returns it.
    n, k : int
        Sectors, and rows solved at a time.
    steps : int
        Length of the Krylov basis.
    domestic : int
        Cells of all domestic blocks.

    Returns
    -------
    int
        Bytes.
    """
    rows = 8 * n * k
    if method == "lu":
        return 8 * n * n + 4 * rows
    if method == "lu32":
        return 4 * n * n + 6 * rows
    basis = steps + VECTORS if method != "bicgstab" else VECTORS + 4
    table = 4 * n * n if method == "float32-table" else 0
    return table + 8 * domestic + basis * rows


def refuse_beyond(needed: int, memory: int | None, what: str, advice: str) -> None:
    """
    Refuse, before anything is started, what does not fit.

    Parameters
    ----------
    needed : int
        Estimate [bytes].
    memory : int or None
        What may be used; None for what the machine has.
    what, advice : str
        For the message.

    Raises
    ------
    MemoryLimitError
        With the estimate and the limit.
    """
    limit = machine() if memory is None else memory
    if needed > limit:
        raise MemoryLimitError(
            f"{what} needs about {needed / 2**20:,.0f} MiB and may use {limit / 2**20:,.0f} MiB: "
            f"{advice}"
        )


@cache
def machine() -> int:
    """
    Memory of this machine.

    Returns
    -------
    int
        Bytes; very large where the system does not say.
    """
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 62
