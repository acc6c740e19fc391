"""Who is told of what: the office's rules and an alert come in; deliveries, each with its why, go out.

``[recipients.NAME]`` says how somebody is reached and when they may be; ``[[routes]]`` who gets what. Without
routes every recipient gets everything. A recipient gets an alert once for each level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.config import ConfigError, Settings
from pipeline.records import Level, Need
from pipeline.rota import Rota, Spans, clock, next_time, read_rota, read_spans

ON_CALL = "@值班"  # in a route's ``to``: whoever is first on call at that moment
MODES = {"current": "当前", "increment": "增量", "daily": "当日汇总"}
DIGEST_AT = "07:00"  # the office's morning, before the first meeting
NIGHT = "23:00-07:00"
KEEP_FOR_RED = 4  # one of so many pages a day is kept for red alerts
EVERYTHING = "全部预警"
ALWAYS = Spans()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person or a group: channels in their order, quiet hours, digest times and pages a day."""

    name: str
    channels: tuple[str, ...]
    quiet: Spans
    digest: tuple[int, ...]
    pages_per_day: int
    heartbeat: int | None
    notices: bool = False  # of collection: broken sources, gaps, silence

    def pages_for(self, level: str) -> int:
        """Return how many pages of a day a level may use: the last ones are kept for red."""
        kept = 0 if level == Level.RED else self.pages_per_day // KEEP_FOR_RED
        return self.pages_per_day - kept

    def digest_after(self, moment: datetime) -> datetime:
        """Return the next digest: at its time, or when the quiet hours that cover it are over."""
        return self.quiet.ends(next_time(self.digest, moment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule; an empty condition lets everything pass."""

    name: str
    to: tuple[str, ...]
    counties: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    hours: Spans = ALWAYS
    mode: str = "current"

    def refusal(self, matter: Matter, moment: datetime) -> str:
        """Return which condition an alert does not meet, in words; empty when it meets all."""
        checks = (
            ("地域", self.counties, matter.counties),
            ("部门", self.departments, matter.departments),
            ("诉求", self.needs, (matter.need,)),
            ("等级", self.levels, (matter.level,)),
        )
        for word, wanted, has in checks:
            if wanted and not set(wanted) & set(has):
                return f"{word}不符"
        if self.keywords and not any(word in matter.text for word in self.keywords):
            return "关键词不符"
        if self.hours.parts and not self.hours.covers(moment):
            return "不在该规则的时段"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a route looks at of an alert."""

    text: str
    need: str
    level: str
    counties: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether one route sends an alert to whom, and why or why not."""

    route: str
    recipient: str
    mode: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One recipient's message: now, or in the digest at ``due_at``, and why."""

    recipient: Recipient
    route: str
    mode: str  # now | digest | daily
    why: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """All of an office's recipients, routes and its rota."""

    recipients: Mapping[str, Recipient]
    routes: tuple[Route, ...]
    rota: Rota

    @classmethod
    def load(cls, settings: Settings) -> Routing:
        """Read ``[recipients]``, ``[[routes]]``, ``[keyword_groups]`` and ``[rota]``.

        Raises:
            ConfigError: an unknown key, name, level, need or time; the message names it.
        """
        channels = settings.tables.get("channels", {})
        recipients = {
            name: _recipient(name, table, channels, settings.alert_pages_per_day)
            for name, table in settings.tables.get("recipients", {}).items()
        }
        groups = settings.tables.get("keyword_groups", {})
        given = settings.tables.get("routes", [])
        routes = tuple(_route(row, recipients, groups) for row in given)
        if not routes and recipients:
            routes = (Route(name=EVERYTHING, to=tuple(recipients)),)
        return cls(
            recipients=recipients, routes=routes, rota=read_rota(settings.tables.get("rota", {}), recipients)
        )

    def decisions(self, matter: Matter, moment: datetime) -> list[Decision]:
        """Return for every route what it decides, in the order of the file."""
        found = []
        for route in self.routes:
            refusal = route.refusal(matter, moment)
            if refusal:
                found.append(Decision(route=route.name, recipient="", mode="none", why=refusal))
                continue
            for name in self._people(route, moment):
                found.append(Decision(route=route.name, recipient=name, mode=route.mode, why="符合规则"))
        return found

    def deliveries(self, matter: Matter, moment: datetime, pages_today: Mapping[str, int]) -> list[Delivery]:
        """Return each recipient's one delivery; a route that sends at once wins over one that waits.

        ``pages_today`` counts what each recipient was already sent at once on this day.
        """
        chosen: dict[str, Decision] = {}
        for decision in self.decisions(matter, moment):
            known = chosen.get(decision.recipient)
            if decision.recipient and (known is None or (known.mode != "current" == decision.mode)):
                chosen[decision.recipient] = decision
        return [
            self._delivery(self.recipients[name], decision, matter.level, moment, pages_today.get(name, 0))
            for name, decision in chosen.items()
        ]

    def to_person(self, name: str, level: str, moment: datetime) -> Delivery:
        """Return the delivery of an escalation: it is asked of somebody, so no budget holds it back."""
        recipient = self.recipients[name]
        if level != Level.RED and recipient.quiet.covers(moment):
            return _later(
                recipient, "", "digest", "免打扰时段，只有红色立即提醒", recipient.quiet.ends(moment)
            )
        return Delivery(
            recipient=recipient, route="", mode="now", why="前一位未确认，按排班升级", due_at=moment
        )

    def _people(self, route: Route, moment: datetime) -> list[str]:
        names: list[str] = []
        for name in route.to:
            names += self.rota.on_call(moment)[:1] if name == ON_CALL else [name]
        return list(dict.fromkeys(names))

    def _delivery(
        self, recipient: Recipient, decision: Decision, level: str, moment: datetime, pages: int
    ) -> Delivery:
        if decision.mode != "current":
            mode = "daily" if decision.mode == "daily" else "digest"
            why = f"推送方式为{MODES[decision.mode]}"
            return _later(recipient, decision.route, mode, why, recipient.digest_after(moment))
        if level != Level.RED and recipient.quiet.covers(moment):
            why = "免打扰时段，只有红色立即提醒"
            return _later(recipient, decision.route, "digest", why, recipient.quiet.ends(moment))
        if pages >= recipient.pages_for(level):
            why = f"今日已推送 {pages} 次，达到每日上限 {recipient.pages_per_day} 次"
            return _later(recipient, decision.route, "digest", why, recipient.digest_after(moment))
        why = f"规则“{decision.route}”：立即推送"
        return Delivery(recipient=recipient, route=decision.route, mode="now", why=why, due_at=moment)


def _later(recipient: Recipient, route: str, mode: str, why: str, due_at: datetime) -> Delivery:
    return Delivery(recipient=recipient, route=route, mode=mode, why=why, due_at=due_at)


def _recipient(name: str, table: object, channels: Mapping[str, Any], pages: int) -> Recipient:
    where = f"[recipients.{name}]"
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} must be a table, got {table!r}")
    _known_keys(where, table, {"channels", "quiet", "digest", "pages_per_day", "heartbeat", "notices"})
    wanted = _texts(where, "channels", table.get("channels"))
    if not wanted or set(wanted) - set(channels):
        raise ConfigError(f"{where} channels = {list(wanted)}: known are {sorted(channels)}")
    digest = table.get("digest", [DIGEST_AT])
    times = tuple(
        clock(f"{where} digest", time) for time in ([digest] if isinstance(digest, str) else digest)
    )
    most = table.get("pages_per_day", pages)
    if type(most) is not int or most < 1:
        raise ConfigError(f"{where} pages_per_day = {most!r}: a number of 1 or more")
    notices = table.get("notices", False)
    if not isinstance(notices, bool):
        raise ConfigError(f"{where} notices = {notices!r}: true or false")
    heartbeat = table.get("heartbeat", DIGEST_AT)
    return Recipient(
        name=name,
        channels=wanted,
        quiet=read_spans(f"{where} quiet", table.get("quiet", NIGHT)),
        digest=times or (clock(where, DIGEST_AT),),
        pages_per_day=most,
        heartbeat=clock(f"{where} heartbeat", heartbeat) if heartbeat else None,
        notices=notices,
    )


def _route(row: Mapping[str, Any], recipients: Mapping[str, Recipient], groups: Mapping[str, Any]) -> Route:
    where = f"[[routes]] {row.get('name', '')!r}"
    lists = ("to", "counties", "departments", "needs", "levels", "keywords")
    _known_keys(where, row, {"name", "mode", "hours", *lists})
    values = {key: _texts(where, key, row.get(key, [])) for key in lists}
    values["keywords"] = tuple(_words(where, values["keywords"], groups))
    _among(where, "to", values["to"], [*recipients, ON_CALL])
    _among(where, "levels", values["levels"], [str(level) for level in Level])
    _among(where, "needs", values["needs"], [str(need) for need in Need])
    mode = row.get("mode", "current")
    if mode not in MODES or not values["to"] or not row.get("name"):
        raise ConfigError(f"{where}: needs name, to, and a mode among {', '.join(MODES)}; got {dict(row)}")
    hours = read_spans(f"{where} hours", row["hours"]) if row.get("hours") else ALWAYS
    return Route(name=str(row["name"]), mode=mode, hours=hours, **values)


def _words(where: str, words: Sequence[str], groups: Mapping[str, Any]) -> list[str]:
    """Replace ``@group`` by the words of a keyword group."""
    found: list[str] = []
    for word in words:
        if word.startswith("@"):
            if word[1:] not in groups:
                raise ConfigError(f"{where}: no keyword group {word!r}; known are {sorted(groups)}")
            found += _texts("[keyword_groups]", word[1:], groups[word[1:]])
        else:
            found.append(word)
    return found


def _texts(where: str, key: str, given: object) -> tuple[str, ...]:
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise ConfigError(f"{where} {key} = {given!r}: a list of names")
    return tuple(values)


def _among(where: str, key: str, values: Sequence[str], known: Sequence[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise ConfigError(f"{where} {key} = {unknown}: known are {', '.join(known)}")


def _known_keys(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ConfigError(f"{where} unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
