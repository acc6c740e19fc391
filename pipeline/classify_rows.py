"""Rows of a file come in, part by part; their added columns go out in the same order.

Equal texts are tagged once (``dedupe``). The tags of the texts seen last are kept, so memory does not grow
with the file.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.tagging import SCORES, VALUES, Made, Starter, Values

ADDED_COLUMNS = (*VALUES, "places", "model_version")
ADDED_TYPES: Mapping[str, pa.DataType] = {
    name: pa.float64() if name in SCORES else pa.list_(pa.string()) if name == "places" else pa.string()
    for name in ADDED_COLUMNS
}
REMEMBERED = 100_000  # distinct texts whose tags are kept in memory: about 50 MB
NOTHING: Values = (None,) * len(VALUES)

Tags = dict[str, Any]
Filled = dict[bytes, Values]


@dataclass(slots=True)
class Pending:
    """A part that is being tagged: its texts and counties, and where the values of each will be found."""

    texts: list[str]
    counties: list[str]
    keys: list[bytes]
    found: list[Values | Filled]
    fresh: list[bytes]
    made: Filled
    result: Made


@dataclass(kw_only=True)
class Classifier:
    """A tagger and a region, and the values of the texts seen last."""

    tagger: Starter
    region: Region
    dedupe: bool = True
    remembered: int = REMEMBERED
    tagged_texts: int = 0
    _known: OrderedDict[bytes, Values | Filled] = field(default_factory=OrderedDict)

    def tags_of(self, rows: Sequence[tuple[str, str]]) -> list[Tags]:
        """Return the added columns for (text, county) pairs, in order; one without words is not scored."""
        return self._finish(self._begin(rows))

    def parts(self, parts: Iterable[Sequence[tuple[str, str]]], ahead: int = 0) -> Iterator[list[Tags]]:
        """Yield the added columns of each part, in order, while up to ``ahead`` further ones are tagged."""
        waiting: deque[Pending] = deque()
        for part in parts:
            waiting.append(self._begin(part))
            if len(waiting) > ahead:
                yield self._finish(waiting.popleft())
        while waiting:
            yield self._finish(waiting.popleft())

    def _begin(self, rows: Sequence[tuple[str, str]]) -> Pending:
        texts = [mask(clean(text)) for text, _ in rows]
        keys = [self._key(at, text) for at, text in enumerate(texts)]
        made: Filled = {}
        fresh: dict[bytes, str] = {}
        found: list[Values | Filled] = []
        for key, text in zip(keys, texts, strict=True):
            if text and key not in self._known and key not in fresh:
                fresh[key] = text
            found.append(NOTHING if not text else made if key in fresh else self._recall(key))
        if self.dedupe:
            # From here on later parts find these texts here, though their values are still being made.
            self._known.update(dict.fromkeys(fresh, made))
        result = self.tagger.start(list(fresh.values()))
        counties = [county for _, county in rows]
        return Pending(texts, counties, keys, found, list(fresh), made, result)

    def _finish(self, part: Pending) -> list[Tags]:
        part.made.update(zip(part.fresh, part.result(), strict=True))
        self.tagged_texts += len(part.fresh)
        self._remember(part)
        rows = zip(part.texts, part.counties, part.keys, part.found, strict=True)
        return [self._row(text, county, _values(at, key)) for text, county, key, at in rows]

    def _row(self, text: str, county: str, values: Values) -> Tags:
        places = list(self.region.places_of(text, county))
        return {
            **dict(zip(VALUES, values, strict=True)),
            "places": places,
            "model_version": self.tagger.version,
        }

    def _key(self, at: int, text: str) -> bytes:
        if not self.dedupe:
            return at.to_bytes(4, "big")  # its place in the part: every row is a text of its own
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()

    def _recall(self, key: bytes) -> Values | Filled:
        self._known.move_to_end(key)
        return self._known[key]

    def _remember(self, part: Pending) -> None:
        if not self.dedupe:
            return
        for key in part.fresh:
            if key in self._known:
                self._known[key] = part.made[key]
        while len(self._known) > self.remembered:
            self._known.popitem(last=False)


def _values(found: Values | Filled, key: bytes) -> Values:
    return found[key] if isinstance(found, dict) else found
