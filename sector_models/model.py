"""From the parameters of a sector to its additive effects, and to its indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import xarray as xr

from sector_models.abatement import Credit, direct_rebound, enabling_effect, footprint
from sector_models.alignment import check_years
from sector_models.estimates import Members, Sample, constant, members_of
from sector_models.files import load
from sector_models.inputs import Adoptions, Drivers, adoptions, drivers_of
from sector_models.parameters import Parameter
from sector_models.records import Sector

WHOLE = Parameter(
    value=1.0, low=1.0, high=1.0, units="1", year=2020, status="derived", source="definition",
    note="a use case without a stated addressable share reaches its whole segment",
)  # fmt: skip


def run(
    sector: Sector | str | Path,
    adoption: Adoptions | None = None,
    years: Iterable[int] = range(2020, 2031),
    drivers: Drivers | None = None,
    *,
    reference_adoption: Adoptions | None = None,
    credit: Credit = "lmdi",
    draws: int = 0,
    seed: int | None = None,
    sample: Sample | None = None,
) -> xr.Dataset:
    r"""
    Model the digital use cases of one sector, year by year.

    Parameters
    ----------
    sector : Sector, str or pathlib.Path
        A sector, or its name or file.
    adoption : mapping or xarray.DataArray, optional
        Adoption per use case, from 0 to 1, over ``year`` [1]; a number holds for all years.
        Use cases that are left out keep the curve of the sector. Like drivers, a path may also
        differ by ``estimate`` (or ``draw``), labelled as in the result.
    years : iterable of int, optional
        Ascending years.
    drivers : mapping or xarray.Dataset, optional
        Any of these over ``year``; a number holds for all years:

        - ``reference``: emissions of the sector without additional use cases [Mt CO2]; default
          the emissions of the base year, without growth;
        - ``output``: gross output of the sector [10^4 CNY]; default that of the sector file;
        - ``ict_input``: additional ICT purchases [10^4 CNY]; replaces output x ICT input x
          additional adoption. Over ``use_case`` too, or else for the whole sector and then
          split like the ICT inputs of the sector file;
        - ``ict_intensity``: emissions per ICT purchase [t CO2/10^4 CNY]; replaces intensity x
          life-cycle multiple of the sector file;
        - ``ict_index``: factor on either [1].
    reference_adoption : mapping or xarray.DataArray, optional
        Adoption that comes without further effort, given like ``adoption``.
    credit : {"lmdi", "shapley"}, optional
        How use cases on one segment share their joint saving.
    draws : int, optional
        Number of Monte Carlo draws; 0 gives the estimates low, central and high instead.
    seed : int, optional
        Seed of the draws; without it a fresh one is made and noted in the attributes.
    sample : callable, optional
        Gives the draws of a parameter instead of a seed: a function of the parameter and the
        name of its stream that returns an array of ``draws`` values.

    Returns
    -------
    xarray.Dataset
        Dims use_case, year and estimate (or draw). ``reference``, ``enabled``, ``rebound``,
        ``footprint`` [Mt CO2] and ``ict_purchases`` [10^4 CNY] are additive; ``alone`` is the
        enabling effect without overlap, ``footprint_embodied`` the embodied part of the
        footprint, if every use case states its share [Mt CO2]; ``adoption``,
        ``reference_adoption`` and ``rebound_rate`` [1] say how they came about. Use cases that
        stay below their reference adoption in a year are credited with nothing there and
        listed in the attribute ``below_reference``.

    Raises
    ------
    UnknownSectorError, SectorFileError
        If the sector does not exist or its file is wrong.
    UnknownUseCaseError, UnknownDriverError
        If an adoption path or a driver has an unknown name.
    YearError
        If years are missing, additional, repeated or out of order.
    NotANumberError, ValueRangeError, UnitError
        If a value is missing, out of range or in another unit.
    ParameterError
        If ``credit``, ``draws``, ``seed`` or ``sample`` is impossible.

    Notes
    -----
    For use case :math:`m` on a segment of its own

    .. math::
        ENB_m(t) &= E_{ref}(t)\,w_m\,a_m\,[p_m(t) - p_m^{ref}(t)]\,\theta_m\,q_m \\
        R_m(t) &= r_m\,ENB_m(t) \\
        F_m(t) &= X(t)\,\kappa_m\,[p_m(t) - p_m^{ref}(t)]\,i\,l / 10^6

    with share of the segment :math:`w`, addressable share of it :math:`a`, adoption :math:`p`,
    saving :math:`\theta`, shrinkage :math:`q`, rebound :math:`r`, output :math:`X`, ICT input
    :math:`\kappa`, intensity :math:`i`, life-cycle multiple :math:`l`. Use cases on one
    segment save jointly
    :math:`1 - \prod_m (1 - f_m)` of it. Annex 2 of [1]_ is the case :math:`p = q = 1`,
    :math:`p^{ref} = r = 0`.

    Estimate ``low`` takes the low value of every parameter, ``high`` the high value. That is a
    range of corners, not a confidence interval: use draws for one. Savings of the use cases of
    a sector are split from one figure for the sector, so they are drawn at the same rank, and
    so are their rebound rates and their ICT inputs; the ICT intensity is shared by all sectors
    that are run with the same seed. Everything else is drawn independently.

    References
    ----------
    .. [1] CAICT, Digital carbon neutrality white paper, December 2021.

    Examples
    --------
    >>> effects = run("industry", adoption={"material_reuse": 0.5}, years=[2025, 2030])
    >>> dict(effects["enabled"].sizes)
    {'use_case': 4, 'year': 2, 'estimate': 3}
    """
    record = sector if isinstance(sector, Sector) else load(sector)
    steps = check_years(years)
    members, seed = members_of(draws, seed, sample)

    def _own(field: str) -> xr.DataArray:
        return members.stacked(
            {
                case: (getattr(use_case, field), f"{record.name}.{field}")
                for case, use_case in record.use_cases.items()
            }
        )

    share = members.stacked(
        {
            case: (record.share(case), f"{record.name}.{use_case.segment}.share")
            for case, use_case in record.use_cases.items()
        }
    )
    reach = members.stacked(
        {
            case: (use_case.addressable or WHOLE, f"{record.name}.{case}.addressable")
            for case, use_case in record.use_cases.items()
        }
    )
    rate = _own("rebound")
    labels = rate.indexes[str(rate.dims[-1])]
    given = drivers_of(drivers, steps, record, labels)
    spread = adoptions(record, adoption, steps, labels, "adoption")
    autonomous = adoptions(record, reference_adoption, steps, labels, "reference_adoption")
    additional = (spread - autonomous).clip(min=0.0)
    reference = given.get("reference", constant(record.emissions.value, steps))
    fraction = additional * reach * _own("saving") * _own("shrinkage")
    enabled = enabling_effect(
        reference,
        share,
        fraction,
        [use_case.segment for use_case in record.use_cases.values()],
        credit,
    )
    output = given.get("output", constant(record.output.value, steps))
    purchases = given.get("ict_input", output * _own("ict_input") * additional)
    intensity = given.get(
        "ict_intensity",
        members(record.ict_intensity, "ict_intensity")
        * members(record.ict_life_cycle, "ict_life_cycle"),
    )
    if "ict_index" in given:
        intensity = intensity * given["ict_index"]
    first_order = footprint(purchases, intensity).broadcast_like(enabled)
    found = xr.Dataset(
        {
            "reference": reference,
            "enabled": enabled,
            "alone": (reference * share * fraction).transpose(*enabled.dims),
            "rebound": direct_rebound(enabled, rate),
            "footprint": first_order.transpose(*enabled.dims),
            "ict_purchases": purchases.broadcast_like(enabled).transpose(*enabled.dims),
            **_embodied(record, first_order, members),
            "adoption": spread,
            "reference_adoption": autonomous,
            "rebound_rate": rate,
        }
    )
    return _described(found, record, given, spread < autonomous, credit, seed)


def _embodied(
    record: Sector, first_order: xr.DataArray, members: Members
) -> dict[str, xr.DataArray]:
    """Embodied part of the footprint, if every use case states its share."""
    shares = {
        case: (use_case.embodied, f"{record.name}.{case}.embodied")
        for case, use_case in record.use_cases.items()
        if use_case.embodied is not None
    }
    if len(shares) < len(record.use_cases):
        return {}
    found = members.stacked(shares) * first_order
    return {"footprint_embodied": found.transpose("use_case", "year", ...)}


def _described(
    found: xr.Dataset,
    record: Sector,
    given: Mapping[str, xr.DataArray],
    below: xr.DataArray,
    credit: str,
    seed: int | None,
) -> xr.Dataset:
    """Say what each array is, in which unit and from which sources."""
    cases = record.use_cases.values()
    found = found.assign_coords(
        sector=("use_case", [record.name] * len(cases)),
        segment=("use_case", [case.segment for case in cases]),
        emitter=("use_case", [case.emitter for case in cases]),
        tier=("use_case", [case.tier for case in cases]),
        title=("use_case", [case.title for case in cases]),
        title_zh=("use_case", [case.title_zh for case in cases]),
    )
    savings = [p for case in cases for p in (case.saving, case.shrinkage)]
    savings += [case.addressable for case in cases if case.addressable]
    savings += [record.segment_share(key) for key in record.segments]
    rates = [case.rebound for case in cases]
    curves = [case.adoption for case in cases]
    before = [case.reference_adoption for case in cases if case.reference_adoption]
    emissions = () if "reference" in given else (record.emissions,)
    inputs = [] if "ict_input" in given else [record.output, *(case.ict_input for case in cases)]
    intensity = [] if "ict_intensity" in given else [record.ict_intensity, record.ict_life_cycle]
    embodied = [case.embodied for case in cases if case.embodied]
    labels = {
        "alone": ("Mt CO2", "enabling effect if no other use case acted", savings),
        "footprint_embodied": ("Mt CO2", "of which embodied in the ICT", embodied),
        "reference": ("Mt CO2", "emissions without additional use cases", emissions),
        "enabled": ("Mt CO2", "enabling effect before rebound and footprint", savings),
        "rebound": ("Mt CO2", "direct rebound", rates),
        "footprint": ("Mt CO2", "first-order emissions of the ICT", [*inputs, *intensity]),
        "ict_purchases": ("10^4 CNY", "additional ICT purchases", inputs),
        "adoption": ("1", "adoption", curves),
        "reference_adoption": ("1", "adoption without further effort", before),
        "rebound_rate": ("1", "share of the enabling effect taken back", rates),
    }
    for name, (units, long_name, origins) in labels.items():
        if name not in found:
            continue
        keys = {key for origin in origins for key in origin.source}
        source = ", ".join(sorted(keys)) or "given by the caller"
        found[name].attrs = {"units": units, "long_name": long_name, "source": source}
    found.attrs = {"sector": record.name, "title": record.title, "title_zh": record.title_zh}
    found.attrs["credit"] = credit
    if seed is not None:
        found.attrs["seed"] = seed
    below = below.any([dim for dim in below.dims if dim not in ("use_case", "year")])
    if below.any():
        years = below["year"].values
        found.attrs["below_reference"] = "; ".join(
            f"{key}: {', '.join(str(year) for year in years[row.values])}"
            for key, row in zip(below["use_case"].values, below, strict=True)
            if row.any()
        )
    return found
