from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from benchmarks.match import figures_of, own
from models import Tagger
from pipeline.cli.match import command
from pipeline.config import region_path
from pipeline.match import Matcher, Text, needs_meaning, placeless, scorer, sentences_of
from pipeline.match_stage import MOST, MatchStage
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
    found = list(Matcher(texts_of(STATEMENTS), tagger).match(texts_of(POSTS)))
    best = {match.post_id: match for match in reversed(found)}
    assert best["p1"].statement_id == "water"
    assert "停水" in best["p1"].sentence
    assert best["p2"].statement_id == "school"
    assert "p3" not in {match.post_id for match in found if match.relation == "answers"}


def test_the_same_matter_in_another_county_is_not_answered(tagger):
    found = [match for match in Matcher(texts_of(STATEMENTS), tagger).match(texts_of(POSTS))]
    here = next(match for match in found if (match.post_id, match.statement_id) == ("p1", "water"))
    there = [match for match in found if (match.post_id, match.statement_id) == ("p4", "water")]
    assert all(match.relation == "related" and match.score < here.score for match in there)


def test_another_cause_or_thing_is_no_answer_however_alike_the_words(tagger):
    statements = texts_of({"water": "罗甸县供水公司通告:龙坪镇今晚停水检修,预计明早恢复。"})
    found = Matcher(statements, tagger).match(texts_of({"p": "罗甸龙坪镇今晚停电检修,明早恢复?"}))
    assert all(match.relation == "related" for match in found)


def test_nothing_matches_without_posts_or_without_statements(tagger):
    assert list(Matcher([], tagger).match(texts_of(POSTS))) == []
    assert list(Matcher(texts_of(STATEMENTS), tagger).match([])) == []


def test_our_statements_find_their_posts_and_few_that_answer_nothing_find_any(tagger):
    half = own("held")
    analyst = tagger if needs_meaning() else None
    matcher = Matcher(half.statements, analyst)
    figures = figures_of(scorer().score(matcher.features(half.posts)[0]), half)
    assert figures["recall@1"] >= 0.9
    assert figures["recall@3"] >= 0.97
    found = matcher.match(half.posts)
    none = {
        text.text_id for text, answer in zip(half.statements, half.answers, strict=True) if answer is None
    }
    wrong = {match.statement_id for match in found if match.relation == "answers"} & none
    assert len(wrong) <= 1


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


def test_claims_and_statements_as_they_are_exported_are_read(tmp_path):
    claims = tmp_path / "claims.csv"
    claims.write_text(
        f'claim_id,text,counties\nc1,{POSTS["p1"]},"[""罗甸县""]"\nc2,{POSTS["p3"]},\n', "utf-8"
    )
    statements = write(
        tmp_path / "s.jsonl",
        [
            {"statement_id": name, "title": "通告", "text": text, "issuer": "县里"}
            for name, text in STATEMENTS.items()
        ],
    )
    result, rows = run(tmp_path, claims, statements)
    assert result.exit_code == 0, result.output
    assert ("water", "c1") in {(row["statement_id"], row["post_id"]) for row in rows}
    nameless = write(tmp_path / "n.jsonl", [{"text": "x", "when": "1"}])
    result, _ = run(tmp_path, nameless, statements)
    assert result.exit_code == 2
    assert "没有列 id" in result.output
    assert "when" in result.output


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"id": "p1", "text": "又一条"}, "id 重复：'p1'"),
        ({"id": "", "text": "没有号"}, "没有 id（正文 '没有号'）"),
        ({"id": "p9", "text": " "}, "没有正文（id 'p9'）"),
        ("{不是", "读不出：不是 JSON"),
    ],
)
def test_a_bad_row_is_kept_aside_with_file_line_and_value_and_the_others_go_on(tmp_path, bad, said):
    good = [{"id": name, "text": text} for name, text in POSTS.items()]
    posts = tmp_path / "p.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in (good[0], bad, *good[1:])]
    posts.write_text("\n".join(lines), "utf-8")
    answers = [{"id": name, "text": text} for name, text in STATEMENTS.items()]
    result, rows = run(tmp_path, posts, write(tmp_path / "s.jsonl", answers))
    assert result.exit_code == 0, result.output
    assert f"{posts}：第 2 行：{said}" in result.output
    kept = (tmp_path / "out.csv.rejects.jsonl").read_text("utf-8").splitlines()
    assert [(row["file"], row["line"]) for row in map(json.loads, kept)] == [("p.jsonl", 2)]
    without, same = run(tmp_path, write(tmp_path / "p.jsonl", good), tmp_path / "s.jsonl")
    assert without.exit_code == 0
    assert rows == same
    assert not (tmp_path / "out.csv.rejects.jsonl").exists()


def test_a_file_of_which_no_row_can_be_used_is_refused_with_its_first_reason(tmp_path):
    posts = write(tmp_path / "p.jsonl", [{"id": "", "text": "x"}])
    result, written = run(tmp_path, posts, posts)
    assert result.exit_code == 2
    assert "没有一行可用" in result.output
    assert f"{posts}：第 1 行：没有 id" in result.output
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


def statement(name, text):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return {
        "statement_id": name, "text": text, "title": "", "issuer": "县里", "url": "https://example.gov.cn/1",
        "published_at": now, "valid_until": None, "added_by": "x", "added_at": now,
    }  # fmt: skip


def claim(name, text):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return {
        "claim_id": name, "text": text, "first_seen": now, "last_seen": now, "size": 1, "spreading": 1,
        "authors": 1, "counties": ["罗甸县"], "channels": ["forum"], "need": "question", "rumor_score": 0.5,
        "kind": "claim", "recurs": None, "updated_at": now,
    }  # fmt: skip


def matched(store):
    return {(row["claim_id"], row["statement_id"]) for row in store.rows("all_matches")}


def test_a_new_statement_leaves_other_matches_and_a_withdrawn_one_takes_its_own(tmp_path):
    with Store.open(tmp_path) as store:
        store.insert("claims", [claim("c1", POSTS["p1"])])
        store.insert("statements", [statement("old", STATEMENTS["water"])])
        stage = MatchStage(store, Blind(), REGION)
        assert stage.run() == 1
        store.insert("statements", [statement("new", STATEMENTS["water"] + "请市民放心。")])
        assert stage.run() == 1
        assert matched(store) == {("c1", "old"), ("c1", "new")}
        store.connection.execute("delete from statements where statement_id = 'old'")
        stage.run()
        assert matched(store) == {("c1", "new")}
        assert stage.run() == 0


def test_a_claim_keeps_the_best_statements_only(tmp_path):
    with Store.open(tmp_path) as store:
        store.insert("claims", [claim("c1", POSTS["p1"])])
        store.insert("statements", [statement(f"s{at}", STATEMENTS["water"] + "好" * at) for at in range(9)])
        MatchStage(store, Blind(), REGION).run()
        assert len(matched(store)) == MOST


def test_a_notice_of_the_same_county_on_another_thing_answers_no_rumor() -> None:
    place = ("瓮安县",)
    notice = Text(
        text_id="s", places=place,
        text="瓮安县启动校园周边交通秩序整治。自本周起，瓮安县公安、教育、城管部门联合开展整治。",
    )  # fmt: skip
    others = [
        Text(text_id=f"o{at}", text=f"惠水县第{at}次组织防汛演练，镇村干部参加。", places=("惠水县",))
        for at in range(8)
    ]
    rumor = Text(text_id="p", text="瓮安那家村镇银行要倒了，存的钱取不出来了，快去取！", places=place)
    found = Matcher([notice, *others]).match([rumor])
    assert [match for match in found if match.relation == "answers"] == []


def test_counties_names_are_taken_out_in_full_and_short() -> None:
    text = "三都水族自治县和三都的人说都匀市、都匀停水"
    left = placeless(text, ("三都水族自治县", "都匀市"))
    assert left.split() == ["和", "的人说", "、", "停水"]
