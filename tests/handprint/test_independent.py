"""Detailed verticals once more in plain numpy: overlaps, cells of the table, and draws."""

import math

import numpy as np
import pytest
from scipy import stats

import handprint
import io_tables
import sector_models
from handprint.pipeline import central_run
from handprint.sampling import Ranks
from handprint.uncertainty import Plan, monte_carlo

YEAR, EL, ANY = 2027, "ELE", "*"
FIELD = {"low": "low", "central": "value", "high": "high"}
CLOSE = 1e-9


class Hand:
    """A run whose uncertain numbers come from two functions: of a parameter, of a driver."""

    def __init__(self, name, number, index):
        self.scenario = sc = handprint.load_scenario(name)
        self.models = {m: sector_models.load(m) for m in sc.sectors}
        self.number = number
        table = io_tables.load(sc.table)
        self.labels = list(table.sectors)
        z, y = table.transactions.values, table.final_demand.to_pandas()[table.categories]
        home = y.drop(columns=["imports", "exports"])
        own = 1 + y["imports"].values / (z.sum(axis=1) + home.values.sum(axis=1))
        self.z, self.y = own[:, None] * z, home.mul(own, axis=0).assign(exports=y["exports"])
        self.x, self.e = table.output.values, table.satellites["CO2"].values
        self.emit = dict(zip(self.labels, self.e, strict=True))
        self.emit["households"] = float(table.households["CO2"])
        self.act, self.clean, self.demand = (
            {k: index(d, f"{kind}.{k}") for k, d in getattr(sc, kind).items()}
            for kind in ("activity", "intensity", "demand")
        )
        self.a = self.z / self.x
        self.y_t = self.y * [self.demand.get(c, 1.0) for c in self.y.columns]
        self.x_t = np.linalg.solve(np.eye(len(self.x)) - self.a, self.y_t.values.sum(axis=1))

    def covers(self, model, emitter):
        return sum(c.share for c in self.models[model].covers if emitter in c.emitters)

    def cells(self, model, lever):
        """(kind, row, purchaser, share) of what a lever changes."""
        record = self.models[model]
        own = record.affected if lever == ANY else record.use_cases[lever].affected
        return [
            (c.kind, r, p, c.share)
            for c in own or record.affected
            for r in c.rows or ("",)
            for p in c.purchasers
        ]

    def power_bought(self, kind, buyer, now=False):
        """Emissions of the electricity that somebody buys, base year or projected."""
        i = self.labels.index(EL)
        flows = self.a * self.x_t if now else self.z
        use = self.y_t if now else self.y
        rate = self.s[i] if now else self.e[i] / self.x[i]
        return rate * (
            flows[i, self.labels.index(buyer)] if kind == "input" else use[buyer].iloc[i]
        )

    def acts_on(self, model, lever, now=False):
        """Emissions of the cells of a lever, and the part that is electricity."""
        cells = self.cells(model, lever)
        own = self.s * self.x_t if now else self.e
        site = sum(a * own[self.labels.index(p)] for k, _, p, a in cells if k == "onsite")
        power = sum(
            a * self.power_bought(k, p, now)
            for k, r, p, a in cells
            if k in ("input", "demand") and r == EL
        )
        burns = any(k == "demand" and r != EL for k, r, _, _ in cells)
        homes = self.covers(model, "households") * (self.homes if now else self.emit["households"])
        return site + power + burns * homes, power

    def spread(self, kind, model, start):
        goal = getattr(self.scenario, kind).get(model)
        if goal is None:
            return start
        end = max(start, self.number(goal, f"{model}.{kind}"))
        s = [1 / (1 + math.exp(-goal.speed * (t - goal.midpoint))) for t in (2020, 2030, YEAR)]
        return start + (end - start) * (s[2] - s[0]) / (s[1] - s[0])

    def references(self):
        found, grid = {}, self.clean["power_grid"]
        for m, record in self.models.items():
            reach = {}
            for lever in (ANY, *record.use_cases):
                for kind, row, p, a in self.cells(m, lever):
                    if row == EL and kind in ("input", "demand"):
                        reach[kind, p] = max(a, reach.get((kind, p), 0.0))
            bought = sum(a * self.power_bought(*key) for key, a in reach.items())
            direct = sum(self.covers(m, k) * e for k, e in self.emit.items())
            counted = bought if record.scope == "direct+purchased" else 0.0
            found[m] = self.act[m] * (direct * self.clean[m] + counted * grid)
        return found

    def levers(self):
        """Enabling effect, rebound, ICT purchases and footprint of each lever."""
        self.reference, found = self.references(), {}
        for m, record in self.models.items():
            levers = [ANY, *record.use_cases]
            buyers = {p for k in levers for kind, _, p, _ in self.cells(m, k) if kind == "ict"}
            output = sum(self.x_t[self.labels.index(b)] for b in buyers)
            alone, more = {}, {}
            for k, case in record.use_cases.items():
                start = float(case.adoption.over([2020])[0])
                kinds = ("adoption", "reference_adoption")
                after, before = (self.spread(kind, m, start) for kind in kinds)
                more[k] = max(0.0, after - before)
                alone[k] = more[k] * self.number(case.saving, f"{m}.saving")
                alone[k] *= self.number(case.shrinkage, f"{m}.shrinkage")
                if case.addressable is not None:
                    alone[k] *= self.number(case.addressable, f"{m}.{k}.addressable")
            for k, case in record.use_cases.items():
                mates = [alone[j] for j, o in record.use_cases.items() if o.segment == case.segment]
                logs = sum(math.log(1 - f) for f in mates)
                joint = 1 - math.prod(1 - f for f in mates)
                part = joint * math.log(1 - alone[k]) / logs if logs else 0.0
                share = self.number(record.share(k), f"{m}.{case.segment}.share")
                bought = output * more[k] * self.number(case.ict_input, f"{m}.ict_input")
                per_cost = self.number(record.ict_intensity, "ict_intensity")
                per_cost *= self.number(record.ict_life_cycle, "ict_life_cycle")
                found[m, k] = {
                    "enabled": self.reference[m] * share * part,
                    "rate": self.number(case.rebound, f"{m}.rebound"),
                    "bought": bought,
                    "footprint": bought * per_cost / 1e6,
                }
        return self.without_overlap(found)

    def without_overlap(self, found):
        """Saved and cleaner electricity: each side bears half of the product."""
        electric = {}
        for m, k in found:
            whole, power = self.acts_on(m, k)
            counts = m != "power_grid" and self.models[m].scope == "direct+purchased"
            electric[m, k] = power / whole if counts and whole else 0.0
        base = self.reference["power_grid"]
        used = sum(f["enabled"] * electric[key] for key, f in found.items()) / base
        better = sum(f["enabled"] for (m, _), f in found.items() if m == "power_grid") / base
        for (m, k), f in found.items():
            lost = used if m == "power_grid" else electric[m, k] * better
            f["enabled"] *= 1 - lost / 2
        return found

    def both_economies(self, found):
        """Total emissions of sectors with the levers at work: savings of one model add up."""
        index, n = self.labels.index, len(self.labels)
        shares = np.array([[self.covers(m, k) for m in self.models] for k in self.labels])
        clean = shares @ [self.clean[m] for m in self.models]
        self.s = self.e / self.x * (clean + (1 - shares.sum(axis=1)) * self.clean["other"])
        held = {m: self.covers(m, "households") for m in self.models}
        use = sum(h * self.act[m] * self.clean[m] for m, h in held.items()) / sum(held.values())
        self.homes = self.emit["households"] * use
        kept, site, ict = np.ones((n, n)), np.ones(n), np.zeros((n, n))
        demand = self.y_t.values.sum(axis=1)
        for m, record in self.models.items():
            saved, burnt = np.zeros((n, n)), np.zeros(n)
            special = [k for k, c in record.use_cases.items() if c.affected]
            groups = {ANY: [k for k in record.use_cases if k not in special]}
            for lever, members in (groups | {k: [k] for k in special}).items():
                mine = [found[m, k] for k in members]
                net = sum(f["enabled"] * (1 - f["rate"]) for f in mine)
                cells = self.cells(m, lever)
                net /= self.acts_on(m, lever, now=True)[0] if net else 1.0
                for kind, r, p, a in cells:
                    if kind == "input":
                        saved[index(r), index(p)] += a * net
                    elif kind == "onsite":
                        burnt[index(p)] += a * net
                    elif kind == "demand":
                        demand[index(r)] -= a * net * self.y_t[p].iloc[index(r)]
            buyers = {p for kind, _, p, _ in self.cells(m, ANY) if kind == "ict"}
            output = sum(self.x_t[index(b)] for b in buyers)
            bought = sum(f["bought"] for (owner, _), f in found.items() if owner == m)
            for kind, r, p, a in self.cells(m, ANY):
                if kind == "ict":
                    ict[index(r), index(p)] += a * bought / output
            kept, site = kept * (1 - saved), site * (1 - burnt)
        output = np.linalg.solve(np.eye(n) - self.a * kept - ict, demand)
        return float(self.s @ self.x_t), float((self.s * site) @ output)


def along(points, values):
    return math.exp(np.interp(YEAR, [p.year for p in points], np.log(values)))


@pytest.mark.parametrize("estimate", ["low", "central", "high"])
def test_both_halves_of_the_verticals(verticals_run, estimate):
    def _number(given, _):
        wanted = FIELD[estimate]
        return getattr(given, "level" if wanted == "value" and hasattr(given, "level") else wanted)

    hand = Hand("verticals", _number, lambda d, _: along(d.points, [p.value for p in d.points]))
    levers = hand.levers()
    bottom = verticals_run.bottom_up.sel(year=YEAR, estimate=estimate)
    for (m, k), f in levers.items():
        row = bottom.sel(use_case=f"{m}.{k}")
        found = [row[q].item() for q in ("enabled", "ict_purchases", "footprint")]
        wanted = [f["enabled"], f["bought"], f["footprint"]]
        assert found == pytest.approx(wanted, rel=CLOSE, abs=1e-12)
    assert bottom["overlap_grid"].sum() > 0
    before, after = hand.both_economies(levers)
    top = verticals_run.top_down.sel(year=YEAR, estimate=estimate)
    fall = (top["total_before"] - top["total_after"]).item()
    assert top["total_before"].item() == pytest.approx(before, rel=CLOSE)
    assert fall == pytest.approx(before - after, rel=CLOSE)


@pytest.fixture(scope="module")
def verticals_run():
    return handprint.run("verticals")


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_draws_of_the_verticals_one_by_one(method):
    model = central_run("verticals").model()
    drawn = monte_carlo(model, Plan(8, 3, method, draw_drivers=True)).sectors.sel(year=YEAR)
    errors = [f"top_down_error.{s}" for s in model.scenario.sectors]
    ranks = Ranks(8, 3, method, (*model.streams().asked, *errors) if method == "sobol" else ())

    for i in range(2):

        def _number(given, stream, i=i):
            mode = given.level if hasattr(given, "level") else given.value
            wide, rank = given.high - given.low, ranks.of(getattr(given, "shared", None) or stream)
            assert getattr(given, "distribution", "triangular") == "triangular"
            place = (mode - given.low) / wide if wide else 0.5
            return stats.triang.ppf(rank[i], place, given.low, wide) if wide else mode

        def _index(driver, stream, number=_number):
            return along(driver.points, [number(p, stream) for p in driver.points])

        levers = Hand("verticals", _number, _index).levers()
        for m in model.scenario.sectors:
            mine = [f for (owner, _), f in levers.items() if owner == m]
            ner = sum(f["enabled"] - f["footprint"] for f in mine)
            row = drawn.isel(draw=i).sel(sector=m)
            size = float(row["enabled"] + row["footprint"])
            assert row["NER"].item() == pytest.approx(ner, abs=CLOSE * size)
