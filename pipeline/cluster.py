"""A file of posts comes in; for each post its claim, how alike it is and its stance go out, and a report.

Two passes: the engine places post by post, then all wordings are looked at again together. What is known of
each post waits in a temporary file, so memory grows with the wordings and not with the posts. A row that
cannot be read is kept aside with its reason, and the others go on.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pipeline.asides import Aside, shown
from pipeline.claims import ClaimEngine, PlacedPost, claim_id_of
from pipeline.cluster_report import Tally
from pipeline.columns import guess_columns
from pipeline.normalise import clean
from pipeline.places import Region
from pipeline.privacy import mask
from pipeline.readers import Line
from pipeline.regroup import regroup
from pipeline.tag import Analyst
from pipeline.times import TimeError, parse_time

COLUMNS = ("id", "claim_id", "similarity", "relation", "reason")
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # only the order of arrival matters to the engine
AGAIN = ";通读全部后重新归组"


class ClusterError(ValueError):
    """A row, or no row of the file, can be placed; the message is Chinese and tells the (first) reason."""


class Clustering:
    """One file of posts; ``read`` it, then take its ``rows`` and its ``report``."""

    def __init__(self, analyst: Analyst, region: Region, file: str = "") -> None:
        self.file = file  # its name, for what is told of rows
        self.aside: list[Aside] = []
        self.engine = ClaimEngine(lenient=True)
        self.tally = Tally()
        self._analyst = analyst
        self._region = region
        self._seen: set[str] = set()
        self._waiting = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as this

    def read(self, lines: Iterable[Line], batch: int = 256) -> None:
        """Place all posts, one after the other.

        Raises:
            ClusterError: there is no row, or none can be read.
        """
        coming = iter(lines)
        while group := list(islice(coming, batch)):
            posts = self._posts(list(self._readable(group)))
            for post, member in zip(posts, self.engine.place(posts), strict=True):
                placed = member and [
                    self.engine.anchor[post.post_id], round(member.similarity, 4), str(member.relation),
                    member.reason,
                ]  # fmt: skip
                self._waiting.write(json.dumps([post.post_id, post.text, placed], ensure_ascii=False) + "\n")
            self.engine.mentions.clear()
        if not self._seen:
            first = self.aside[0] if self.aside else None
            raise ClusterError(f"第 {first.line} 行:{first.reason}" if first else "文件里没有帖文")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a post, in the order of the file; ``claim_id`` is None for a post of no claim."""
        names = _names(self.engine)
        self._waiting.seek(0)
        for line in self._waiting:
            post_id, text, placed = json.loads(line)
            row = _final(post_id, placed, self.engine, names)
            self.tally.count(row, text)
            yield row

    def report(self) -> dict[str, Any]:
        """Return what a person should look at, after ``rows``: counts, least sure joins, rejects."""
        return self.tally.report(self.engine) | {
            "rejected": len(self.aside),
            "first_rejects": [{"line": one.line, "reason": one.reason} for one in self.aside[:20]],
        }

    def _readable(self, group: Sequence[Line]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for line in group:
            try:
                yield self._row(line)
            except ClusterError as error:
                self.aside.append(Aside.of(self.file, line, str(error)))

    def _row(self, line: Line) -> tuple[str, str, Mapping[str, Any]]:
        if line.row is None:
            raise ClusterError(f"读不出:{line.reason}")
        columns = guess_columns(list(line.row))
        row = {field: line.row[column] for field, column in columns.items()}
        post_id = str(row.get("id") or "" if "id" in row else line.number)
        text = mask(clean(str(row.get("text") or "")))
        if not post_id or not text:
            raise ClusterError(
                f"没有正文(id {shown(post_id)})" if post_id else f"没有 id(正文 {shown(text)})"
            )
        if post_id in self._seen:
            raise ClusterError(f"id 重复:{shown(post_id)}")
        try:
            row["published_at"] = _moment(row.get("published_at"))
        except TimeError as error:
            raise ClusterError(f"发布时间读不出:{error}") from error
        self._seen.add(post_id)
        return post_id, text, row

    def _posts(self, rows: list[tuple[str, str, Mapping[str, Any]]]) -> list[PlacedPost]:
        if not rows:
            return []
        tags, vectors = self._analyst.analyse([text for _, text, _ in rows])
        tags = tags.astype(object).where(tags.notna(), None)  # pandas writes a missing label as NaN
        return [
            PlacedPost(
                post_id=post_id,
                text=text,
                published_at=row["published_at"],
                channel=str(row.get("channel") or ""),
                vector=None if tag["need"] is None else vector,
                places=self._region.places_of(text, str(row.get("county") or "")),
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


def cluster(
    lines: Iterable[Line], analyst: Analyst, region: Region, batch: int = 256
) -> Iterator[dict[str, Any]]:
    """Yield one row a post that can be read; see ``Clustering``.

    Raises:
        ClusterError: there is no row, or none can be read.
    """
    clustering = Clustering(analyst, region)
    clustering.read(lines, batch)
    return clustering.rows()


def _names(engine: ClaimEngine) -> dict[int, str | None]:
    """Return for each wording its claim's id; None where no post of the group is worth checking."""
    first = regroup(engine)
    noise = {key for key in first if engine.active[engine.owner(key)].kind != "claim"}
    worthy = {first[key] for key in engine.worthy | noise}
    return {
        key: claim_id_of(engine.first_post[group]) if group in worthy else None
        for key, group in first.items()
    }


def _final(
    post_id: str, placed: list[Any] | None, engine: ClaimEngine, names: Mapping[int, str | None]
) -> dict[str, Any]:
    claim_id = names[placed[0]] if placed else None
    if placed is None or claim_id is None:
        return dict.fromkeys(COLUMNS) | {"id": post_id}
    key, similarity, relation, reason = placed
    reason += AGAIN if claim_id != engine.owner(key) else ""
    return dict(zip(COLUMNS, (post_id, claim_id, similarity, relation, reason), strict=True))


def _moment(value: object) -> datetime:
    return UNDATED if value is None or value == "" else parse_time(value)[0]
