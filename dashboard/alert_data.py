"""What the pages of alerts show: alerts and filters come in; tables, words and trials go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import data, formats, wording, wording_alerts
from dashboard.connection import Served, ask, home, settings
from pipeline.alert_rules import AlertRules, vote_offset
from pipeline.delivery_words import day_in_words, next_moments
from pipeline.routing import MODES, Routing
from pipeline.settings_write import version_of
from pipeline.tuning import Trial, try_rules, with_values

ANSWER_CHARACTERS = 80


def history(alert_id: str) -> pd.DataFrame:
    """Return what people did about an alert, oldest first: when, who, what, body."""
    rows = data.records(ask("page_alert_history", alerts=(alert_id,)))
    return pd.DataFrame(
        [
            {
                "when": formats.both(row["recorded_at"]),
                "who": row["actor"],
                "what": wording_alerts.HANDLED.get(row["kind"], row["kind"]),
                "body": _body(row["body"]),
            }
            for row in rows
        ]
    )


def deliveries(alert_id: str) -> pd.DataFrame:
    """Return who was told of an alert, or why not, with the platform's answer."""
    rows = data.records(ask("page_alert_deliveries", alerts=(alert_id,)))
    return pd.DataFrame(
        [
            {
                "recipient": row["recipient"] or wording.NONE_YET,
                "level": wording.LEVELS.get(row["level"], row["level"]),
                "status": wording_alerts.DELIVERY_STATUS[row["status"]],
                "why": row["why"],
                "channel": row["channel"] if isinstance(row["channel"], str) else wording.NONE_YET,
                "answer": _answer(row["receipt"]),
                "when": formats.both(row["decided_at"] if pd.isna(row["sent_at"]) else row["sent_at"]),
            }
            for row in rows
        ]
    )


def samples(post_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the sample posts of an alert, oldest first."""
    return data.records(ask("page_alert_samples", posts=tuple(post_ids)))


def day_words() -> list[str]:
    """Return what was sent today, or why nothing was, in lines."""
    routing = Routing.load(settings())
    return [*day_in_words(Served(), routing, data.now()), *next_moments(routing, data.now())]


def quiet_grid(routing: Routing) -> pd.DataFrame:
    """Return the quiet hours of every recipient: recipient, day, hour, quiet."""
    return pd.DataFrame(
        [
            {"recipient": name, "day": wording_alerts.DAYS[day], "hour": hour, "quiet": quiet}
            for name, recipient in routing.recipients.items()
            for day, hours in enumerate(recipient.quiet.grid())
            for hour, quiet in enumerate(hours)
        ]
    )


def route_words(routing: Routing) -> list[str]:
    """Return every route as a line: what it wants and who gets it, how."""
    lines = []
    for route in routing.routes:
        wants = [*route.counties, *route.departments, *(wording.NEEDS[need] for need in route.needs)]
        wants += [wording.LEVELS[level] for level in route.levels]
        wants += [f"“{word}”" for word in route.keywords]
        said = wording.LIST_COMMA.join(wants) or wording.ALL
        lines.append(f"{route.name}：{said} → {wording.LIST_COMMA.join(route.to)}（{MODES[route.mode]}）")
    return lines


def trial(values: Mapping[str, float], days: int) -> tuple[Trial, str]:
    """Return what other values would have raised, and the version of the settings they were tried on.

    Raises:
        ConfigError: a value is none, or the settings have a fault.
    """
    seen = version_of(home())
    rules, pages = with_values(settings(), values)
    return try_rules(Served(), rules, pages, data.now(), days), seen


def current_values() -> dict[str, float]:
    """Return the values in force that can be tuned."""
    known = settings()
    rules = AlertRules.load(known)
    return {
        name: known.alert_pages_per_day if name == "alert_pages_per_day" else getattr(rules, name)
        for name in wording_alerts.TUNED
    }


def votes() -> list[tuple[str, int, float, float]]:
    """Return the sources whose thresholds votes have raised: source, votes, offset, the most it can be."""
    rules = AlertRules.load(settings())
    return [
        (row["source"], row["votes"], vote_offset(row["votes"], rules), rules.vote_most)
        for row in Served().rows("false_alarm_votes")
        if row["votes"] > 0
    ]


def _answer(receipt: object) -> str:
    if not isinstance(receipt, str):
        return wording.NONE_YET
    found = json.loads(receipt)
    said = [str(found[key]) for key in ("status", "code", "answer", "why") if found.get(key)]
    return formats.one_line(" ".join(said), ANSWER_CHARACTERS)


def _body(text: str) -> str:
    found = json.loads(text or "{}")
    return formats.one_line(" ".join(str(value) for value in found.values()), ANSWER_CHARACTERS)
