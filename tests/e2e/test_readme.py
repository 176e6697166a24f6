"""What the README shows runs, and the numbers in it are those of a run."""

import re
import shlex
from pathlib import Path

import pytest

import handprint
from handprint.cli import main
from handprint.console import spread
from handprint.i18n import label

ROOT = Path(__file__).parents[2]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def headline_rows(results, lang):
    """Rows of the table of the README, from a run."""
    columns = (("NER", 1), ("NER_star", 1), ("VEI_gross", 1), ("VEI_share", 100))
    for sector in results.indicators["sector"].values:
        cells = [label(str(sector), lang)]
        for name, scale in columns:
            low, central, high = (scale * v for v in spread(results, name, str(sector), 2030))
            digits = 0 if name.startswith("NER") else 1
            cells.append(f"{central:.{digits}f} ({low:.{digits}f} … {high:.{digits}f})")
        yield "| " + " | ".join(cells) + " |"


@pytest.fixture(scope="module")
def current():
    return handprint.run("current-policy", draws=1000, seed=1)


@pytest.mark.parametrize("lang", READMES)
def test_numbers_are_those_of_a_run(lang, current):
    text = READMES[lang].read_text(encoding="utf-8")
    shown = re.search(r"<!-- headline.*?-->\n(.*?)<!-- end -->", text, re.DOTALL).group(1)
    assert shown.strip().splitlines()[2:] == list(headline_rows(current, lang))


@pytest.mark.parametrize("lang", READMES)
def test_python_blocks_run(lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = blocks(READMES[lang], "python")
    assert found
    for block in found:
        exec(compile(block, str(READMES[lang]), "exec"), {})


@pytest.mark.parametrize("lang", READMES)
def test_commands_run(lang, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks(READMES[lang], "sh") for line in block.splitlines()]
    assert lines
    for line in lines:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "handprint"
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code in (0, None), line
        assert capsys.readouterr().out


@pytest.mark.parametrize("lang", READMES)
def test_pictures_are_there(lang):
    for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", READMES[lang].read_text(encoding="utf-8")):
        assert (ROOT / target).read_bytes().startswith(b"\x89PNG")
