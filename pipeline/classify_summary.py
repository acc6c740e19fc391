"""Tagged rows come in one by one; each label's share with its interval, and what was doubtful, go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.bands import DOUBTFUL
from models.labels import HEADS as MODEL_HEADS
from pipeline.proportions import proportion
from pipeline.tagging import HEADS
from pipeline.times import TimeError, parse_time

HEAD_WORDS = {
    "sentiment": "情感",
    "emotion": "情绪",
    "need": "诉求",
    "rumor": "疑似不实",
    "checkworthy": "值得核查",
}


@dataclass(slots=True)
class Tally:
    """Counts over the rows of a file; grows with the number of labels only."""

    rows: int = 0
    unscored: int = 0
    doubtful_rows: int = 0
    labels: dict[str, Counter[str]] = field(default_factory=lambda: {head: Counter() for head in HEADS})
    first_time: datetime | None = None
    last_time: datetime | None = None

    def add(self, tags: Mapping[str, Any], published: object = None) -> None:
        """Count one row; ``published`` widens the window of time if it can be read as one."""
        self.rows += 1
        said = [(head, tags[head]) for head in HEADS if tags[head] is not None]
        self.unscored += not said
        self.doubtful_rows += any(label == DOUBTFUL for _, label in said)
        for head, label in said:
            self.labels[head][label] += 1
        self._widen(published)

    def _widen(self, published: object) -> None:
        if published is None or published == "":
            return
        try:
            moment = parse_time(published)[0]
        except TimeError:
            return  # the window is that of the times that can be read; a bad one spoils no row of tags
        self.first_time = min(moment, self.first_time or moment)
        self.last_time = max(moment, self.last_time or moment)

    def shares(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return, by head and label, rows, share of the scored rows, and its 95 % interval (Wilson)."""
        return {head: dict(self._shares_of(head)) for head in HEADS}

    def _shares_of(self, head: str) -> Iterator[tuple[str, dict[str, float]]]:
        counted = self.labels[head]
        whole = counted.total()
        for label in (*MODEL_HEADS[head], DOUBTFUL):
            if not whole:
                return
            found = proportion(counted[label], whole)
            yield (
                label,
                {
                    "rows": counted[label],
                    "share": round(found.share, 6),
                    "low": round(found.low, 6),
                    "high": round(found.high, 6),
                },
            )


def shares_text(shares: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the shares as a person reads them, one head a paragraph, the largest first."""
    lines = []
    for head, labels in shares.items():
        lines.append(f"{HEAD_WORDS[head]}({head}):{'' if labels else '没有可评分的行'}")
        ordered = sorted(labels.items(), key=lambda item: -item[1]["rows"])
        lines += [
            f"  {label:<17}{row['share']:>7.1%}  [{row['low']:.1%}, {row['high']:.1%}]  {row['rows']:,} 行"
            for label, row in ordered
            if row["rows"]
        ]
    return "\n".join(lines)
