"""The tag stage: posts without tags come in, one row of tags and one embedding for each go out.

Equal texts are tagged once, within a batch and across batches of the same model version. A text that the
models could not score gets a row of nulls: it was looked at, and nothing was invented for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.store import Store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LABELS = ("sentiment", "emotion", "need", "stance")
SCORES = (*(f"{label}_score" for label in LABELS), "rumor_score", "checkworthy_score")
TAG_COLUMNS = (*LABELS, *SCORES, "model_version")


class Analyst(Protocol):
    """What this stage needs of ``models.Tagger``."""

    @property
    def version(self) -> str:
        """Which model this is."""
        ...

    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, npt.NDArray[np.float32]]:
        """Return one row of tags a text, and embeddings of shape (n, 384) and unit length."""
        ...


class TagStage:
    """Tags new posts in batches; remembers how far it got, so that a tick does not look at old posts
    again.
    """

    def __init__(self, store: Store, analyst: Analyst) -> None:
        self.store = store
        self.analyst = analyst
        self._since = EPOCH

    def run(self, batch: int) -> int:
        """Tag at most ``batch`` posts in one transaction; return how many were tagged."""
        posts = self.store.frame("untagged_posts", since=self._since, batch=batch)
        if posts.empty:
            return 0
        texts = posts.drop_duplicates("text_hash")[["text_hash", "text"]]
        known = self._known(texts["text_hash"].tolist())
        fresh = self._analyse(texts[~texts["text_hash"].isin(known["text_hash"])])
        rows = posts[["post_id", "text_hash"]].merge(
            pd.concat([known, fresh], ignore_index=True) if len(known) else fresh, on="text_hash"
        )
        self._write(rows)
        self._since = posts["ingested_at"].iloc[-1].to_pydatetime()
        return len(rows)

    def _known(self, hashes: list[str]) -> pd.DataFrame:
        return self.store.frame("tags_of_texts", hashes=hashes, model_version=self.analyst.version)

    def _analyse(self, texts: pd.DataFrame) -> pd.DataFrame:
        if texts.empty:
            return pd.DataFrame(columns=["text_hash", *TAG_COLUMNS, "vector"])
        tags, vectors = self.analyst.analyse(texts["text"].tolist())
        fresh = tags[list(TAG_COLUMNS)].reset_index(drop=True)
        fresh.insert(0, "text_hash", texts["text_hash"].to_numpy())
        fresh["vector"] = list(vectors.astype(np.float32))
        return fresh

    def _write(self, rows: pd.DataFrame) -> None:
        tags = rows[["post_id", *TAG_COLUMNS]].assign(tagged_at=datetime.now(UTC))
        vectors = rows[["post_id", "vector", "model_version"]]
        with self.store.transaction():
            self.store.insert("tags", tags, on_conflict="replace")
            self.store.insert("embeddings", vectors, on_conflict="replace")
