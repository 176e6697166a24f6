"""Consequence trees: what stands in text and picture is what the file says."""

import io

import pytest
from rich.console import Console

import sector_models
from handprint.canvas import picture
from handprint.i18n import LanguageError
from handprint.tree import TreeError, tree_figure, tree_text, use_case

DETAILED = [
    (name, key)
    for name in sector_models.names()
    for key, case in sector_models.load(name).use_cases.items()
    if case.consequences
]


def shown(name, key, lang):
    console = Console(width=400, file=io.StringIO())
    console.print(tree_text(name, key, lang=lang))
    return console.file.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("name", "key"), DETAILED)
def test_every_effect_stands_in_the_text(name, key, lang):
    text = shown(name, key, lang)
    for effect in sector_models.load(name).use_cases[key].consequences:
        sign = "\u2212" if effect.effect == "saves" else "+"
        assert f"{sign} {effect.text_zh if lang == 'zh' else effect.text}" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_boxes_of_the_picture(lang):
    name, key = DETAILED[0]
    case = sector_models.load(name).use_cases[key]
    figure = tree_figure(name, key, lang=lang)
    names = {text.get_gid() for text in figure.axes[0].texts}
    assert {"case", "order.first", "order.second", "order.higher"} <= names
    effects = [text for text in figure.axes[0].texts if text.get_gid().startswith("effect.")]
    assert len(effects) >= len(case.consequences)
    joined = "".join("".join(text.get_text().split()) for text in effects)
    for effect in case.consequences:
        assert "".join((effect.text_zh if lang == "zh" else effect.text).split()) in joined


def test_boxes_do_not_lie_on_each_other_or_leave_the_sheet():
    name, key = max(DETAILED, key=lambda p: len(use_case(*p)[1].consequences))
    figure = tree_figure(name, key)
    frame = figure.bbox
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for i, box in enumerate(boxes):
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_the_same_tree_gives_the_same_bytes():
    name, key = DETAILED[0]
    assert picture(tree_figure(name, key), "svg") == picture(tree_figure(name, key), "svg")


def test_what_is_not_there_is_told():
    with pytest.raises(TreeError, match="no use case 'dispach'; did you mean 'dispatch'"):
        use_case("power", "dispach")
    with pytest.raises(TreeError, match="lists no consequences"):
        tree_figure("power", "dispatch")
    with pytest.raises(LanguageError):
        tree_text(*DETAILED[0], lang="fr")
