"""Due rows of the outbox come in; messages go to their channels, and events with the platforms' receipts go
out.

What was done is only in ``notification_events``: after a kill at any point the next sender goes on from
there, and what may have been sent already is sent again with the same id in its text. A channel that hangs
holds up nobody but itself: each has a thread of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.channels import Channel, Message, Receipt
from pipeline.config import LOCAL_TIME
from pipeline.identity import digest
from pipeline.notify_text import digest_message
from pipeline.store import Appender

log = logging.getLogger(__name__)

ACTOR = "系统"
TRIES = 3  # on one channel; then the next one
FIRST_PAUSE = 15.0  # seconds before the second try
LONGEST_PAUSE = 300.0
SEPARATE = 3  # messages at once for one channel; more are merged into one
AT_ONCE = 200  # rows looked at in a round
HANGS_AFTER = timedelta(seconds=120)  # a send that takes longer is given up and its thread left behind
MINUTE = timedelta(minutes=1)

Links = Callable[[Mapping[str, Any]], str]


@dataclass(slots=True)
class _Batch:
    """Rows that go out as one message on one channel."""

    channel: str
    rows: list[Mapping[str, Any]]
    message: Message
    future: Future[Receipt] | None = None
    since: datetime | None = None


@dataclass(slots=True)
class _Lane:
    """A channel's thread and what it is busy with."""

    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")
    )
    busy: _Batch | None = None


class Sender:
    """Sends what is due, round by round."""

    def __init__(self, store: Appender, channels: Mapping[str, Channel], link_of: Links) -> None:
        self.store = store
        self.channels = channels
        self.link_of = link_of
        self._lanes: dict[str, _Lane] = {}

    def round(self, now: datetime) -> int:
        """Note what was sent and start what is due; return how many messages are on their way."""
        for lane in self._lanes.values():
            self._collect(lane, now)
        flying = {
            row["notification_id"] for lane in self._lanes.values() if lane.busy for row in lane.busy.rows
        }
        waiting = [
            row
            for row in self.store.rows("due_notifications", now=now, most=AT_ONCE)
            if row["notification_id"] not in flying
        ]
        for channel, rows in self._by_channel(waiting, now).items():
            self._start(channel, rows, now)
        return sum(lane.busy is not None for lane in self._lanes.values())

    def wait(self, seconds: float) -> None:
        """Wait until the first of the messages on their way is done, or the time is over."""
        for lane in self._lanes.values():
            if lane.busy and lane.busy.future:
                lane.busy.future.add_done_callback(lambda _: None)
        flying = [lane.busy.future for lane in self._lanes.values() if lane.busy and lane.busy.future]
        if flying:
            from concurrent.futures import wait

            wait(flying, timeout=seconds, return_when="FIRST_COMPLETED")

    def close(self) -> None:
        """Let go of the threads; what they are sending goes on or not, its rows are still due."""
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=False, cancel_futures=True)

    def _by_channel(
        self, rows: Sequence[Mapping[str, Any]], now: datetime
    ) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            channel = self._channel_for(row)
            if channel is None:
                self._note(row, "gave_up", "", {"why": "所有渠道都没有送达"}, now)
            elif not _resting(row, channel, now):
                found.setdefault(channel, []).append(row)
        return found

    def _channel_for(self, row: Mapping[str, Any]) -> str | None:
        """Return the first of a row's channels, fall-backs after each, that is not used up."""
        for name in self._chain(row["channels"]):
            tried = [one for one in row["tried"] if one["channel"] == name]
            if len(tried) < TRIES and not any(one["final"] for one in tried):
                return name
        return None

    def _chain(self, names: Sequence[str]) -> list[str]:
        chain: list[str] = []
        for name in names:
            while name and name not in chain and name in self.channels:
                chain.append(name)
                name = self.channels[name].fallback
        return chain

    def _start(self, channel: str, rows: list[Mapping[str, Any]], now: datetime) -> None:
        lane = self._lanes.setdefault(channel, _Lane())
        if lane.busy is not None:
            return
        room = self.channels[channel].per_minute - self._sent_lately(channel, now)
        if room <= 0:
            return  # what is due meanwhile is merged into the next one
        chosen = _together(rows, room)
        batch = _Batch(channel=channel, rows=chosen, message=self._message(chosen, now), since=now)
        batch.future = lane.pool.submit(self.channels[channel].send, batch.message)
        lane.busy = batch

    def _sent_lately(self, channel: str, now: datetime) -> int:
        counted = {
            row["channel"]: row["messages"] for row in self.store.rows("sent_lately", since=now - MINUTE)
        }
        return int(counted.get(channel, 0))

    def _message(self, rows: Sequence[Mapping[str, Any]], now: datetime) -> Message:
        if _is_one_alert(rows):
            row = _for_all(rows)
            return Message(
                message_id=row["notification_id"], title=row["title"], text=row["body"], level=row["level"],
                link=self.link_of(row),
            )  # fmt: skip
        listed = self._listed(rows, now)
        title, text = digest_message(listed, now)
        number = digest("merged", *sorted(row["notification_id"] for row in rows))
        return Message(message_id=number, title=title, text=text)

    def _listed(self, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
        """Return what a merged message lists: the day's alerts where the recipient asked for 当日汇总."""
        if not any(row["mode"] == "daily" for row in rows):
            return list(rows)
        since = now.astimezone(LOCAL_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        since = min([since, *(row["due_at"] - timedelta(days=1) for row in rows)])
        of_day = self.store.rows("notifications_of_day", recipient=rows[0]["recipient"], since=since, now=now)
        known = {row["notification_id"] for row in of_day}
        return [*of_day, *(row for row in rows if row["notification_id"] not in known)]

    def _collect(self, lane: _Lane, now: datetime) -> None:
        batch = lane.busy
        if batch is None or batch.future is None or batch.since is None:
            return
        if batch.future.done():
            receipt = _receipt_of(batch.future)
        elif now - batch.since > HANGS_AFTER:
            receipt = Receipt(ok=False, status=None, code="hang")
            lane.pool.shutdown(wait=False)
            lane.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")
        else:
            return
        lane.busy = None
        self._record(batch, receipt, now)

    def _record(self, batch: _Batch, receipt: Receipt, now: datetime) -> None:
        body = {
            "message": batch.message.message_id, "status": receipt.status, "code": receipt.code,
            "answer": receipt.answer, "final": receipt.final, "merged": len(batch.rows),
        }  # fmt: skip
        kind = "sent" if receipt.ok else "failed"
        say = log.info if receipt.ok else log.warning
        say("%s on %s: %s %s %s", kind, batch.channel, receipt.status, receipt.code, receipt.answer)
        for row in batch.rows:
            self._note(row, kind, batch.channel, body, now)

    def _note(
        self, row: Mapping[str, Any], kind: str, channel: str, body: Mapping[str, Any], now: datetime
    ) -> None:
        event = digest(kind, row["notification_id"], channel, now.isoformat())
        self.store.append(
            "notification_events",
            {
                "event_id": event, "notification_id": row["notification_id"], "kind": kind,
                "channel": channel, "body": json.dumps(body, ensure_ascii=False), "actor": ACTOR,
                "recorded_at": now,
            },
        )  # fmt: skip


def _receipt_of(future: Future[Receipt]) -> Receipt:
    """Return a send's receipt; an error in a channel of ours is a failure that is told, not the sender's
    end.
    """
    error = future.exception()
    if error is None:
        return future.result()
    log.error("a channel failed", exc_info=error)
    return Receipt(ok=False, status=None, code=type(error).__name__, final=True)


def _together(rows: list[Mapping[str, Any]], room: int) -> list[Mapping[str, Any]]:
    """Return the rows of the next message: one alone, or many merged.

    Rows of a digest go together by recipient. Of the rest, those of one alert are one message for all of its
    recipients, and everything is one where there is more than the channel has room for.
    """
    first = rows[0]
    if first["mode"] != "now":
        return [row for row in rows if row["mode"] != "now" and row["recipient"] == first["recipient"]]
    now = [row for row in rows if row["mode"] == "now"]
    same = [row for row in now if _is_one_alert([first, row])]
    return now if len(now) - len(same) >= min(SEPARATE, room) else same


def _is_one_alert(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether rows tell the same, at once: one alert at one level, of several recipients on one channel."""
    told = {(row["kind"], row["alert_id"], row["level"], row["title"], row["mode"]) for row in rows}
    return len(told) == 1 and rows[0]["mode"] == "now"


def _for_all(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the first row, with all the recipients named and their numbers in the text."""
    first, others = rows[0], rows[1:]
    if not others:
        return first
    also = "；".join(f"{row['recipient']} 编号 {row['notification_id'][:12]}" for row in others)
    names = "、".join(row["recipient"] for row in rows)
    return {**first, "recipient": names, "body": f"{first['body']}\n同时发给：{also}"}


def _resting(row: Mapping[str, Any], channel: str, now: datetime) -> bool:
    """Whether a row waits before its next try: twice as long each time, spread by half either way."""
    tried = [one for one in row["tried"] if one["channel"] == channel]
    if not tried:
        return False
    pause = min(FIRST_PAUSE * 2 ** (len(tried) - 1), LONGEST_PAUSE)
    seed = hashlib.sha256(f"{row['notification_id']}{len(tried)}".encode()).digest()
    spread = random.Random(seed).uniform(0.5, 1.5)
    return bool(now - tried[-1]["at"] < timedelta(seconds=pause * spread))
