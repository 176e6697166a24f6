"""NER, EI, VEI and the split of a reduction: pure functions of the additive parts."""

from __future__ import annotations

import xarray as xr

from sector_models.alignment import Numbers, align, as_array, where
from sector_models.errors import (
    ActivityUnitError,
    UndefinedRatioError,
    UnitError,
    ValueRangeError,
)

FLAG_BELOW = 0.001
"""Footprint per reference emissions below which a VEI is flagged as unstable [1]."""


def ner(enabled: Numbers, footprint: Numbers, rebound: Numbers = 0.0) -> xr.DataArray:
    r"""
    Net enabling emission reduction.

    Parameters
    ----------
    enabled : float or array
        Gross enabling effect :math:`ENB`: reference minus digital emissions of the
        activities affected [t CO2 or a multiple].
    footprint : float or array
        First-order emissions :math:`F` of the ICT itself, at least zero [same units].
    rebound : float or array, optional
        Additional emissions :math:`R` from higher-order effects; negative if these save
        more [same units].

    Returns
    -------
    xarray.DataArray
        ``NER``, or ``NER_star`` when a rebound is taken off; positive is good, negative is
        a legal result [same units]. Its attribute ``definition`` says which it is.

    Raises
    ------
    NotANumberError
        If a value is missing, infinite or not a number.
    ValueRangeError
        If a footprint is negative.
    LabelError
        If labels of the inputs differ.
    UnitError
        If the inputs state different units.

    Notes
    -----
    :math:`NER = ENB - F`, the net second-order effect of ITU-T L.1480;
    :math:`NER^* = ENB - F - R`. Names after CAICT, ICT industry green and low-carbon
    development report, 2023, section 4(4); the formulas are a reading, not a quotation.

    Examples
    --------
    >>> float(ner(52.1, 2.1))
    50.0
    >>> ner(271.0, 0.0, rebound=84.0).name
    'NER_star'
    """
    effect = as_array(enabled, "enabled")
    own = _not_negative(as_array(footprint, "footprint"), "footprint")
    back = as_array(rebound, "rebound")
    units = _units(enabled=effect, footprint=own, rebound=back)
    effect, own, back = align(enabled=effect, footprint=own, rebound=back)
    if isinstance(rebound, int | float) and rebound == 0:
        return _result(
            effect - own,
            name="NER",
            units=units,
            long_name="net enabling emission reduction",
            definition="NER = ENB - F: gross enabling effect less the ICT footprint; "
            "no rebound is taken off.",
            definition_zh="净赋能减排量 NER = ENB − F：赋能减排总量减去信息通信技术自身足迹，"
            "未扣除反弹效应。",
        )
    return _result(
        effect - own - back,
        name="NER_star",
        units=units,
        long_name="net enabling emission reduction after rebound",
        definition="NER* = ENB - F - R: gross enabling effect less the ICT footprint and less "
        "the rebound.",
        definition_zh="扣除反弹的净赋能减排量 NER* = ENB − F − R："
        "赋能减排总量减去自身足迹和反弹效应。",
    )


def ei(ner: Numbers, activity: Numbers, unit: str) -> xr.DataArray:
    r"""
    Enabling intensity: net enabling emission reduction per unit of activity.

    Parameters
    ----------
    ner : float or array
        Net enabling emission reduction [t CO2 or a multiple].
    activity : float or array
        What it is related to: data traffic, physical output, ICT spending; above zero.
    unit : str
        Unit of ``activity``, such as ``"TB"``, ``"t steel"``, ``"10^4 CNY"``.

    Returns
    -------
    xarray.DataArray
        ``EI`` [units of ner per unit].

    Raises
    ------
    ActivityUnitError
        If the unit is empty, or ``activity`` states another one.
    ValueRangeError
        If an activity is not above zero.
    NotANumberError
        If a value is missing, infinite or not a number.
    LabelError
        If labels of the inputs differ.

    Notes
    -----
    :math:`EI = NER / D`. Which :math:`D` the publishers of the indicator use is open, so it
    has no default; results with different denominators cannot be compared or added.

    Examples
    --------
    >>> intensity = ei(310e9, 2.7e9, "TB")  # kg, disclosed by an operator for 2023
    >>> round(float(intensity)), intensity.attrs["units"]
    (115, 'units of the input/TB')
    """
    if not isinstance(unit, str) or not unit.strip():
        raise ActivityUnitError("unit: an intensity needs the unit of its activity, e.g. 'TB'")
    net, base = as_array(ner, "ner"), as_array(activity, "activity")
    stated = base.attrs.get("units", unit)
    if stated != unit:
        raise ActivityUnitError(f"activity is in {stated!r}, but unit says {unit!r}")
    if not (base > 0).all():
        raise ValueRangeError(f"activity must be above zero; it is not at {where(base <= 0)}")
    units = _units(ner=net)
    symbol = _symbol(net)
    net, base = align(ner=net, activity=base)
    return _result(
        net / base,
        name="EI",
        units=f"{units}/{unit}",
        long_name="enabling intensity",
        definition=f"EI = {symbol} / D: net enabling emission reduction per {unit} of activity.",
        definition_zh=f"赋能强度 EI = {symbol} / D：每单位活动水平（{unit}）的净赋能减排量。",
    )


def vei(
    enabled: Numbers,
    footprint: Numbers,
    ner: Numbers | None = None,
    reference: Numbers | None = None,
) -> dict[str, xr.DataArray]:
    r"""
    Vertical enabling index in its gross, net and share forms.

    Parameters
    ----------
    enabled : float or array
        Gross enabling effect [t CO2 or a multiple].
    footprint : float or array
        First-order emissions of the ICT, above zero [same units].
    ner : float or array, optional
        Net enabling emission reduction [same units]. Default: ``enabled - footprint``. Pass
        a NER after rebound to have the net forms after rebound.
    reference : float or array, optional
        Reference emissions of the vertical, above zero [same units].

    Returns
    -------
    dict of xarray.DataArray
        ``gross`` (named ``VEI_gross``), ``net`` (``VEI_net``) and, when a reference is given,
        ``share`` (``VEI_share``) [1]. Attribute ``flag`` of the first two says where the
        footprint is below 0.1 % of the reference, because the ratio is then unstable.

    Raises
    ------
    UndefinedRatioError
        If a footprint or reference is zero.
    ValueRangeError
        If a footprint or reference is negative.
    NotANumberError
        If a value is missing, infinite or not a number.
    LabelError
        If labels of the inputs differ.
    UnitError
        If the inputs state different units.

    Notes
    -----
    :math:`VEI_{gross} = ENB / F`, :math:`VEI_{net} = NER / F`,
    :math:`VEI_{share} = NER / E_{ref}`. Which of them the publishers mean is open, so no
    result is ever called just VEI. Ratios do not average: add up the parts first. They
    depend on the boundary of the footprint more than on anything else.

    Examples
    --------
    >>> index = vei(52.1, 2.1)
    >>> round(float(index["gross"]), 1), round(float(index["net"]), 1)
    (24.8, 23.8)
    """
    effect, own = align(
        enabled=as_array(enabled, "enabled"), footprint=_divisor(footprint, "footprint")
    )
    _units(enabled=effect, footprint=own)
    net = effect - own if ner is None else as_array(ner, "ner")
    _units(enabled=effect, ner=net)
    effect, own, net = align(enabled=effect, footprint=own, ner=net)
    symbol = _symbol(net)
    found = {
        "gross": _result(
            effect / own,
            name="VEI_gross",
            units="1",
            long_name="vertical enabling index, gross",
            definition="VEI_gross = ENB / F: gross enabling effect per unit of ICT footprint.",
            definition_zh="赋能因子（总量）VEI_gross = ENB / F：单位自身足迹对应的赋能减排总量。",
        ),
        "net": _result(
            net / own,
            name="VEI_net",
            units="1",
            long_name="vertical enabling index, net",
            definition=f"VEI_net = {symbol} / F: net enabling emission reduction per unit of "
            "ICT footprint.",
            definition_zh=f"赋能因子（净量）VEI_net = {symbol} / F："
            "单位自身足迹对应的净赋能减排量。",
        ),
    }
    if reference is None:
        return found
    own, net, total = align(footprint=own, ner=net, reference=_divisor(reference, "reference"))
    _units(ner=net, reference=total)
    found["share"] = _result(
        net / total,
        name="VEI_share",
        units="1",
        long_name="vertical enabling index, share of reference emissions",
        definition=f"VEI_share = {symbol} / E_ref: net enabling emission reduction as a share "
        "of the reference emissions of the vertical.",
        definition_zh=f"赋能因子（占比）VEI_share = {symbol} / E_ref："
        "净赋能减排量占该行业基准排放的比例。",
    )
    small = own / total < FLAG_BELOW
    if small.any():
        flag = (
            f"footprint below {FLAG_BELOW:.1%} of the reference emissions in "
            f"{int(small.sum())} of {small.size} cells: the ratio is unstable"
        )
        for key in ("gross", "net"):
            found[key].attrs["flag"] = flag
    return found


def actual_reduction(
    before: Numbers, reference: Numbers, digital: Numbers
) -> tuple[xr.DataArray, xr.DataArray]:
    r"""
    Split avoided emissions into a fall below today's level and slower growth.

    Parameters
    ----------
    before : float or array
        Emissions before adoption, in the base year [t CO2 or a multiple].
    reference : float or array
        Emissions of the year without the digital solution [same units].
    digital : float or array
        Emissions of the year with it [same units].

    Returns
    -------
    actual : xarray.DataArray
        Actual reduction below the level before adoption [same units].
    lesser_increase : xarray.DataArray
        The rest of what is avoided: growth that does not happen. Negative when the solution
        adds emissions [same units].

    Raises
    ------
    NotANumberError
        If a value is missing, infinite or not a number.
    LabelError
        If labels of the inputs differ.
    UnitError
        If the inputs state different units.

    Notes
    -----
    With :math:`A = E_{ref} - E_{dig}`, the actual reduction is
    :math:`\min(A, E_0 - E_{dig})` held between 0 and :math:`\max(A, 0)`; the lesser increase
    is what remains of :math:`A`. ITU-T L.1480 asks for the split; the formula is our reading.

    Examples
    --------
    >>> actual, lesser = actual_reduction(100, 130, 90)
    >>> float(actual), float(lesser)
    (10.0, 30.0)
    """
    start = as_array(before, "before")
    expected, found = as_array(reference, "reference"), as_array(digital, "digital")
    units = _units(before=start, reference=expected, digital=found)
    start, expected, found = align(before=start, reference=expected, digital=found)
    avoided = expected - found
    below = start - found
    actual = below.where(below < avoided, avoided).clip(min=0.0).where(avoided > 0, 0.0)
    return (
        _result(
            actual,
            name="actual_reduction",
            units=units,
            long_name="actual reduction",
            definition="AR = min(A, E0 - E_dig) within 0 and A, where A = E_ref - E_dig: the part "
            "of the avoided emissions that lies below the level before adoption.",
            definition_zh="实际减排量 AR = min(A, E0 − E_dig)，介于 0 与 A 之间，"
            "A = E_ref − E_dig：低于应用前水平的部分。",
        ),
        _result(
            avoided - actual,
            name="lesser_increase",
            units=units,
            long_name="lesser increase",
            definition="LI = A - AR, where A = E_ref - E_dig: avoided emissions that are only "
            "slower growth.",
            definition_zh="少增量 LI = A − AR，A = E_ref − E_dig：仅表现为增速放缓的部分。",
        ),
    )


def _result(
    data: xr.DataArray,
    *,
    name: str,
    units: str,
    long_name: str,
    definition: str,
    definition_zh: str,
) -> xr.DataArray:
    """Label a result; attributes of the inputs are not inherited."""
    found = data.copy(deep=False)
    found.attrs = {
        "units": units,
        "long_name": long_name,
        "definition": definition,
        "definition_zh": definition_zh,
    }
    return found.rename(name)


def _units(**arrays: xr.DataArray) -> str:
    """Return the unit that the arrays state, and refuse two different ones."""
    stated = {name: str(a.attrs["units"]) for name, a in arrays.items() if "units" in a.attrs}
    if len(set(stated.values())) > 1:
        listed = ", ".join(f"{name} in {units!r}" for name, units in stated.items())
        raise UnitError(f"units differ: {listed}")
    return next(iter(stated.values()), "units of the input")


def _symbol(net: xr.DataArray) -> str:
    """Say whether a net reduction is before or after rebound."""
    return "NER*" if net.name == "NER_star" else "NER"


def _not_negative(array: xr.DataArray, name: str) -> xr.DataArray:
    """Refuse negative emissions."""
    if (array < 0).any():
        raise ValueRangeError(f"{name} is negative at {where(array < 0)}; emissions are positive")
    return array


def _divisor(values: Numbers, name: str) -> xr.DataArray:
    """Check what a ratio is divided by."""
    array = _not_negative(as_array(values, name), name)
    if (array == 0).any():
        raise UndefinedRatioError(
            f"{name} is zero at {where(array == 0)}: the ratio is undefined there; leave such "
            "cells out or report the additive parts only"
        )
    return array
