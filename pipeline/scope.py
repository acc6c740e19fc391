"""A named query, its values and a user's counties come in; the values that keep it inside those counties,
or a refusal, go out.

The one place where a county officer's reading is fenced in. A query says in its own text how it is fenced:

* it takes ``$scope``: the user's counties are put there, whatever the caller gave;
* it takes ``$counties``: what the caller gave is cut to the user's counties;
* it takes ``$claim`` or ``$claims``: each of them must touch one of the user's counties;
* it has a line ``-- keyed: claim_id``: its rows are kept only for such claims;
* it has a line ``-- open: REASON``: it shows nothing that belongs to one county;
* it has a line ``-- office: REASON``: it is for those who work for the whole office.

A query that says none of this is refused to whoever works for some counties only: what is forgotten is
closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pipeline.queries import parameters_of, query_text
from pipeline.roles import ForbiddenError

IN_SCOPE = "claims_in_scope"  # the query that tells which of some claims touch some counties
OPEN = re.compile(r"^-- open: \S", re.MULTILINE)
OFFICE = re.compile(r"^-- office: \S", re.MULTILINE)
KEYED = re.compile(r"^-- keyed: (\w+)\s*$", re.MULTILINE)

# Takes claims and counties; returns those of the claims that touch one of the counties.
Lookup = Callable[[Collection[str], Collection[str]], Collection[str]]


def fences(name: str) -> frozenset[str]:
    """Return how a named query is fenced: scope, counties, claim, keyed, open, office; none if forgotten."""
    text = query_text(name)
    wanted = parameters_of(text)
    found: set[str] = {kind for kind in ("scope", "counties") if kind in wanted}
    if wanted & {"claim", "claims"}:
        found.add("claim")
    if KEYED.search(text):
        found.add("keyed")
    if OPEN.search(text):
        found.add("open")
    if OFFICE.search(text):
        found.add("office")
    return frozenset(found)


def fenced(
    name: str, params: Mapping[str, Any], counties: Collection[str], in_scope: Lookup
) -> dict[str, Any]:
    """Return the values that a named query is to run with, for a user of these counties (none: all of them).

    Raises:
        ForbiddenError: the query belongs to the whole office, or asks for another's county or claim.
        UnknownQueryError: there is no such query.
    """
    found, kinds = dict(params), fences(name)
    if "scope" in kinds:
        found["scope"] = sorted(counties)
    if not counties or "scope" in kinds or "open" in kinds or "keyed" in kinds:
        return found
    if "counties" in kinds:
        found["counties"] = _cut(params.get("counties", ()), counties)
    elif "claim" in kinds:
        _require_claims(params, counties, in_scope)
    else:
        raise ForbiddenError("这部分内容涉及全州,只对负责全部县市的人员开放")
    return found


def key_of(name: str) -> str | None:
    """Return the column that names each row's claim, for a query whose rows are to be kept by claim."""
    match = KEYED.search(query_text(name))
    return match.group(1) if match else None


def _cut(given: Collection[str], counties: Collection[str]) -> list[str]:
    if given and not set(given) & set(counties):
        raise ForbiddenError(f"只负责 {'、'.join(sorted(counties))},{'、'.join(sorted(given))} 不在范围内")
    return sorted(set(given) & set(counties) or counties)


def _require_claims(params: Mapping[str, Any], counties: Collection[str], in_scope: Lookup) -> None:
    asked = {str(params["claim"])} if "claim" in params else {str(one) for one in params.get("claims", ())}
    if asked - set(in_scope(sorted(asked), counties)):
        raise ForbiddenError(f"只负责 {'、'.join(sorted(counties))},此说法不在范围内")
