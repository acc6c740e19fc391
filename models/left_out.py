"""Training without a data set: examples and its name come in; those that tell nothing of it go out."""

from __future__ import annotations

from collections.abc import Sequence

from models.corpus import Example


def without(examples: Sequence[Example], name: str) -> list[Example]:
    """Return the examples of other sets; a text or group of near copies that the set has too is dropped.

    An empty name leaves nothing out.

    Raises:
        ValueError: there is no such set.
    """
    if not name:
        return list(examples)
    out = [example for example in examples if example.set == name]
    if not out:
        raise ValueError(f"no set {name!r}; there are {', '.join(sorted({e.set for e in examples}))}")
    texts, groups = {example.text for example in out}, {example.group for example in out if example.group}
    return [e for e in examples if e.set != name and e.text not in texts and e.group not in groups]
