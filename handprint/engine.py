"""Solve T (I - A) = S and (I - A) X = Y by the way that fits, and certify the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from handprint.alignment import Array, Labels
from handprint.certificate import Certificate, Weights, certify, weights
from handprint.choice import (
    ONE_SHOT,
    SMALL,
    STEPS,
    VECTORS,
    Method,
    chosen,
    estimate,
    machine,
    refuse_beyond,
)
from handprint.errors import ConvergenceError, MemoryLimitError, SingularSystemError
from handprint.factor import Factor, SingleFactor, factor_system, single_factor, suspects
from handprint.krylov import CAP, bicgstab, gmres
from handprint.system import DomesticBlocks, System

Side: TypeAlias = Literal["rows", "columns"]
TOLERANCE = 1e-12  # of a row's residual, relative to its right-hand side, both in the 2-norm
WORST = 1e-6  # error bound, relative to the largest element, beyond which a result is refused
CORRECTIONS = 12
ADVICE = 'raise memory=, ask for fewer rows at a time or take method="lu32" or "float32-table"'


class Solved(NamedTuple):
    """A solution with its residual and how it came about."""

    values: Array
    residual: Array
    method: str
    steps: int
    done: bool


@dataclass(frozen=True, eq=False)
class _View:
    """One side of the system: products with A, and with the preconditioner, of rows."""

    products: Callable[[Array], Array]
    blocks: Callable[[Array], Array] | None

    def residual(self, right: Array, solution: Array) -> Array:
        """Return S - T (I - A)."""
        left = self.products(solution)
        left += right
        left -= solution
        return left

    def operator(self, v: Array) -> Array:
        """Return v M^-1 (I - A)."""
        v = v if self.blocks is None else self.blocks(v)
        product = self.products(v)
        return np.subtract(v, product, out=product)


class Engine:
    """
    The solves of one economy, without labels.

    Parameters
    ----------
    system : System
        The economy.
    labels : pandas.Index
        Sectors, for messages.
    method : str, optional
        A way of solving; by the rules of :func:`handprint.choice.chosen` when missing.
    memory : int, optional
        Bytes that a solve may use beside the table.

    Raises
    ------
    NotProductiveError
        If the economy is not productive.
    MemoryLimitError
        If nothing fits in the memory.
    """

    def __init__(
        self, system: System, labels: Labels, method: Method | None, memory: int | None
    ) -> None:
        self.system = system.rounded() if method == "float32-table" else system
        self.labels, self.asked, self.memory = labels, method, memory
        self.last: Certificate | None = None
        self._factor: Factor | None = None
        self._single: SingleFactor | None = None
        self._blocks: DomesticBlocks | None = None
        self._direct_solves = 0
        self._proofs: dict[Side, Weights | None] = {}
        if self.system.negative or self.proof("rows") is None:
            self._settle()
        if method == "bj+gmres":
            self.blocks()

    @property
    def n(self) -> int:
        """Number of sectors."""
        return self.system.n

    @property
    def method(self) -> str:
        """What the last solve did; before the first, what one row would take."""
        return self.last.summary if self.last is not None else self.choose(1)

    def choose(self, k: int) -> Method:
        """Return the way for k rows, within the memory."""
        if self.asked is not None:
            return self.asked
        if self._factor is not None:
            return "lu"
        regions = self.system.regions is not None
        method = chosen(self.n, k, regions=regions)
        limit = self._limit()
        if method == "lu" and estimate("lu", self.n, 1) > limit:
            fits = estimate("lu32", self.n, 1) <= limit
            method = "lu32" if fits else "bj+gmres" if regions else "bicgstab"
        return method

    def solve(self, right: Array, side: Side) -> tuple[Array, Certificate]:
        """
        Solve for rows of T, or for columns of X kept as rows.

        Parameters
        ----------
        right : numpy.ndarray
            Right-hand sides, shape (k, n).
        side : {"rows", "columns"}
            T (I - A) = S, or (I - A) X = Y with X and Y transposed.

        Returns
        -------
        solution : numpy.ndarray
            Shape (k, n), every number finite.
        certificate : Certificate
            Residual and bound.

        Raises
        ------
        MemoryLimitError
            If the estimate is above the memory.
        ConvergenceError
            If the promised accuracy is out of reach, or a number is too large.
        SingularSystemError
            If the economy is too near singular for its error to be bounded.
        """
        k = len(right)
        if not k:
            return right, Certificate("none needed", 0, 0.0, 0.0, (), "no rows")
        method, step = self._fitted(k)
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [self._one(right[i : i + step], side, method) for i in range(0, k, step)]
        values = parts[0][0] if len(parts) == 1 else np.concatenate([p for p, _ in parts])
        self.last = _joined([c for _, c in parts])
        return values, self.last

    def factor(self) -> Factor:
        """Factorise once, within the memory."""
        if self._factor is None:
            refuse_beyond(estimate("lu", self.n, 1), self.memory, "a factorisation", ADVICE)
            self._factor = factor_system(self.system, self.labels)
        return self._factor

    def blocks(self) -> DomesticBlocks | None:
        """Invert the domestic blocks once; None for a table of one region."""
        if self._blocks is None and (self._preconditioned or self.asked == "bj+gmres"):
            try:
                self._blocks = DomesticBlocks.of(self.system)
            except np.linalg.LinAlgError as singular:
                raise SingularSystemError(
                    f"the domestic flows of a region are singular: "
                    f"{suspects(self.system, self.labels)}"
                ) from singular
        return self._blocks

    def renewed(self, system: System) -> Engine:
        """Return the engine of a changed economy that starts from the same domestic blocks."""
        fresh = Engine(system, self.labels, self.asked, self.memory)
        fresh._blocks = self._blocks
        return fresh

    def proof(self, side: Side) -> Weights | None:
        """Prove once that the economy is productive, as far as rounds of it show."""
        if side not in self._proofs:
            self._proofs[side] = self._proved(side)
        return self._proofs[side]

    def inverse(self) -> Array:
        """Form the inverse in one array."""
        kept = self._factor is not None
        needed = 8 * self.n * (self.n + 64)
        refuse_beyond(needed, self.memory, "the inverse", "ask for inverse_rows of some sectors")
        factor = self._factor or factor_system(self.system, self.labels)
        made = factor.inverse(keep=kept)
        probe = np.unique(np.linspace(0, self.n - 1, min(self.n, 8)).astype(int))
        left = self._view("rows").residual(units(probe, self.n), made[probe])
        found = certify(left, made[probe], self.proof("rows"), "lu, in place", 0)
        self.last = replace(found, bound=f"{found.bound}; of {len(probe)} rows")
        return made

    def _proved(self, side: Side) -> Weights | None:
        system, ones, rows = self.system, np.ones(self.n), side == "rows"
        found = weights(system.absolute_rows if rows else system.absolute_columns, ones)
        if found is not None or self._factor is None or system.negative:
            return found
        p = self._factor.prices if rows else self._factor.columns(ones)
        d = p - (system.row_products(p) if rows else system.column_products(p))
        return Weights(p, d, plain=False) if (p > 0).all() and (d > 0).all() else None

    def _settle(self) -> None:
        """Decide by the factors what rounds of the supply chain could not."""
        if self.proof("rows") is not None and self.n > SMALL:
            return  # negative coefficients, but their sizes make a fading supply chain
        self._proofs.clear()
        self.factor()

    @property
    def _preconditioned(self) -> bool:
        return self.system.regions is not None and self.asked != "bicgstab"

    def _limit(self) -> int:
        return machine() if self.memory is None else self.memory

    def _view(self, side: Side) -> _View:
        blocks = self._blocks
        if side == "rows":
            return _View(self.system.row_products, None if blocks is None else blocks.rows)
        return _View(self.system.column_products, None if blocks is None else blocks.columns)

    def _fitted(self, k: int) -> tuple[Method, int]:
        """Choose the way and how many rows go at a time; refuse what does not fit."""
        method, n, limit = self.choose(k), self.n, self._limit()
        regions = self.system.regions or ()
        domestic = sum(len(r) ** 2 for r in regions) if self._preconditioned else 0
        fixed = estimate(method, n, 0, domestic=domestic) + 8 * n * k
        if method == "lu" and self._factor is not None:
            fixed -= estimate("lu", n, 0)
        each = estimate(method, n, 1) - estimate(method, n, 0)
        step = k if limit >= fixed + each * k else (limit - fixed) // each
        if step < 1:
            refuse_beyond(fixed + each, self.memory, f"solving {k} rows by {method}", ADVICE)
            step = 1
        return method, step

    def _one(self, right: Array, side: Side, method: Method) -> tuple[Array, Certificate]:
        """Solve one batch, by the factors if the way that was chosen stalls."""
        ways = {"lu": self._direct, "lu32": self._refined}
        solved = ways.get(method, self._iterated)(right, side)
        if not solved.done:
            try:
                self.factor()
            except MemoryLimitError as short:
                raise ConvergenceError(
                    f"{method} did not reach its accuracy in {solved.steps} steps, and {short}"
                ) from short
            again = self._direct(right, side)
            solved = again._replace(method=f"lu after {method}", steps=solved.steps)
        if not np.isfinite(solved.values).all():
            raise ConvergenceError(
                "a result is too large for a number: give the intensity or the demand in "
                "larger units"
            )
        return solved.values, self._certified(solved, side)

    def _certified(self, solved: Solved, side: Side) -> Certificate:
        blur: Array | float = 0.0
        size = np.abs(solved.values)
        if self.system.rounding:
            absolute = self.system.absolute_rows if side == "rows" else self.system.absolute_columns
            blur = self.system.rounding * absolute(size)
        proof = self.proof(side)
        found = certify(
            solved.residual, solved.values, proof, solved.method, solved.steps, blur=blur
        )
        bound = None if self.system.rounding else found.error_bound
        if bound is not None and not bound <= WORST * float(size.max(initial=0.0)):
            raise SingularSystemError(
                f"I - A is so near singular that results may be off by {bound:.1e}: "
                f"{suspects(self.system, self.labels)}"
            )
        return found

    def _direct(self, right: Array, side: Side) -> Solved:
        values = self._at_once(right, side)
        if values is None:
            factor = self.factor()
            values = factor.rows(right) if side == "rows" else factor.columns(right.T).T
        return Solved(values, self._view(side).residual(right, values), "lu", 0, done=True)

    def _at_once(self, right: Array, side: Side) -> Array | None:
        """Solve by factors that are not kept, where few solves are worth none that are."""
        room = 16 * self.n**2 + 16 * right.size <= self._limit()
        if self._factor or self.system.negative or self.proof("rows") is None or not room:
            return None
        self._direct_solves += 1
        if self.n > ONE_SHOT or self._direct_solves > 2:
            return None
        matrix = self.system.system()
        try:
            solved = np.linalg.solve(matrix.T if side == "rows" else matrix, right.T)
        except np.linalg.LinAlgError:
            return None  # the factors find out which sectors are to blame
        return np.ascontiguousarray(solved.T)

    def _refined(self, right: Array, side: Side) -> Solved:
        """Factorise in single precision and correct with residuals in double."""
        if self._single is None:
            self._single = single_factor(self.system)
        if self._single is None:
            return Solved(right, right, "lu32", 0, done=False)
        solve = self._single.rows if side == "rows" else self._single.columns
        view, goal = self._view(side), TOLERANCE * np.linalg.norm(right, axis=1)
        values, residual, size = np.zeros_like(right), right, np.inf
        steps = 0
        while steps < CORRECTIONS:
            steps += 1
            values = values + solve(residual)
            residual = view.residual(right, values)
            before, size = size, float(np.abs(residual).max(initial=0.0))
            left = np.linalg.norm(residual, axis=1)
            if (left <= 0.05 * goal).all() or not size < before / 4:
                break
        done = bool((left <= goal).all())
        return Solved(values, residual, "lu32", steps, done)

    def _iterated(self, right: Array, side: Side) -> Solved:
        """Iterate from flows; the true residual decides, and one cheap correction follows."""
        blocks = self.blocks()
        view = self._view(side)
        name = "bj+gmres" if blocks is not None else "bicgstab"
        name = f"float32-table, {name}" if self.system.narrow else name
        solver = gmres if blocks is not None else bicgstab
        goal = TOLERANCE * np.linalg.norm(right, axis=1)
        room = (self._limit() - 8 * right.size) // max(1, 8 * right.size) - VECTORS
        basis = int(np.clip(room, STEPS, CAP))
        values, residual, steps, left = np.zeros_like(right), right, 0, np.inf
        while steps < CAP:
            found, taken = solver(view.operator, residual, 0.7 * goal, cap=min(basis, CAP - steps))
            values = values + (found if view.blocks is None else view.blocks(found))
            residual = view.residual(right, values)
            steps += taken + 1
            size = np.linalg.norm(residual, axis=1)
            if (size <= goal).all():
                values += residual if view.blocks is None else view.blocks(residual)
                return Solved(values, residual, name, steps, done=True)
            before, left = left, float((size / np.where(goal > 0, goal, 1.0)).max())
            if not taken or not left < before / 2:
                break
        return Solved(values, residual, name, steps, done=False)


def units(positions: npt.NDArray[np.intp], n: int) -> Array:
    """
    Rows of the identity.

    Parameters
    ----------
    positions : numpy.ndarray
        Which rows.
    n : int
        Length of a row.

    Returns
    -------
    numpy.ndarray
        One row for each position.
    """
    rows = np.zeros((len(positions), n))
    rows[np.arange(len(positions)), positions] = 1.0
    return rows


def _joined(found: list[Certificate]) -> Certificate:
    """One certificate for the batches of a solve: the worst of each."""
    if len(found) == 1:
        return found[0]
    bounds = [c.error_bound for c in found if c.error_bound is not None]
    return replace(
        found[0],
        steps=max(c.steps for c in found),
        residual=max(c.residual for c in found),
        error_bound=max(bounds) if len(bounds) == len(found) else None,
        by_row=tuple(b for c in found for b in c.by_row),
    )
