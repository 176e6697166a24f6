"""JSON Schemas: shipped files fit them, wrong files do not, and what editors show comes along."""

import copy
import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import sector_models
from handprint.errors import OutputExistsError
from handprint.initialise import initialise
from handprint.scenario import SHIPPED, scenario_names
from handprint.schemas import schema, write_schema

DATA = Path(sector_models.__file__).parent / "data"


@pytest.fixture(scope="module")
def validators():
    found = {kind: schema(kind) for kind in ("sector", "scenario")}
    for one in found.values():
        Draft202012Validator.check_schema(one)
    return {kind: Draft202012Validator(one) for kind, one in found.items()}


def read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def places(validator, raw):
    return {".".join(map(str, error.absolute_path)) for error in validator.iter_errors(raw)}


@pytest.mark.parametrize("name", sector_models.names())
def test_shipped_sector_files_fit(name, validators):
    assert places(validators["sector"], read(DATA / f"{name}.toml")) == set()


@pytest.mark.parametrize("name", scenario_names())
def test_shipped_scenarios_fit(name, validators):
    assert places(validators["scenario"], read(SHIPPED / f"{name}.toml")) == set()


def test_files_of_a_new_project_fit_and_name_their_schema(tmp_path, validators):
    initialise(tmp_path)
    for kind in ("sector", "scenario"):
        path = tmp_path / f"{kind}.toml"
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == f"#:schema ./{kind}.schema.json"
        assert json.loads((tmp_path / f"{kind}.schema.json").read_text("utf-8")) == schema(kind)
        assert places(validators[kind], read(path)) == set()


def put(raw, place, value):
    *above, last = place.split(".")
    for key in above:
        raw = raw[int(key) if isinstance(raw, list) else key]
    raw[last] = value


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("titel", "x", ""),
        ("scope", "indirect", "scope"),
        ("ict_intensity", "common.ict_intensitty", "ict_intensity"),
        ("defaults.rebond", {}, "defaults"),
        ("covers.0.share", 1.5, "covers.0.share"),
        ("use_cases.kiln_control.tier", 4, "use_cases.kiln_control.tier"),
        ("use_cases.kiln_control.saving", 0.1, "use_cases.kiln_control.saving"),
        ("covers.0.source", [], "covers.0.source"),
        ("emissions.value", "1", "emissions"),
    ],
)
def test_wrong_sector_files_do_not_fit(place, value, said, validators):
    raw = read(DATA / "cement.toml")
    put(raw, place, value)
    assert places(validators["sector"], raw) == {said}


def test_a_scenario_needs_a_base_or_everything(validators):
    whole = read(SHIPPED / "frozen-digitalisation.toml")
    assert "base" not in whole
    part = copy.deepcopy(whole)
    del part["table"]
    assert places(validators["scenario"], part) == {""}
    assert places(validators["scenario"], part | {"base": "current-policy"}) == set()
    wrong = {"base": "current-policy", "name": "x", "adoption": {"power": {"level": 2}}}
    assert places(validators["scenario"], wrong) == {"adoption.power.level"}
    assert places(validators["scenario"], {"name": "x", "base": "y", "sector_files": {}}) == {""}


@pytest.mark.parametrize("kind", ["sector", "scenario"])
def test_every_field_is_described_and_null_is_never_offered(kind):
    found = schema(kind)
    records = {found["title"]: found, **found["$defs"]}
    for title, record in records.items():
        assert record["description"], title
        for name, field in record["properties"].items():
            assert field.get("description"), f"{title}.{name}"
    assert '"null"' not in json.dumps(found)


def test_common_parameters_are_offered_where_they_are_read():
    offered = schema("sector")["properties"]["ict_intensity"]["anyOf"][1]["enum"]
    assert offered == [f"common.{key}" for key in read(DATA / "common.toml")]
    assert "common." not in json.dumps(schema("scenario"))


def test_a_schema_is_not_overwritten(tmp_path):
    path = write_schema("sector", tmp_path / "deep" / "s.json")
    with pytest.raises(OutputExistsError):
        write_schema("sector", path)
    assert write_schema("sector", path, force=True) == path
