"""A whole run once more, in plain numpy and from the files alone: projection, both halves, NER."""

import numpy as np
import pytest

import handprint
import io_tables
import sector_models

YEAR = 2030


def path(driver, year):
    """Constant growth between points."""
    years = [p.year for p in driver.points]
    return float(np.exp(np.interp(year, years, np.log([p.value for p in driver.points]))))


def spread(goal, start, base, end, year):
    """Logistic through both ends."""
    if goal is None:
        return start
    s = [1 / (1 + np.exp(-goal.speed * (t - goal.midpoint))) for t in (base, end, year)]
    return start + (max(goal.level, start) - start) * (s[2] - s[0]) / (s[1] - s[0])


class ByHand:
    """The run of a scenario whose sector models count direct emissions."""

    def __init__(self, name, year):
        self.scenario = sc = handprint.load_scenario(name)
        self.year = year
        self.models = {m: sector_models.load(m) for m in sc.sectors}
        table = io_tables.load(sc.table).domestic()
        self.labels, self.categories = list(table.sectors), list(table.categories)
        z, x = table.transactions.values, table.output.values
        y = table.final_demand.transpose("sector", "category").values
        e, home = table.satellites["CO2"].values, float(table.households["CO2"])
        self.x0, self.own0 = x, dict(zip(self.labels, e, strict=True)) | {"households": home}
        self.a = z / x
        demand = {c: path(d, year) for c, d in sc.demand.items()}
        self.y = y * np.array([demand.get(c, 1.0) for c in self.categories])
        self.x = np.linalg.solve(np.eye(len(x)) - self.a, self.y.sum(axis=1))
        self.s = e / x * self.intensity()
        self.reference = {
            m: path(sc.activity[m], year) * path(sc.intensity[m], year) * self.covered(model)
            for m, model in self.models.items()
        }
        self.cases = {m: self.levers(m) for m in self.models}

    def covered(self, model):
        return sum(c.share * self.own0[k] for c in model.covers for k in c.emitters)

    def intensity(self):
        """Of each sector: that of the models that cover it, the rest as ``other``."""
        index = np.full(len(self.labels), 0.0)
        left = np.ones(len(self.labels))
        for m, model in self.models.items():
            for c in model.covers:
                for k in c.emitters:
                    if k != "households":
                        index[self.labels.index(k)] += c.share * path(
                            self.scenario.intensity[m], self.year
                        )
                        left[self.labels.index(k)] -= c.share
        return index + left * path(self.scenario.intensity["other"], self.year)

    def levers(self, name):
        """Saving of each lever alone, rebound and ICT purchases; the roll-ups do not overlap."""
        sc, model, found = self.scenario, self.models[name], {}
        buyers = {p for c in model.affected if c.kind == "ict" for p in c.purchasers}
        output = sum(self.x[self.labels.index(b)] for b in buyers)
        for key, use in model.use_cases.items():
            start = float(use.adoption.over([sc.base_year])[0])
            ends = (start, sc.base_year, sc.end_year, self.year)
            more = spread(sc.adoption.get(name), *ends)
            more = max(0.0, more - spread(sc.reference_adoption.get(name), *ends))
            fraction = more * use.saving.value
            for part in (use.shrinkage, use.addressable):
                fraction *= 1.0 if part is None else part.value
            found[key] = {
                "segment": use.segment,
                "fraction": fraction,
                "rebound": use.rebound.value,
                "bought": more * use.ict_input.value * output,
            }
        segments = [f["segment"] for f in found.values()]
        assert len(set(segments)) == len(segments)  # nothing is shared out among levers here
        for f in found.values():
            share = model.segment_share(f["segment"]).value
            f["enabled"] = self.reference[name] * share * f["fraction"]
        return found

    def counterfactual(self):
        """Both economies; the difference by order, added up over sector models."""
        n, index = len(self.labels), self.labels.index
        kept, onsite, ict = np.ones((n, n)), np.ones(n), np.zeros((n, n))
        shift, at_home = np.zeros(n), 0.0
        for m, model in self.models.items():
            groups = {"*": [k for k, u in model.use_cases.items() if not u.affected]}
            groups |= {k: [k] for k, u in model.use_cases.items() if u.affected}
            for lever, members in groups.items():
                mine = [self.cases[m][k] for k in members]
                gross = sum(f["enabled"] for f in mine)
                lost = sum(f["enabled"] * f["rebound"] for f in mine)
                net = (gross - lost) / self.reference[m]
                cells = model.affected if lever == "*" else model.use_cases[lever].affected
                for c in cells:
                    self.act(c, net, kept, onsite, shift)
                at_home += net * sum(
                    c.share for c in model.covers if "households" in c.emitters
                ) * self.own0["households"] * self.index_of_homes()  # fmt: skip
            bought = sum(f["bought"] for f in self.cases[m].values())
            sellers = [c for c in model.affected if c.kind == "ict"]
            output = sum(self.x[index(p)] for p in sellers[0].purchasers)
            for c in sellers:
                for p in c.purchasers:
                    ict[index(c.rows[0]), index(p)] += c.share * bought / output
        a1, s1 = self.a * kept + ict, self.s * onsite
        inverse = np.linalg.inv(np.eye(n) - a1)
        x1 = inverse @ (self.y.sum(axis=1) + shift)
        mean, saved = (self.s + s1) / 2, self.a * (kept - 1)
        cost = ((self.a - a1) @ x1).sum() - shift.sum()
        y = self.y.sum(axis=1)
        return {
            "total_before": self.s @ self.x,
            "total_after": s1 @ x1,
            "footprint": mean @ inverse @ ict @ self.x,
            "second": -(mean @ inverse @ (saved @ self.x + shift))
            - (s1 - self.s) @ (self.x + x1) / 2,
            "households": at_home,
            "cost_saving": cost,
            "respending_of_all": s1 @ inverse @ (y / y.sum()) * cost,
        }

    def index_of_homes(self):
        """Emissions of households follow the models that cover them."""
        parts = {
            m: sum(c.share for c in model.covers if "households" in c.emitters)
            for m, model in self.models.items()
        }
        use = {
            m: path(self.scenario.activity[m], self.year)
            * path(self.scenario.intensity[m], self.year)
            for m in parts
        }
        return sum(parts[m] * use[m] for m in parts) / sum(parts.values())

    def act(self, cell, net, kept, onsite, shift):
        index = self.labels.index
        for p in cell.purchasers:
            if cell.kind == "onsite":
                onsite[index(p)] *= 1 - cell.share * net
            for row in cell.rows:
                if cell.kind == "input":
                    kept[index(row), index(p)] *= 1 - cell.share * net
                elif cell.kind == "demand":
                    column = self.categories.index(p)
                    shift[index(row)] -= cell.share * net * self.y[index(row), column]


@pytest.fixture(scope="module", params=["current-policy", "accelerated", "low-growth"])
def both(request):
    return ByHand(request.param, YEAR), handprint.run(request.param)


def test_the_projection(both):
    mine, run = both
    now = run.top_down.sel(year=YEAR, estimate="central")
    np.testing.assert_allclose(now["emitters_before"].values, mine.s * mine.x, rtol=1e-10)
    for m, value in mine.reference.items():
        assert float(run.bottom_up["reference"].sel(sector=m, year=YEAR)) == pytest.approx(value)


def test_the_sector_models(both):
    mine, run = both
    now = run.bottom_up.sel(year=YEAR, estimate="central")
    for m, cases in mine.cases.items():
        for key, f in cases.items():
            found = now.sel(use_case=f"{m}.{key}")
            assert float(found["enabled"]) == pytest.approx(f["enabled"], rel=1e-10), (m, key)
            assert float(found["rebound"]) == pytest.approx(f["enabled"] * f["rebound"])
            assert float(found["ict_purchases"]) == pytest.approx(f["bought"], rel=1e-10)


def test_the_counterfactual_economy(both):
    mine, run = both
    now, wanted = run.top_down.sel(year=YEAR, estimate="central"), mine.counterfactual()
    found = {
        "total_before": now["total_before"],
        "total_after": now["total_after"],
        "footprint": now["footprint"].sum(),
        "second": (now["enabled"] - now["households"] + now["upstream"]).sum(),
        "households": now["households"].sum(),
        "cost_saving": now["cost_saving"].sum(),
        "respending_of_all": now["respending_of_all"].sum(),
    }
    for name, value in wanted.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9), name


def test_ner_after_rebound(both):
    mine, run = both
    levers = [(m, f) for m, cases in mine.cases.items() for f in cases.values()]
    gross = sum(f["enabled"] for _, f in levers)
    own = sum(
        f["bought"] * mine.models[m].ict_intensity.value * mine.models[m].ict_life_cycle.value / 1e6
        for m, f in levers
    )
    direct = sum(f["enabled"] * f["rebound"] for _, f in levers)
    again = mine.scenario.respend.value * mine.counterfactual()["respending_of_all"]
    now = run.indicators.sel(sector="total", year=YEAR, estimate="central")
    assert float(now["NER"]) == pytest.approx(gross - own, rel=1e-9)
    assert float(now["NER_star"]) == pytest.approx(gross - own - direct - again, rel=1e-9)
    ratios = run.ratios.sel(sector="total", year=YEAR, estimate="central")
    assert float(ratios["VEI_gross"]) == pytest.approx(gross / own, rel=1e-9)
