"""A replay's posts, world, alerts and claims come in; what was alerted in time, as what and how often, goes
out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import mean
from typing import Any

AGAIN = timedelta(hours=24)  # alerts of one rumor within it count as repeats
Row = dict[str, Any]


def judge(rows: list[Row], world: Mapping[str, Any], found: Mapping[str, list[Row]], days: int) -> Row:
    """Return for every rumor and surge its alerts, and the figures over all of them.

    ``found`` holds the lines of ``alerts.jsonl`` and ``claims.jsonl`` that ``huiying backtest`` wrote.
    """
    first = first_posts(rows)
    by_story = _alerts_by_story(found)
    table = [
        {**_alerted(mark, story, by_story[key], first[key]), **_grouped(key, rows, found["claims"])}
        for mark, story in stories_of(world, days)
        for key in [f"{mark}-{story['name']}"]
    ]
    return {"stories": table, "other_alerts": _others(by_story.get("everyday", [])), **_totals(table)}


def stories_of(world: Mapping[str, Any], days: int) -> list[tuple[str, Row]]:
    """Return every story told within the days, marked ``r`` for a rumor, ``s`` for a surge."""
    rumors = [("r", {**story, "kind": "rumor"}) for story in world["rumor"]]
    return [one for one in [*rumors, *(("s", story) for story in world["surge"])] if one[1]["day"] < days]


def story_of(post_ids: Iterable[str]) -> str:
    """Return the story that most posts of a claim belong to."""
    stories = Counter(
        "everyday" if post[0] == "e" else ("r-" if post[0] == "o" else f"{post[0]}-") + post.split("-")[1]
        for post in post_ids
    )
    return stories.most_common(1)[0][0] if stories else "everyday"


def first_posts(rows: list[Row]) -> dict[str, datetime]:
    """Return when each story began."""
    first: dict[str, datetime] = {}
    for row in rows:
        first.setdefault(story_of([row["id"]]), datetime.fromisoformat(row["published_at"]))
    return first


def _alerts_by_story(found: Mapping[str, list[Row]]) -> defaultdict[str, list[Row]]:
    members = {claim["claim_id"]: claim["post_ids"] for claim in found["claims"]}
    by_story: defaultdict[str, list[Row]] = defaultdict(list)
    for alert in sorted(found["alerts"], key=lambda alert: alert["raised_at"]):
        by_story[story_of(members.get(alert["claim_id"], alert["post_ids"]))].append(alert)
    return by_story


def _alerted(mark: str, story: Row, alerts: list[Row], first: datetime) -> Row:
    times = [datetime.fromisoformat(alert["raised_at"]) for alert in alerts if alert["kind"] == "rumor"]
    entry: Row = {
        "name": story["name"], "kind": story["kind"], "posts": story["posts"], "alerts": len(alerts),
        "as_rumor": len(times), "as_help": sum(alert["kind"] == "help" for alert in alerts),
    }  # fmt: skip
    if mark == "r" and times:
        entry["in_24_hours"] = sum(moment - times[0] <= AGAIN for moment in times)
        entry["minutes"] = round((times[0] - first).total_seconds() / 60)
        entry["in_time"] = times[0] - first <= timedelta(hours=story["deadline_hours"])
    return entry


def _grouped(key: str, rows: list[Row], claims: list[Row]) -> Row:
    """Return how well the largest claim of a story is that story: purity, and completeness of its posts.

    Replies count like posts; what an office says belongs to the rumor that it denies.
    """
    theirs = {row["id"] for row in rows if story_of([row["id"]]) == key}
    shares = [(len(theirs & set(claim["post_ids"])), claim) for claim in claims]
    most, largest = max(shares, key=lambda one: one[0], default=(0, {"post_ids": []}))
    if not most:
        return {"purity": 0.0, "completeness": 0.0}
    return {
        "purity": round(most / len(largest["post_ids"]), 3),
        "completeness": round(most / len(theirs), 3),
    }


def _others(alerts: list[Row]) -> list[Row]:
    return [
        {"at": alert["raised_at"], "level": alert["level"], "kind": alert["kind"],
         "why": alert["reasons"][0], "posts": alert["post_ids"]}
        for alert in alerts
    ]  # fmt: skip


def _totals(table: list[Row]) -> Row:
    rumors = [entry for entry in table if entry["kind"] == "rumor"]
    surges = [entry for entry in table if entry["kind"] != "rumor"]
    helps = [entry for entry in table if entry["kind"] == "help"]
    alerted = [entry for entry in rumors if entry["as_rumor"]]
    return {
        "rumors": len(rumors),
        "in_time": sum(bool(entry.get("in_time")) for entry in rumors),
        "alerts_per_alerted_rumor": round(sum(e["in_24_hours"] for e in alerted) / max(len(alerted), 1), 3),
        "purity": round(mean(entry["purity"] for entry in rumors), 3) if rumors else None,
        "completeness": round(mean(entry["completeness"] for entry in rumors), 3) if rumors else None,
        "surges": len(surges),
        "surges_alerted_as_rumor": sum(entry["as_rumor"] > 0 for entry in surges),
        "helps": len(helps),
        "helps_alerted": sum(entry["as_help"] > 0 for entry in helps),
    }
