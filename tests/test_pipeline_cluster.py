"""Posts of a file into claims, with a tiny analyst whose vectors are the texts' characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from pipeline.cluster import ClusterError, cluster
from pipeline.config import region_path
from pipeline.places import Region
from pipeline.readers import Line


class Characters:
    version = "characters"

    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, [ord(character) % 384 for character in text] or [0]] = 1.0
        tags = {
            "need": "question",
            "rumor_score": 0.5,
            "checkworthy_score": 0.5,
            "stance": None,
            "stance_score": None,
        }
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return pd.DataFrame([tags] * len(texts)), vectors


def lines_of(*rows: dict[str, str]) -> list[Line]:
    return [Line(number, row) for number, row in enumerate(rows, 1)]


REGION = Region.load(region_path("qiannan"))


def test_each_post_gets_a_row_in_the_files_order() -> None:
    lines = lines_of(
        {"id": "a", "text": "罗甸停水三天"},
        {"id": "b", "text": "惠水停水三天"},
        {"id": "c", "text": "罗甸停水三天了"},
        {"id": "d", "text": "啊"},
    )
    rows = list(cluster(lines, Characters(), REGION, batch=2))
    assert [row["id"] for row in rows] == ["a", "b", "c", "d"]
    assert rows[0]["claim_id"] == rows[2]["claim_id"] != rows[1]["claim_id"]
    assert rows[3]["claim_id"] is None


@pytest.mark.parametrize(
    "second", [{"id": "a", "text": "又"}, {"text": "无"}, {"id": "b", "published_at": "昨儿吧"}]
)
def test_a_row_that_cannot_be_placed_is_named(second: dict[str, str]) -> None:
    with pytest.raises(ClusterError):
        list(cluster(lines_of({"id": "a", "text": "罗甸停水"}, second), Characters(), REGION))


class Silent(Characters):
    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
        tags, vectors = super().analyse(texts)
        tags.loc[0, ["need", "rumor_score", "checkworthy_score"]] = None
        return tags, vectors


def test_a_text_that_could_not_be_scored_belongs_to_no_claim() -> None:
    lines = lines_of({"id": "a", "text": "罗甸停水三天"}, {"id": "b", "text": "罗甸停水三天"})
    assert [row["claim_id"] is None for row in cluster(lines, Silent(), REGION)] == [True, False]
