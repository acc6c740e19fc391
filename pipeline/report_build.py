"""A store and a stretch of time come in; the daily or weekly report goes out in sections with sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline import report_charts as charts
from pipeline import report_words as words
from pipeline.config import LOCAL_TIME
from pipeline.effect import Effect, effect_of
from pipeline.ledger_records import STATE_WORDS, State
from pipeline.report_records import Chart, Paragraph, Report, Section, Table, Traced, words_of
from pipeline.store import Reader

Row = Mapping[str, Any]
HOUR = timedelta(hours=1)
TOP = 10  # rows of a table: a report is read, not searched
SHOWN = 60  # characters of a public text in a cell
GAPS_NAMED = 6
UNITS = {"daily": "日", "weekly": "周"}


@dataclass(slots=True)
class Stretch:
    """What a report is about: kind, office, half-open stretch of time, scope, and when it is made."""

    kind: str
    office: str
    since: datetime
    until: datetime
    now: datetime
    counties: tuple[str, ...] = ()

    @property
    def end(self) -> datetime:
        """Until when there are data: a running day ends now."""
        return min(self.until, self.now)

    def params(self) -> dict[str, Any]:
        """Return the parameters that most queries share."""
        return {"since": self.since, "until": self.until, "counties": self.counties}


def build(
    store: Reader, kind: str, office: str, since: datetime, until: datetime, now: datetime,
    counties: Collection[str] = (),
) -> Report:  # fmt: skip
    """Return the daily or weekly report of ``[since, until)``, as known at ``now``."""
    stretch = Stretch(kind, office, since, until, now, tuple(sorted(counties)))
    traced = Traced(store)
    parts = [_volume, _claims, _work, _effects, _alerts, _asked, _statements]
    sections = [part(traced, stretch) for part in parts]
    summary = _summary(traced, stretch)
    advice = Section(key="advice", title=words.SECTIONS["advice"], paragraphs=(Paragraph(text=words.ADVICE),))
    return Report(
        kind=kind,
        title=words.TITLES[kind],
        office=office,
        since=since,
        until=until,
        made_at=now,
        sections=(summary, *sections, advice),
        sources=tuple(traced.sources),
    )


# summary


def _summary(traced: Traced, stretch: Stretch) -> Section:
    span = span_words(stretch.kind, stretch.since, stretch.until)
    posts, number, before, earlier = _totals(traced, stretch)
    counts, claims = traced.ask("report_claim_counts", **stretch.params())
    events, recorded = traced.ask("report_events", **stretch.params())
    if not posts and not events and not counts[0]["spoken_of"]:
        return Section(
            key="summary",
            title=words.SECTIONS["summary"],
            paragraphs=words_of([words.SUMMARY["calm"].format(span=span)], number, recorded),
        )
    said = words.SUMMARY["posts"].format(span=span, posts=posts, change=_change(stretch.kind, posts, before))
    paragraphs = [
        *words_of([_running(stretch)]),
        *words_of([said], number, earlier),
        *words_of([_claims_said(counts[0])], claims),
        *words_of([_work_said(events)], recorded),
        *_owed_said(traced, stretch),
        *_alerts_said(traced, stretch),
    ]
    return Section(key="summary", title=words.SECTIONS["summary"], paragraphs=tuple(paragraphs))


def _totals(traced: Traced, stretch: Stretch) -> tuple[int, int, int, int]:
    """Return the posts of the stretch and of the one before, each with the number of its query."""
    rows, number = traced.ask("report_hours", **stretch.params())
    # A running stretch is compared with as much of the one before.
    length = stretch.until - stretch.since
    before, earlier = traced.ask(
        "report_hours",
        since=stretch.since - length,
        until=max(stretch.end, stretch.since) - length,
        counties=stretch.counties,
    )
    return sum(row["posts"] for row in rows), number, sum(row["posts"] for row in before), earlier


def _change(kind: str, posts: int, before: int) -> str:
    unit = UNITS[kind]
    if not before:
        return words.SUMMARY["first"].format(unit=unit)
    if posts == before:
        return words.SUMMARY["same"].format(unit=unit)
    key = "more" if posts > before else "less"
    difference = abs(posts - before)
    return words.SUMMARY[key].format(unit=unit, n=difference, share=f"{difference / before:.0%}")


def _running(stretch: Stretch) -> str:
    if stretch.now >= stretch.until:
        return ""
    return words.SUMMARY["running"].format(now=moment(stretch.now))


def _claims_said(counts: Row) -> str:
    return words.SUMMARY["claims"].format(
        spoken=counts["spoken_of"],
        fresh=counts["fresh"],
        owed=counts["owed"],
        owed_fresh=counts["owed_fresh"],
        returned=counts["returned"],
    )


def _work_said(events: Sequence[Row]) -> str:
    counted = {row["kind"]: row["claims"] for row in events}
    names = ("published", "cited", "closed", "declined", "shelved")
    return words.SUMMARY["work"].format(**{name: counted.get(name, 0) for name in names})


def _owed_said(traced: Traced, stretch: Stretch) -> tuple[Paragraph, ...]:
    rows, number = traced.ask("report_owed", now=stretch.now, counties=stretch.counties)
    said = words.SUMMARY["owed"].format(now=moment(stretch.now), **rows[0])
    return words_of([said], number)


def _alerts_said(traced: Traced, stretch: Stretch) -> tuple[Paragraph, ...]:
    rows, number = traced.ask("report_alerts", **stretch.params())
    counted = Counter(row["level"] for row in rows)
    levels = "、".join(f"{word} {counted[level]}" for level, word in words.LEVELS.items() if counted[level])
    said = words.SUMMARY["alerts"].format(n=len(rows), levels=levels) if rows else words.SUMMARY["no_alerts"]
    return words_of([said], number)


# sections


def _volume(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("report_hours", **stretch.params())
    read, hours = traced.ask("report_read_hours", since=stretch.since, until=stretch.until)
    places, by_place = traced.ask("report_places", **stretch.params())
    channels, by_channel = traced.ask("report_channels", **stretch.params())
    said = [_gaps({row["hour"] for row in read}, stretch)] if rows else [words.VOLUME["no_posts"]]
    drawn = []
    if rows:
        spec = charts.stacked_hours(rows, "need", words.NEEDS)
        drawn.append(Chart(title=words.VOLUME["hours"], spec=spec, sources=(number,)))
    if places:
        spec = charts.ranked(places, "county")
        drawn.append(Chart(title=words.VOLUME["places"], spec=spec, sources=(by_place,)))
    tables = [_shares(words.VOLUME["channels"], "渠道", channels, "channel", by_channel)] if channels else []
    return _section("volume", words_of(said, hours), tables, drawn)


def _gaps(read: set[datetime], stretch: Stretch) -> str:
    count = int((stretch.end - stretch.since) / HOUR)
    gone = [hour for n in range(count) if (hour := stretch.since + n * HOUR) not in read]
    if not gone:
        return ""
    named = "、".join(f"{hour.astimezone(LOCAL_TIME):%m-%d %H时}" for hour in gone[:GAPS_NAMED])
    which = named + ("等" if len(gone) > GAPS_NAMED else "")
    return words.VOLUME["gaps"].format(n=len(gone), which=which)


def _claims(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("report_claims", most=TOP, **stretch.params())
    return _listed("claims", words.CLAIMS, rows, number, _claim_cells)


def _claim_cells(row: Row) -> tuple[str, ...]:
    return (
        cut(row["text"]), named(words.NEEDS, row["need"]), "、".join(row["counties"][:4]),
        str(row["posts"]), str(row["size"]), f"{row['rumor_score']:.0%}", STATE_WORDS[State(row["state"])],
        row["verdict"] or "待核实",
    )  # fmt: skip


def _work(traced: Traced, stretch: Stretch) -> Section:
    tables = [
        table
        for table in (_published(traced, stretch), _finished(traced, stretch), *_due(traced, stretch))
        if table.rows
    ]
    said = [] if tables else [words.WORK["none"]]
    if not any(table.title == words.WORK["late"] for table in tables):
        said.append(words.WORK["nothing_late"])
    return _section("work", words_of(said), tables)


def _published(traced: Traced, stretch: Stretch) -> Table:
    rows, number = traced.ask("answered_between", **stretch.params())
    cells = [
        (
            cut(row["text"]), row["county"], row["department"], moment(row["published_at"]),
            _took(row["first_seen"], row["published_at"]), row["published_url"],
        )
        for row in rows
    ]  # fmt: skip
    return numbered(words.WORK["published"], words.COLUMNS["published"], cells, number)


def _finished(traced: Traced, stretch: Stretch) -> Table:
    rows, number = traced.ask("report_finished", **stretch.params())
    cells = [
        (cut(row["text"]), STATE_WORDS[State(row["state"])], cut(row["reason"]), moment(row["done_at"]))
        for row in rows
    ]
    return numbered(words.WORK["finished"], words.COLUMNS["finished"], cells, number)


def _due(traced: Traced, stretch: Stretch) -> tuple[Table, Table]:
    shared = {"state": "", "counties": stretch.counties, "most": TOP, "skip": 0}
    late, late_number = traced.ask("response_page", due_after=None, due_before=stretch.now, **shared)
    day = stretch.now + timedelta(hours=24)
    soon, soon_number = traced.ask("response_page", due_after=stretch.now, due_before=day, **shared)
    columns = words.COLUMNS["due"]
    return (
        numbered(words.WORK["late"], columns, [_due_cells(row) for row in late], late_number),
        numbered(words.WORK["soon"], columns, [_due_cells(row) for row in soon], soon_number),
    )


def _due_cells(row: Row) -> tuple[str, ...]:
    return (
        cut(row["text"]), moment(row["due_at"]), row["due_rule"], STATE_WORDS[State(row["state"])],
        row["county"] or words.CLAIM["unassigned"], row["department"], row["blocked_by"],
    )  # fmt: skip


def _effects(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("answered_between", **stretch.params())
    said: list[Paragraph] = []
    for row in rows[:TOP]:
        if row["first_seen"] is not None:
            said += effect_paragraphs(traced, row, stretch.now)
    return _section("effect", tuple(said) or words_of([words.EFFECT["none"]], number))


def effect_paragraphs(traced: Traced, row: Row, now: datetime) -> tuple[Paragraph, ...]:
    """Say what the answer of one row of ``answered_between`` changed, with the queries behind it."""
    known = len(traced.sources)
    found = effect_of(traced, row["claim_id"], row["first_seen"], row["published_at"], now)
    return words_of(effect_words(row["text"], found), *traced.since(known))


def effect_words(text: str, found: Effect) -> list[str]:
    """Say what one answer's effect was, what limits the comparison, and what people still ask."""
    half = (
        words.EFFECT["no_half"]
        if found.half_after is None
        else words.EFFECT["half"].format(n=found.half_after)
    )
    back = words.EFFECT["returned"].format(n=found.returned) if found.returned else ""
    if found.recurring:
        back += words.EFFECT["recurring"].format(n=len(found.recurring))
    said = words.EFFECT["sentence"].format(
        text=cut(text), half=half, returned=back,
        before_hours=found.before.hours, before=found.before.posts, before_rate=f"{found.before.rate:.1f}",
        after_hours=found.after.hours, after=found.after.posts, after_rate=f"{found.after.rate:.1f}",
        before_share=_doubt(found.before.deny + found.before.query, found.before.posts),
        after_share=_doubt(found.after.deny + found.after.query, found.after.posts),
    )  # fmt: skip
    asking = "、".join(f"{cut(row['text'], 30)}({row['posts']})" for row in found.asking)
    lines = [said if found.after.hours else f"“{cut(text)}”:", found.caveat]
    return [*lines, words.EFFECT["asking"].format(texts=asking) if asking else ""]


def _doubt(part: int, whole: int) -> str:
    return f"{part / whole:.0%}({part}/{whole})" if whole else "—"


def _alerts(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("report_alerts", **stretch.params())
    return _listed(
        "alerts", words.ALERTS, rows, number,
        lambda row: (
            moment(row["raised_at"]), named(words.LEVELS, row["level"]), cut(row["text"]),
            ";".join(row["reasons"][:2]),
        ),
    )  # fmt: skip


def _asked(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("report_questions", most=TOP, **stretch.params())
    return _listed("asked", words.ASKED, rows, number, lambda row: (cut(row["text"]), str(row["posts"])))


def _statements(traced: Traced, stretch: Stretch) -> Section:
    rows, number = traced.ask("report_statements", since=stretch.since, until=stretch.until, most=TOP)
    return _listed(
        "statements", words.STATEMENTS, rows, number,
        lambda row: (
            row["issuer"], cut(row["title"] or row["text"]), moment(row["published_at"]), row["url"],
        ),
    )  # fmt: skip


# helpers that the brief on one claim shares


def numbered(title: str, columns: Sequence[str], cells: Iterable[Sequence[str]], number: int) -> Table:
    """Return a table whose first column counts its rows."""
    rows = tuple((str(place), *row) for place, row in enumerate(cells, 1))
    return Table(title=title, columns=tuple(columns), rows=rows, sources=(number,))


def named(known: Mapping[str, str], key: str) -> str:
    """Return the word for a key; a key without one stands for itself."""
    return known.get(key, key)


def moment(at: datetime | None) -> str:
    """Write a moment in Asia/Shanghai; nothing for none."""
    return "" if at is None else f"{at.astimezone(LOCAL_TIME):%m月%d日 %H:%M}"


def cut(text: str, most: int = SHOWN) -> str:
    """Return public text on one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "…"


def span_words(kind: str, since: datetime, until: datetime) -> str:
    """Say a stretch of days: 2026年11月25日, or the first and last day of a week."""
    first = since.astimezone(LOCAL_TIME)
    last = (until - timedelta(seconds=1)).astimezone(LOCAL_TIME)
    said = f"{first:%Y年%m月%d日}"
    return said if first.date() == last.date() else f"{said}至{last:%m月%d日}"


def _took(start: datetime | None, end: datetime) -> str:
    if start is None:
        return ""
    return f"{max((end - start) / HOUR, 0):.1f} 小时"


def _shares(title: str, label: str, rows: Sequence[Row], column: str, number: int) -> Table:
    total = sum(row["posts"] for row in rows)
    cells = [(row[column], str(row["posts"]), f"{row['posts'] / total:.0%}(n={total})") for row in rows[:TOP]]
    return numbered(title, ("序号", label, "帖文", words.VOLUME["share"]), cells, number)


def _listed(
    key: str,
    said: Mapping[str, str],
    rows: Sequence[Row],
    number: int,
    cells: Callable[[Row], tuple[str, ...]],
) -> Section:
    if not rows:
        return _section(key, words_of([said["none"]], number))
    return _section(key, (), [numbered(said["title"], words.COLUMNS[key], map(cells, rows), number)])


def _section(
    key: str, paragraphs: tuple[Paragraph, ...], tables: Sequence[Table] = (), drawn: Sequence[Chart] = ()
) -> Section:
    return Section(
        key=key, title=words.SECTIONS[key], paragraphs=paragraphs, tables=tuple(tables), charts=tuple(drawn)
    )
