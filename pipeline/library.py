"""Claims come in; the known rumors that they repeat or vary go out.

Known are the office's verdicts and imported debunks. A match is a proposal with its evidence: which known
rumor, how alike, and what differs. That a claim is the old one is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.lexical import Grams, WordIndex, grams_of, shared_words
from pipeline.normalise import match_text, simplify
from pipeline.places import Region
from pipeline.same_claim import Facts, conflict, facts_of

# Likeness in rare words (0 to 1) from which a claim is shown beside a known rumor. On pairs of a claim and a
# post on it (benchmarks/library.py) 0.25 finds 0.89 of them and takes 0.10 of the close wrong ones, which are
# variants as a rule.
ALIKE = 0.25
SHORTEST = 4  # folded characters: less says nothing that could be known
CANDIDATES = 24  # known rumors looked at for one claim
MOST = 3  # matches kept for one claim


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRumor:
    """One entry of the library: what was claimed, and its verdict's short name is kept in the store."""

    rumor_id: str
    text: str
    claim_id: str = ""  # of the office's own verdict; the claim is not its own recurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A known rumor that a claim repeats (``recurrence``) or varies (``variant``, with what differs).

    ``score`` is the likeness in rare words, in [0, 1].
    """

    claim_id: str
    rumor_id: str
    relation: str
    score: float
    difference: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    rumor: KnownRumor
    grams: Grams
    facts: Facts


class Library:
    """Holds known rumors; finds those that a claim repeats. Adding one costs a millisecond."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._entries: dict[str, _Entry] = {}
        self._keys: dict[str, int] = {}
        self._owners: dict[int, str] = {}
        self._index = WordIndex()
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    def update(self, rumors: Iterable[KnownRumor]) -> None:
        """Hold exactly these rumors: what is new is added, what is gone is forgotten."""
        wanted = {rumor.rumor_id: rumor for rumor in rumors}
        for rumor_id in [known for known in self._entries if known not in wanted]:
            self._forget(rumor_id)
        for rumor_id, rumor in wanted.items():
            held = self._entries.get(rumor_id)
            if held is None or held.rumor != rumor:
                if held is not None:
                    self._forget(rumor_id)
                self._hold(rumor)

    def match(self, claim_id: str, text: str) -> list[Recurrence]:
        """Return at most ``MOST`` known rumors that a claim is alike, the likest first."""
        folded, found = match_text(text), []
        if len(folded) < SHORTEST:
            return []
        grams, facts = grams_of(folded), self._facts(text)
        for key in self._index.nearest_texts(grams, CANDIDATES):
            entry = self._entries[self._owners[key]]
            score = shared_words(grams, entry.grams)
            if score < ALIKE or entry.rumor.claim_id == claim_id:
                continue
            found.append(_recurrence(claim_id, entry.rumor.rumor_id, score, conflict(facts, entry.facts)))
        # The same again says more than a variant that is a little more alike.
        found.sort(key=lambda match: (match.relation == "variant", -match.score, match.rumor_id))
        return found[:MOST]

    def _hold(self, rumor: KnownRumor) -> None:
        grams = grams_of(match_text(rumor.text))
        self._entries[rumor.rumor_id] = _Entry(rumor, grams, self._facts(rumor.text))
        self._keys[rumor.rumor_id], self._owners[self._next] = self._next, rumor.rumor_id
        self._index.add_text(self._next, grams)
        self._next += 1

    def _forget(self, rumor_id: str) -> None:
        key = self._keys.pop(rumor_id)
        self._index.remove(key)
        del self._owners[key], self._entries[rumor_id]

    def _facts(self, text: str) -> Facts:
        return facts_of(simplify(text), self._region.places_of(text))


def match_all(library: Library, claims: Sequence[tuple[str, str]]) -> list[Recurrence]:
    """Return the matches of (claim id, text) pairs, claim by claim."""
    return [match for claim_id, text in claims for match in library.match(claim_id, text)]


def _recurrence(claim_id: str, rumor_id: str, score: float, difference: str | None) -> Recurrence:
    return Recurrence(
        claim_id=claim_id,
        rumor_id=rumor_id,
        relation="variant" if difference else "recurrence",
        score=round(score, 4),
        difference=difference or "",
    )
