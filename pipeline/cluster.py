"""A file of posts comes in; for each post its claim, how alike it is and its stance go out.

Two passes: the engine places post by post, then all wordings are looked at again together. What is known of
each
post waits in a temporary file, so memory grows with the wordings and not with the posts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any

from pipeline.claims import ClaimEngine, PlacedPost, claim_id_of
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.readers import Line
from pipeline.regroup import regroup
from pipeline.tag import Analyst
from pipeline.times import TimeError, parse_time

COLUMNS = ("id", "claim_id", "similarity", "relation", "reason")
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # only the order of arrival matters to the engine


class ClusterError(ValueError):
    """A row cannot be placed; the message is Chinese and names the line."""


def cluster(
    lines: Iterable[Line], analyst: Analyst, region: Region, batch: int = 256
) -> Iterator[dict[str, Any]]:
    """Yield one row a post, in the order of the file; ``claim_id`` is None for a post of no claim.

    Raises:
        ClusterError: an unreadable line, one without id or text, a bad time, or an id that came before.
    """
    engine = ClaimEngine(lenient=True)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        _place(engine, lines, analyst, region, batch, waiting)
        names = _names(engine)
        waiting.seek(0)
        for line in waiting:
            yield _final(json.loads(line), engine, names)


def _place(
    engine: ClaimEngine, lines: Iterable[Line], analyst: Analyst, region: Region, batch: int, waiting: IO[str]
) -> None:
    """First pass: write one line a post, with the number of its wording."""
    seen, coming = set[str](), iter(lines)
    while group := list(islice(coming, batch)):
        rows = [_row(line, seen) for line in group]
        for (post_id, _, _), member in zip(rows, engine.place(_posts(rows, analyst, region)), strict=True):
            placed = (
                [engine.anchor[post_id], round(member.similarity, 4), str(member.relation), member.reason]
                if member
                else None
            )
            waiting.write(json.dumps([post_id, placed], ensure_ascii=False) + "\n")


def _names(engine: ClaimEngine) -> dict[int, str | None]:
    """Return for each wording its claim's id; None where no post of the group is worth checking."""
    first = regroup(engine)
    worthy = {first[key] for key in engine.worthy} | {
        first[key] for key in first if engine.active[engine.owner(key)].kind != "claim"
    }
    return {
        key: claim_id_of(engine.first_post[group]) if group in worthy else None
        for key, group in first.items()
    }


def _final(row: list[Any], engine: ClaimEngine, names: Mapping[int, str | None]) -> dict[str, Any]:
    post_id, placed = row
    claim_id = names[placed[0]] if placed else None
    if claim_id is None:
        return dict.fromkeys(COLUMNS) | {"id": post_id}
    key, similarity, relation, reason = placed
    if claim_id != engine.owner(key):
        reason += ";通读全部后重新归组"
    return dict(zip(COLUMNS, (post_id, claim_id, similarity, relation, reason), strict=True))


def _row(line: Line, seen: set[str]) -> tuple[str, str, Mapping[str, Any]]:
    if line.row is None:
        raise ClusterError(f"第 {line.number} 行读不出:{line.reason}")
    post_id, text = str(line.row.get("id") or ""), mask(clean(str(line.row.get("text") or "")))
    if not post_id or post_id in seen:
        raise ClusterError(f"第 {line.number} 行:{'id 重复:' + post_id if post_id else '没有 id'}")
    seen.add(post_id)
    return post_id, text, line.row


def _posts(
    rows: list[tuple[str, str, Mapping[str, Any]]], analyst: Analyst, region: Region
) -> list[PlacedPost]:
    tags, vectors = analyst.analyse([text for _, text, _ in rows])
    tags = tags.astype(object).where(tags.notna(), None)  # pandas writes a missing label as NaN
    return [
        PlacedPost(
            post_id=post_id,
            text=text,
            published_at=_moment(row.get("published_at"), post_id),
            channel=str(row.get("channel") or ""),
            vector=None if tag["need"] is None else vector,
            places=region.places_of(text, str(row.get("county") or "")),
            parent_id=str(row["parent_id"]) if row.get("parent_id") else None,
            official=str(row.get("official") or "").lower() in {"true", "1", "是"},
            need=tag["need"],
            rumor_score=tag["rumor_score"],
            checkworthy_score=tag["checkworthy_score"],
            stance=tag["stance"],
            stance_score=tag["stance_score"],
        )
        for (post_id, text, row), tag, vector in zip(rows, tags.to_dict("records"), vectors, strict=True)
    ]


def _moment(value: object, post_id: str) -> datetime:
    if value is None or value == "":
        return UNDATED
    try:
        return parse_time(value)[0]
    except TimeError as error:
        raise ClusterError(f"id {post_id}:{error}") from error
