"""Posts of a file into claims, with a tiny analyst whose vectors are the texts' characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from pipeline.cluster import ClusterError, Clustering, cluster
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
    ("second", "reason"),
    [
        ({"id": "a", "text": "又停水了"}, "id 重复"),
        ({"id": "", "text": "无"}, "没有 id"),
        ({"id": "b"}, "没有正文"),
        ({"id": "b", "text": "罗甸停水", "published_at": "昨儿吧"}, "发布时间"),
    ],
)
def test_a_row_that_cannot_be_placed_is_kept_aside_and_the_others_go_on(
    second: dict[str, str], reason: str
) -> None:
    clustering = Clustering(Characters(), REGION)
    clustering.read(lines_of({"id": "a", "text": "罗甸停水"}, second, {"id": "z", "text": "罗甸停水"}))
    assert [row["id"] for row in clustering.rows()] == ["a", "z"]
    assert [(one.line, reason in one.reason) for one in clustering.aside] == [(2, True)]


def test_a_file_of_which_nothing_can_be_read_is_refused_with_its_first_reason() -> None:
    with pytest.raises(ClusterError, match="第 1 行"):
        cluster(lines_of({"id": "a"}), Characters(), REGION)
    with pytest.raises(ClusterError, match="没有帖文"):
        cluster([], Characters(), REGION)


def test_columns_are_known_by_other_names_and_rows_without_an_id_column_by_their_line() -> None:
    rows = list(cluster(lines_of({"内容": "罗甸停水三天"}, {"内容": "罗甸停水三天啊"}), Characters(), REGION))
    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[0]["claim_id"] == rows[1]["claim_id"]


def test_the_second_look_joins_what_came_in_a_bad_order_and_says_so() -> None:
    said = [
        "惠水自来水公司的人讲管子要检修", "惠水停水三天", "惠水自来水公司检修管子,惠水要停水三天",
        "惠水县城停水三天,自来水管检修",
    ]  # fmt: skip
    lines = lines_of(*({"id": str(n), "text": text} for n, text in enumerate(said)))
    rows = list(cluster(lines, Characters(), REGION))
    assert len({row["claim_id"] for row in rows[1:]}) == 1


def test_the_report_lists_sizes_and_the_least_sure_joins() -> None:
    clustering = Clustering(Characters(), REGION)
    texts = ("罗甸停水三天", "罗甸停水三天", "听说罗甸自来水要断三天", "惠水停水三天", "啊")
    clustering.read(lines_of(*({"id": str(n), "text": text} for n, text in enumerate(texts))))
    rows = list(clustering.rows())
    report = clustering.report()
    assert (report["posts"], report["of_no_claim"], report["claims"]) == (5, 1, 2)
    assert report["largest"][0] == {"claim_id": rows[0]["claim_id"], "posts": 3}
    assert [row["id"] for row in report["least_sure"]] == ["2"]
    assert report["contradictions"] == 0


class Silent(Characters):
    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
        tags, vectors = super().analyse(texts)
        tags.loc[0, ["need", "rumor_score", "checkworthy_score"]] = None
        return tags, vectors


def test_a_text_that_could_not_be_scored_belongs_to_no_claim() -> None:
    lines = lines_of({"id": "a", "text": "罗甸停水三天"}, {"id": "b", "text": "罗甸停水三天"})
    assert [row["claim_id"] is None for row in cluster(lines, Silent(), REGION)] == [True, False]
