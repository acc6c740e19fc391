"""A piece of HTML comes in; its words, with paragraphs on lines of their own, go out."""

from __future__ import annotations

import re

from parsel import Selector

BREAKS = frozenset(
    {"p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "figure"}
)
SILENT = frozenset({"script", "style", "noscript", "template"})


def words_of_html(html: str) -> str:
    """Return the words of a piece of HTML; line breaks and paragraphs leave a newline."""
    return words_of(Selector(html)) if html.strip() else ""


def words_of(node: Selector) -> str:
    """Return the words of an element, with its paragraphs on lines of their own."""
    parts: list[str] = []
    _collect(node.root, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def _collect(element: object, parts: list[str]) -> None:
    """Walk an lxml element; deep nesting is walked with a stack of our own, since pages may be hostile."""
    stack: list[object] = [element]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            parts.append(entry)
            continue
        tag = getattr(entry, "tag", None)
        if not isinstance(tag, str) or tag in SILENT:
            continue
        if tag == "br":
            parts.append("\n")
        inside: list[object] = []
        if tag in BREAKS:
            inside.append("\n")
        inside.append(getattr(entry, "text", None) or "")
        for child in entry:  # type: ignore[attr-defined]
            inside += (child, child.tail or "")
        if tag in BREAKS:
            inside.append("\n")
        stack.extend(reversed(inside))
