"""Every query that a page runs says how it is fenced in; what says nothing is refused to a county officer."""

import re
from pathlib import Path

import pytest

import dashboard
import pipeline
from pipeline.queries import named_queries, parameters_of
from pipeline.roles import ForbiddenError
from pipeline.scope import fenced, fences, key_of

MINE = frozenset({"荔波县"})
# What pages call of the pipeline reads through the same fence; the owner's own stages are not among it.
CALLED = (
    "report*",
    "effect",
    "drafting",
    "handover*",
    "ledger",
    "ledger_chain",
    "ledger_table",
    "labels",
    "delivery_words",
    "claim_decisions",
)
FILES = [
    *sorted(Path(dashboard.__file__).parent.rglob("*.py")),
    *sorted(file for name in CALLED for file in Path(pipeline.__file__).parent.glob(f"{name}.py")),
]
SOURCES = "\n".join(file.read_text("utf-8") for file in FILES)
OWNERS = {"all_ledger_claims", "claims_to_project", "unsealed_events"}  # LedgerStage's and seal's
# A page asks for a query by its whole name, or builds it from a beginning: ask(f"page_claim_{name}").
ASKED = sorted(
    name
    for name in named_queries()
    if (f'"{name}"' in SOURCES and name not in OWNERS)
    or any(name.startswith(start) for start in re.findall(r'f"(page_\w+_)\{', SOURCES))
)


def nobody(claims, counties):
    return []


def everybody(claims, counties):
    return claims


@pytest.mark.parametrize("name", ASKED)
def test_every_query_of_a_page_says_how_it_is_fenced(name):
    assert fences(name), f"{name}: give it $scope, $claim, '-- keyed: claim_id' or '-- open: REASON'"


@pytest.mark.parametrize("name", [name for name in ASKED if "scope" in fences(name)])
def test_a_fenced_query_compares_the_scope_with_counties(name):
    text = named_queries()[name]
    assert "len($scope" in text
    assert re.search(r"count(y|ies)[^\n]*\$scope|in \(select unnest\(\$scope", text)


def test_the_scope_is_the_readers_whatever_the_page_gave():
    found = fenced("page_queue_totals", {"now": 1, "scope": ["都匀市"]}, MINE, nobody)
    assert found == {"now": 1, "scope": ["荔波县"]}
    assert fenced("page_queue_totals", {"now": 1}, (), nobody)["scope"] == []


def test_a_claim_of_another_county_is_refused():
    with pytest.raises(ForbiddenError, match="不在范围内"):
        fenced("page_claim_members", {"claim": "c"}, MINE, nobody)
    assert fenced("page_claim_members", {"claim": "c"}, MINE, everybody) == {"claim": "c"}
    with pytest.raises(ForbiddenError):
        fenced("events_of_claims", {"claims": ["c", "d"]}, MINE, lambda claims, counties: ["c"])


def test_asked_counties_are_cut_to_the_own():
    assert fenced("response_page", {"counties": []}, MINE, nobody)["counties"] == ["荔波县"]
    assert fenced("response_page", {"counties": ["荔波县", "都匀市"]}, MINE, nobody)["counties"] == ["荔波县"]
    with pytest.raises(ForbiddenError):
        fenced("response_page", {"counties": ["都匀市"]}, MINE, nobody)


def test_a_query_that_says_nothing_is_closed_to_a_county_and_open_to_the_office():
    assert fences("page_audit") == {"office"}
    assert not fences("claims_to_project")
    with pytest.raises(ForbiddenError):
        fenced("claims_to_project", {}, MINE, everybody)
    with pytest.raises(ForbiddenError, match="全部县市"):
        fenced("page_audit", {"most": 1}, MINE, everybody)
    assert fenced("page_audit", {"most": 1}, (), nobody) == {"most": 1}


def test_claims_that_cite_an_answer_are_named_to_whom_they_belong_only():
    assert fences("claims_citing") == {"claim", "keyed"}
    assert key_of("claims_citing") == "citing"


def test_an_open_query_takes_its_values_as_they_are_and_a_keyed_one_names_its_claim():
    assert fenced("page_sizes", {}, MINE, nobody) == {}
    assert key_of("muted_alerts") == "claim_id"
    assert "scope" not in parameters_of(named_queries()["page_sizes"])
