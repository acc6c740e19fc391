"""What the pages show: filters come in, tables of named queries go out; no SQL, no drawing, no thresholds.

Every table's times are in Asia/Shanghai. A list of pages carries ``total``, the rows of all pages.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from dashboard import formats, people
from dashboard.connection import Served, ask, region, settings
from pipeline.config import LOCAL_TIME
from pipeline.ledger import Ledger
from pipeline.ledger_records import Response, State

PAGE_ROWS = 10
MEMBER_ROWS = 20
TABLE_ROWS = 50
NEWEST_ALERTS = 5
LISTED = 20

# A claim younger than this is drawn in steps of ten minutes, an older one by the hour.
YOUNG = timedelta(hours=30)

# Around a claim's first and last post: a post may have come with a wrong time and been put right since.
CLAIM_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which rows of the queue, in what order. Empty means all.

    ``hours`` is how far back claims were seen; 0, the default, is all of them: what is owed an answer stays.
    """

    need: str = ""
    county: str = ""
    channel: str = ""
    words: str = ""
    question: str = ""  # "" | unanswered | asked | overdue | soon | day
    hours: int = 0
    sort: str = "urgent"  # urgent | priority | deadline | newest | size
    page: int = 1


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


def minute() -> datetime:
    """Return this moment cut to ten seconds, so that cached answers are shared between sessions."""
    moment = now()
    return moment.replace(second=moment.second - moment.second % 10, microsecond=0)


def ago(hours: float) -> datetime:
    """Return the moment ``hours`` before now, cut to the minute."""
    return now().replace(second=0, microsecond=0) - timedelta(hours=hours)


def queue(chosen: QueueFilter) -> pd.DataFrame:
    """Return one page of the queue, with the reasons of each rank as lists of dictionaries."""
    moment = minute()
    spans = {
        "overdue": (None, moment),
        "soon": (moment, moment + timedelta(hours=5)),
        "day": (moment, moment + timedelta(hours=24)),
    }
    due_from, due_before = spans.get(chosen.question, (None, None))
    frame = ask(
        "page_queue",
        now=moment,
        need=chosen.need,
        county=chosen.county,
        channel=chosen.channel,
        words=chosen.words.strip(),
        unanswered=chosen.question == "unanswered",
        asked=chosen.question == "asked",
        due_from=due_from,
        due_before=due_before,
        since=ago(chosen.hours) if chosen.hours else None,
        sort=chosen.sort,
        most=PAGE_ROWS,
        skip=(chosen.page - 1) * PAGE_ROWS,
    )
    return frame.assign(reasons=[json.loads(reasons) for reasons in frame["reasons"]])


def queue_totals() -> Mapping[str, Any]:
    """Return how many claims wait, are overdue, and are due within 5 and 24 hours."""
    return first(ask("page_queue_totals", now=minute()))


def scope() -> tuple[str, ...]:
    """Return the counties that the reader works for; none means all of them."""
    return tuple(sorted(people.current().counties))


def queue_channels() -> list[str]:
    """Return the channels of the claims in the queue."""
    return [str(channel) for channel in ask("page_queue_channels")["channel"]]


def county_names() -> list[str]:
    """Return the region's counties that the reader works for, in the order of its file."""
    mine = scope()
    return [county.name for county in region().counties if not mine or county.name in mine]


def situation(hours: int, county: str = "", channel: str = "", sentiment: str = "") -> Mapping[str, Any]:
    """Return the key figures of the last ``hours`` and, for posts, of the same span before.

    ``channel`` and ``sentiment`` narrow the posts only: a claim has many of both.
    """
    since = ago(hours).replace(minute=0)
    chosen = {"county": county, "channel": channel, "sentiment": sentiment}
    before = since - timedelta(hours=hours)
    return first(ask("page_situation", since=since, before=before, now=minute(), **chosen))


def trend(hours: int, county: str = "", channel: str = "", sentiment: str = "") -> pd.DataFrame:
    """Return posts by hour and need: columns hour, need, posts, partial.

    An hour in which no source was read has no value (a gap); one that was read and brought nothing has 0.
    The running hour is marked partial.
    """
    since = ago(hours).replace(minute=0)
    counted = ask("page_trend", since=since, county=county, channel=channel, sentiment=sentiment)
    read = set(ask("page_collected_hours", since=since)["hour"])
    this_hour = pd.Timestamp(now().replace(minute=0, second=0, microsecond=0)).tz_convert(LOCAL_TIME)
    hours_shown = pd.date_range(pd.Timestamp(since).tz_convert(LOCAL_TIME), this_hour, freq="h")
    needs = sorted(set(counted["need"])) or [""]
    grid = pd.MultiIndex.from_product([hours_shown, needs], names=["hour", "need"])
    table = counted.set_index(["hour", "need"])["posts"].astype(float).reindex(grid).reset_index()
    seen = read | set(counted["hour"])
    table["posts"] = table["posts"].where(table["posts"].notna() | ~table["hour"].isin(seen), 0.0)
    table["partial"] = table["hour"] == this_hour
    return table


def counties(hours: int) -> pd.DataFrame:
    """Return the region's tiles: county, column, row, posts, waiting, overdue."""
    counted = ask("page_counties", since=ago(hours).replace(minute=0), now=minute()).set_index("county")
    rows = [
        {"county": county.name, "column": county.tile[0], "row": county.tile[1]}
        for county in region().counties
    ]
    table = pd.DataFrame(rows).join(counted, on="county")
    return table.fillna({"posts": 0, "waiting": 0, "overdue": 0}).astype(
        {"posts": int, "waiting": int, "overdue": int}
    )


def claim(claim_id: str) -> Mapping[str, Any] | None:
    """Return one claim with its place in the queue, or None where there is none of this id."""
    found = ask("page_claim", claim=claim_id)
    return None if found.empty else first(found)


def claims(words: str, county: str, need: str, sort: str, hours: int, page: int) -> pd.DataFrame:
    """Return one page of the claims seen in the last ``hours``."""
    return ask(
        "page_claims",
        words=words.strip(),
        county=county,
        need=need,
        sort=sort,
        since=ago(hours),
        most=PAGE_ROWS,
        skip=(page - 1) * PAGE_ROWS,
    )


def claim_series(claim_id: str, first_seen: datetime, last_seen: datetime) -> tuple[pd.DataFrame, int]:
    """Return a claim's posts over time and the bucket's minutes: bucket, relation, posts, partial.

    A bucket is partial while it is not over.
    """
    minutes = 10 if last_seen - first_seen < YOUNG else 60
    span = {"since": first_seen - CLAIM_MARGIN, "until": last_seen + CLAIM_MARGIN}
    found = ask("page_claim_series", claim=claim_id, minutes=minutes, **span)
    ends = found["bucket"] + pd.Timedelta(minutes=minutes)
    return found.assign(partial=ends > pd.Timestamp(now())), minutes


def claim_members(claim_id: str, relation: str, sort: str, page: int) -> pd.DataFrame:
    """Return one page of a claim's posts with their similarity, relation and the reason they belong."""
    return ask(
        "page_claim_members",
        claim=claim_id,
        relation=relation,
        sort=sort,
        most=MEMBER_ROWS,
        skip=(page - 1) * MEMBER_ROWS,
        **claim_span(claim_id),
    )


def claim_span(claim_id: str) -> dict[str, datetime]:
    """Return between which times a claim's posts lie, as values of a query; no time at all for no claim."""
    known = claim(claim_id)
    if known is None:
        return {"since": now(), "until": now()}
    return {"since": known["first_seen"] - CLAIM_MARGIN, "until": known["last_seen"] + CLAIM_MARGIN}


def claim_table(name: str, claim_id: str) -> pd.DataFrame:
    """Return one of a claim's tables: places, channels, statements or alerts."""
    span = claim_span(claim_id) if name in {"places", "channels"} else {}
    return ask(f"page_claim_{name}", claim=claim_id, **span)


def claim_questions(claim_id: str) -> pd.DataFrame:
    """Return what people ask under a claim, equal texts counted together."""
    return ask("page_claim_questions", claim=claim_id, most=LISTED, **claim_span(claim_id))


def alerts(
    hours: int,
    *,
    level: str = "",
    county: str = "",
    unhandled: bool = False,
    alert: str = "",
    page: int = 1,
    most: int = PAGE_ROWS,
) -> pd.DataFrame:
    """Return one page of the alerts, open ones first, with who has each and its figures of now."""
    return ask(
        "page_alerts",
        since=ago(hours),
        level=level,
        county=county,
        unhandled=unhandled,
        alert=alert,
        most=most,
        skip=(page - 1) * most,
    )


def reject_files() -> pd.DataFrame:
    """Return the files with refused rows, and why, newest first."""
    return ask("page_reject_files", most=TABLE_ROWS)


def rejects(file: str, page: int) -> pd.DataFrame:
    """Return one page of refused rows, of one file or of all."""
    return ask("page_rejects", file=file, most=TABLE_ROWS, skip=(page - 1) * TABLE_ROWS)


def sizes() -> Mapping[str, Any]:
    """Return the number of rows of the main tables."""
    return first(ask("page_sizes"))


def model_versions() -> pd.DataFrame:
    """Return which model version tagged how many posts."""
    return ask("page_model_versions")


def audit(page: int) -> pd.DataFrame:
    """Return one page of the audit log, newest first."""
    return ask("page_audit", most=TABLE_ROWS, skip=(page - 1) * TABLE_ROWS)


def ledger() -> Ledger:
    """Return the ledger of the running store.

    Raises:
        ConfigError: the due table or the review levels have a fault.
    """
    return Ledger.open(Served(), settings())


def response(claim_id: str) -> Response | None:
    """Return the response of one claim from its events, or None where there is no such claim."""
    return ledger().responses([claim_id], now()).get(claim_id)


def responses(state: State | None, counties: Collection[str], due: str, page: int) -> list[dict[str, Any]]:
    """Return one page of the ledger, what is due first at the top, and a row more if there is a next page.

    ``due`` is empty for all, ``overdue``, or the hours within which the answer is due.
    """
    moment = now()
    before = None if not due else moment if due == "overdue" else moment + timedelta(hours=float(due))
    return ledger().page(
        state=state,
        counties=counties,
        due_after=None if due in {"", "overdue"} else moment,
        due_before=before,
        most=TABLE_ROWS + 1,
        skip=(page - 1) * TABLE_ROWS,
    )


def claim_choices(claim_id: str) -> dict[str, str]:
    """Return other claims of the last two weeks by id, the most alike in words first, for a drop-down."""
    known = claim(claim_id)
    if known is None:
        return {}
    found = ask(
        "page_claim_choices",
        scope=scope(),
        claim_of=claim_id,
        text=known["text"],
        since=ago(336),
        most=LISTED,
    )
    return {str(row["claim_id"]): formats.one_line(row["text"], 60) for row in records(found)}


def claims_citing(claim_id: str) -> list[dict[str, Any]]:
    """Return the other claims that rest on each of a claim's answers: answer_id, citing (its id), text."""
    return records(ask("claims_citing", claim=claim_id))


def response_counts() -> pd.DataFrame:
    """Return how many responses are in each state, and how many of them are overdue."""
    return ask("response_counts", now=minute())


def first(frame: pd.DataFrame) -> Mapping[str, Any]:
    """Return a table's first row as a mapping, missing values as None."""
    row = frame.iloc[0].to_dict()
    return {str(key): None if _missing(value) else value for key, value in row.items()}


def table_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return dictionaries as a table."""
    return pd.DataFrame(rows)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def pages(frame: pd.DataFrame, rows: int) -> int:
    """Return how many pages a paged answer has, at least one."""
    total = 0 if frame.empty else int(frame["total"].iloc[0])
    return max(1, -(-total // rows))


def _missing(value: object) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and value != value)
