"""Sector files: what is read, and what is said about a wrong one."""

import pytest

import sector_models
from sector_models import Parameter
from sector_models.errors import SectorFileError, UnknownSectorError
from sector_models.lines import line_of, lines_of

SAVING = "saving = { value = 0.2, low = 0.1, high = 0.3"
SHARE = "share = { value = 0.4, low = 0.4, high = 0.4"
INPUT = "ict_input = { value = 0.01, low = 0.01, high = 0.02"
CURVE = 'adoption = { curve = "linear", start = 0.0, end = 1.0'

BAD = {
    "percent typed as 10": (
        (SAVING, "saving = { value = 10, low = 5, high = 20"),
        "use_cases.control.saving: value 10 is outside -1 to 1; for 10 % write 0.1",
    ),
    "percent as a unit": (
        (f'{SAVING}, units = "1"', f'{SAVING}, units = "%"'),
        "use_cases.control.saving: units are '%', '1' is needed",
    ),
    "low above high": (
        (SAVING, "saving = { value = 0.2, low = 0.3, high = 0.1"),
        "use_cases.control.saving: low 0.3 is above high 0.1",
    ),
    "value outside its range": (
        (SAVING, "saving = { value = 0.4, low = 0.1, high = 0.3"),
        "use_cases.control.saving: value 0.4 is outside low 0.1 to 0.3",
    ),
    "adoption above one": (
        (CURVE, CURVE.replace("end = 1.0", "end = 1.2")),
        "use_cases.control.adoption: end 1.2 is outside 0 to 1; for 1.2 % write 0.012",
    ),
    "adoption without a parameter": (
        (CURVE, 'adoption = { curve = "linear", start = 0.0'),
        "use_cases.control.adoption: linear needs end",
    ),
    "unknown curve": (
        (CURVE, CURVE.replace('"linear"', '"linaer"')),
        "use_cases.control.adoption.curve: 'linaer' is not allowed; valid: 'linear'",
    ),
    "unknown key": (
        ("rebound = {", "rebond = {"),
        "use_cases.control.rebond: unknown key; did you mean 'rebound'",
    ),
    "unknown key of a parameter": (
        (SAVING, SAVING.replace("high", "hihg")),
        "use_cases.control.saving.hihg: unknown key; did you mean 'high'?",
    ),
    "unknown key at the top": (
        ("output = {", "outptu = {"),
        "outptu: unknown key; did you mean 'output'?",
    ),
    "missing source": (
        (
            f'{SAVING}, units = "1", year = 2020, status = "assumption", source = "made_up"',
            f'{SAVING}, units = "1", year = 2020, status = "assumption"',
        ),
        "use_cases.control.saving.source: is missing",
    ),
    "source that does not resolve": (
        (
            f'{SAVING}, units = "1", year = 2020, status = "assumption", source = "made_up"',
            f'{SAVING}, units = "1", year = 2020, status = "assumption", source = "caict_0021"',
        ),
        "use_cases.control.saving.source: no source 'caict_0021'; did you mean 'caict_2021'",
    ),
    "not a number": (
        (SAVING, SAVING.replace("0.2", "nan")),
        "use_cases.control.saving.value: nan is not a finite number",
    ),
    "infinite": (
        ("output = { value = 2e8", "output = { value = inf"),
        "output.value: inf is not a finite number",
    ),
    "text in a number": (
        (SAVING, SAVING.replace("0.2", '"0.2"')),
        "use_cases.control.saving.value: '0.2' is not a number",
    ),
    "truth value in a number": (
        (SAVING, SAVING.replace("0.2", "true")),
        "use_cases.control.saving.value: True is not a number",
    ),
    "empty title": (('title = "Tiny"', 'title = " "'), "title: is empty"),
    "unknown status": (
        ('year = 2020, status = "assumption"', 'year = 2020, status = "guess"'),
        "emissions.status: 'guess' is not allowed; valid: 'published', 'derived' or 'assumption'",
    ),
    "segments of more than everything": (
        (SHARE, "share = { value = 0.5, low = 0.4, high = 0.5"),
        "segments: high shares of the segments add up to 1.1, more than 1",
    ),
    "unknown segment": (
        ('segment = "mill"', 'segment = "mil"'),
        "use_cases.sorting.segment: no segment 'mil'; did you mean 'mill'",
    ),
    "no segments": (
        ("[segments.kiln]", "[segmnts.kiln]"),
        "segmnts: unknown key; did you mean 'segments'?",
    ),
    "a table that is a number": (
        (INPUT, "shrinkage.x = 1\nict_input = { value = 0.01, low = 0.01, high = 0.02"),
        "not TOML",
    ),
}


@pytest.mark.parametrize(("replacement", "words"), BAD.values(), ids=BAD.keys())
def test_bad_files_name_the_place(tiny_file, replacement, words):
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(tiny_file(replacement))
    assert caught.value.place == "tiny.toml"
    assert words in str(caught.value)


# Where the change is not on the line of the problem: shares as a whole begin at the first segment.
ELSEWHERE = {"segments of more than everything": "[segments.kiln]"}


@pytest.mark.parametrize("name", [name for name in BAD if BAD[name][1] != "not TOML"])
def test_problems_of_bad_files_have_their_line(tiny_file, name):
    replacement, words = BAD[name]
    path = tiny_file(replacement)
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(path)
    problem = next(p for p in caught.value.problems if words in p)
    text = path.read_text(encoding="utf-8")
    mark = ELSEWHERE.get(name, replacement[1])
    wanted = text[: text.index(mark)].count("\n") + 1
    assert line_of(problem.partition(": ")[0], lines_of(text)) == wanted


def test_what_does_not_fit_together_is_found_in_a_file_that_is_wrong_elsewhere(tiny_file):
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(
            tiny_file(
                BAD["segments of more than everything"][0],
                BAD["unknown segment"][0],
                BAD["percent typed as 10"][0],
                ('segment = "kiln"', 'activity = "clinker"\nsegment = "kiln"'),
            )
        )
    places = {problem.partition(": ")[0] for problem in caught.value.problems}
    assert places == {
        "segments",
        "use_cases.sorting.segment",
        "use_cases.control.saving",
        "use_cases.control.activity",
    }


ORIGIN = 'year = 2020, status = "assumption", source = "made_up"'
MEASURED = f"""activity = "clinker"
factor = {{{{ value = 0.5, low = 0.5, high = 0.5, units = "{{}}", {ORIGIN} }}}}
[activities.clinker]
title = "Clinker"
title_zh = "熟料"
amount = {{{{ value = 800.0, low = 800.0, high = 800.0, units = "{{}}", {ORIGIN} }}}}
"""


@pytest.mark.parametrize(
    ("factor", "amount", "fits"),
    [("t CO2/t", "Mt", True), ("t CO2/MWh", "Mt", False), ("t CO2/t", "TWh", False)],
)
def test_activity_and_factor_need_units_whose_product_is_mt(tiny_file, factor, amount, fits):
    share = next(line for line in tiny_file().read_text("utf-8").split("\n") if SHARE in line)
    path = tiny_file((share, MEASURED.format(factor, amount)))
    if fits:
        assert sector_models.load(path).segment_share("mill").value == pytest.approx(0.4)
        return
    with pytest.raises(SectorFileError, match=r"segments.mill.factor: .* gives no Mt CO2; valid"):
        sector_models.load(path)


def test_defaults_are_blamed_once_and_where_they_stand(tiny_file):
    text = tiny_file().read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if not line.startswith("rebound")]
    wrong = next(line for line in text.split("\n") if line.startswith("rebound"))
    path = tiny_file()
    path.write_text(
        "\n".join(rows) + f"\n[defaults]\n{wrong.replace('value = 0.1', 'value = 10')}\n", "utf-8"
    )
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("defaults.rebound: value 10 is outside")


def test_sources_inside_lists_are_resolved_too(tiny_file):
    cell = (
        'covers = [{ emitters = ["NMM"], share = 1.0, status = "derived", source = "hearsay" }]\n'
    )
    with pytest.raises(SectorFileError, match=r"covers.0.source: no source 'hearsay'"):
        sector_models.load(tiny_file(("[sources.made_up]", cell + "[sources.made_up]")))


def test_all_problems_are_reported_together(tiny_file):
    together = ["percent typed as 10", "unknown key at the top", "unknown segment"]
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(
            tiny_file(
                *(BAD[name][0] for name in together),
                ('segment = "kiln"', 'segment = "kilm"'),
                (
                    'status = "assumption", source = "made_up"',
                    'status = "assumption", source = "x"',
                ),
            )
        )
    message = str(caught.value)
    assert all(BAD[name][1] in message for name in together)
    assert "emissions.source: no source 'x'" in message
    assert "use_cases.control.segment: no segment 'kilm'" in message
    assert "output: is missing" in message
    assert message.startswith("tiny.toml: 6 problems")
    assert len(caught.value.problems) == 6


def test_a_file_is_read_whole(tiny_file):
    sector = sector_models.load(str(tiny_file()))
    assert sector.title_zh == "小"
    assert sector.share("sorting").value == 0.4
    assert sector.use_cases["control"].saving.source == ("made_up",)
    assert sector.use_cases["control"].reference_adoption is None


def test_unknown_sector():
    with pytest.raises(UnknownSectorError, match="no sector 'bilding'; did you mean 'buildings'"):
        sector_models.load("bilding")
    with pytest.raises(UnknownSectorError, match="neither a name nor a path"):
        sector_models.load(None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"name = ", "not TOML"),
        ("name = '工业'".encode("gbk"), "not UTF-8"),
        (b"#" * 200_001, "larger than 200 kB"),
        (b"a = " + b"[" * 5_000, "nested too deeply"),
        (b"[" + b"a." * 5_000 + b"a]", "nested too deeply"),
        (b"", "name: is missing"),
        (b"emissions = 1" + b"0" * 400, "emissions"),
    ],
)
def test_files_that_are_no_sector_files(tmp_path, content, words):
    path = tmp_path / "odd.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SectorFileError) as caught:
        sector_models.load(path)
    assert words in str(caught.value)


def test_records_cannot_be_changed(tiny):
    with pytest.raises(ValueError, match="frozen"):
        tiny.emissions.value = 2.0


def test_a_parameter_can_be_made_in_python():
    share = Parameter(
        value=0.2, low=0.1, high=0.3, units="1", year=2020, status="derived", source="caict_2021"
    )
    assert share.source == ("caict_2021",)
    with pytest.raises(ValueError, match=r"low 0.3 is above high 0.1"):
        Parameter(value=0.2, low=0.3, high=0.1, units="1", year=2020, status="derived", source="x")


def test_a_sector_made_in_python_is_checked_too(tiny):
    content = tiny.model_dump()
    content["use_cases"]["sorting"]["segment"] = "mil"
    with pytest.raises(ValueError, match="no segment 'mil'"):
        sector_models.Sector.model_validate(content)


def test_provenance_lists_every_number(tiny):
    table = sector_models.provenance(tiny)
    assert table.columns.tolist() == (
        ["parameter", "value", "low", "high", "units", "year", "status", "source", "note"]
    )
    assert not table.isna().any().any()
    rows = table.set_index("parameter")
    assert rows.loc["use_cases.control.saving", ["value", "low", "high"]].tolist() == [
        0.2,
        0.1,
        0.3,
    ]
    assert rows.loc["use_cases.control.adoption.last_year", "units"] == "year"
    assert rows.loc["segments.mill.share", "source"] == "made_up"
    # 5 of the sector, 2 shares, and per use case 4 parameters and 4 of its curve
    assert len(table) == 5 + 2 + 3 * (4 + 4)
