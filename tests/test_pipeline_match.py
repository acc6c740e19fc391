from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from models import Tagger
from pipeline.cli.match import command
from pipeline.config import region_path
from pipeline.match import Matcher, Text, sentences_of
from pipeline.match_stage import MatchStage
from pipeline.places import Region
from pipeline.store import Store

REGION = Region.load(region_path("qiannan"))
STATEMENTS = {
    "water": "罗甸县自来水公司通告:龙坪镇主管破裂正在抢修,停水预计今晚十点恢复。网传停水三天不属实。",
    "school": "平塘县教育局通报:网传某小学学生食物中毒与事实不符,两名学生系肠胃感冒,已返校上课。",
    "tax": "黔南州税务局提醒:个人所得税汇算清缴到六月三十日截止,请通过手机应用办理。",
}
POSTS = {
    "p1": "听说罗甸要停水三天?自来水公司出来说一下啊",
    "p2": "平塘那个小学食物中毒好多娃儿住院了,太吓人",
    "p3": "都匀的杨梅熟了,周末去摘",
    "p4": "惠水停水三天怎么办",
}


@pytest.fixture(scope="module")
def tagger():
    return Tagger.load()


def texts_of(rows):
    return [Text(text_id=name, text=text, places=REGION.places_of(text)) for name, text in rows.items()]


def test_the_statement_that_answers_is_found_with_its_sentence(tagger):
    found = list(Matcher(tagger, texts_of(STATEMENTS)).match(texts_of(POSTS)))
    best = {match.post_id: match for match in reversed(found)}
    assert best["p1"].statement_id == "water"
    assert "停水" in best["p1"].sentence
    assert best["p2"].statement_id == "school"
    assert "p3" not in {match.post_id for match in found if match.relation == "answers"}


def test_the_same_matter_in_another_county_is_not_answered(tagger):
    found = [match for match in Matcher(tagger, texts_of(STATEMENTS)).match(texts_of(POSTS))]
    here = next(match for match in found if (match.post_id, match.statement_id) == ("p1", "water"))
    there = [match for match in found if (match.post_id, match.statement_id) == ("p4", "water")]
    assert all(match.relation == "related" and match.score < here.score for match in there)


def test_a_text_becomes_sentences_and_is_never_empty():
    assert sentences_of("") == [""]
    assert sentences_of("好。好。") == ["好。好。"]
    assert len(sentences_of("这是一句足够长的官方通报的话。" * 3)) == 3


def run(tmp_path, posts, statements):
    output = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(posts), str(statements), "--output", str(output)])
    rows = list(csv.DictReader(output.open(encoding="utf-8-sig"))) if output.exists() else []
    return result, rows


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_the_command_writes_pairs_best_first(tmp_path):
    posts = write(tmp_path / "p.jsonl", [{"id": name, "text": text} for name, text in POSTS.items()])
    statements = write(
        tmp_path / "s.jsonl", [{"id": name, "text": text} for name, text in STATEMENTS.items()]
    )
    result, rows = run(tmp_path, posts, statements)
    assert result.exit_code == 0, result.output
    water = [row["post_id"] for row in rows if row["statement_id"] == "water"]
    assert water[0] == "p1"


@pytest.mark.parametrize(
    ("rows", "said"),
    [([{"id": "a", "text": "x"}, {"id": "a", "text": "y"}], "重复"), ([{"id": "", "text": "x"}], "没有 id")],
)
def test_bad_rows_end_with_file_and_line(tmp_path, rows, said):
    posts = write(tmp_path / "p.jsonl", rows)
    result, written = run(tmp_path, posts, posts)
    assert result.exit_code == 2
    assert said in result.output
    assert "第 " in result.output
    assert not written


class Blind:
    version = "blind"

    def analyse(self, texts):
        return pd.DataFrame(index=range(len(texts))), np.zeros((len(texts), 384), np.float32)


def test_a_new_statement_meets_the_claims_that_are_there(tmp_path):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with Store.open(tmp_path) as store:
        claim = {
            "claim_id": "c1", "text": POSTS["p1"], "first_seen": now, "last_seen": now, "size": 1,
            "spreading": 1, "authors": 1, "counties": ["罗甸县"], "channels": ["forum"],
            "need": "question", "rumor_score": 0.5, "kind": "claim", "recurs": None, "updated_at": now,
        }  # fmt: skip
        store.insert("claims", [claim])
        stage = MatchStage(store, Blind(), REGION)
        assert stage.run() == 0
        store.insert(
            "statements",
            [{"statement_id": "s1", "text": STATEMENTS["water"], "title": "", "issuer": "自来水公司",
              "url": "https://example.gov.cn/1", "published_at": now, "valid_until": None, "added_by": "x",
              "added_at": now}],
        )  # fmt: skip
        assert stage.run() == 1
        rows = store.rows("page_claim_statements", claim="c1")
        assert [row["statement_id"] for row in rows] == ["s1"]
        assert stage.run() == 0
        assert MatchStage(store, Blind(), REGION).run() == 1
        assert len(store.rows("page_claim_statements", claim="c1")) == 1
