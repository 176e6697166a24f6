"""HTML that cannot be broken by its contents: whatever is not markup already is escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

VOID = ("img", "meta")


class Html(str):
    """Text that is markup already; made by :func:`tag` only."""

    __slots__ = ()


def tag(name: str, /, *content: str, **attributes: str) -> Html:
    """
    Write an element.

    Parameters
    ----------
    name : str
        Element.
    *content : str
        Escaped, unless it is markup.
    **attributes : str
        Escaped; a trailing underscore is dropped, others become hyphens.

    Returns
    -------
    Html
        The element.

    Examples
    --------
    >>> tag("p", "a < b ", tag("b", "&"), class_="note")
    '<p class="note">a &lt; b <b>&amp;</b></p>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    if name in VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{joined(content)}</{name}>")


def joined(content: Iterable[str], between: str = "") -> Html:
    """
    Put pieces one after another.

    Parameters
    ----------
    content : iterable of str
        Escaped, unless markup.
    between : str
        Written between them, escaped.

    Returns
    -------
    Html
        All of them.
    """
    return Html(escape(between).join(c if isinstance(c, Html) else escape(c) for c in content))


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, words: Sequence[int] = ()
) -> Html:
    """
    Write a table: the first cell of each row names it, the others are numbers.

    Parameters
    ----------
    caption : str
        What it shows, with the unit.
    head : sequence of str
        One name for each column.
    rows : sequence of sequence of str
        Cells; the last row is set off if it is called ``total`` by the caller's style.
    words : sequence of int
        Columns that hold words, set left.

    Returns
    -------
    Html
        The table in a frame that scrolls where the screen is narrow.
    """
    style = ["words" if i in (0, *words) else "number" for i in range(len(head))]
    top = joined(tag("th", h, scope="col", class_=s) for h, s in zip(head, style, strict=True))
    body = []
    for row in rows:
        first, *rest = row
        cells = [tag("td", c, class_=s) for c, s in zip(rest, style[1:], strict=True)]
        body.append(tag("tr", tag("th", first, scope="row"), *cells))
    whole = tag("table", tag("caption", caption), tag("thead", tag("tr", top)), tag("tbody", *body))
    return tag("div", whole, class_="frame", tabindex="0", role="region", aria_label=caption)


def figure(svg: bytes, alt: str, caption: str) -> Html:
    """
    Put a picture into the page itself.

    Parameters
    ----------
    svg : bytes
        Picture.
    alt : str
        What it shows, for those who cannot see it.
    caption : str
        What stands below.

    Returns
    -------
    Html
        The figure.
    """
    source = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    return tag("figure", tag("img", src=source, alt=alt), tag("figcaption", caption))


def section(key: str, title: str, *content: str) -> Html:
    """
    Write a section under a heading.

    Parameters
    ----------
    key : str
        Anchor.
    title : str
        Heading.
    *content : str
        What it holds.

    Returns
    -------
    Html
        The section.
    """
    return tag("section", tag("h2", title), *content, id=key)


def paragraphs(sentences: Iterable[str], class_: str = "") -> Html:
    """
    Write one paragraph for each sentence.

    Parameters
    ----------
    sentences : iterable of str
        Texts.
    class_ : str
        Style.

    Returns
    -------
    Html
        The paragraphs.
    """
    given = {"class_": class_} if class_ else {}
    return joined(tag("p", s, **given) for s in sentences)
