"""One claim with its response comes in; the special brief (专报) on it goes out as sections with sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline import report_charts as charts
from pipeline import report_words as words
from pipeline.drafting import Material, material
from pipeline.ledger import Ledger, LedgerRefusedError
from pipeline.ledger_events import VERDICT_WORDS
from pipeline.ledger_records import STATE_WORDS, Deadline, Response
from pipeline.report_build import cut, effect_paragraphs, moment, named
from pipeline.report_records import Chart, Paragraph, Report, Section, Table, Traced, words_of
from pipeline.store import Reader

HISTORY = 40  # events shown; `huiying ledger show` has all


def build_claim(store: Reader, ledger: Ledger, office: str, claim_id: str, now: datetime) -> Report:
    """Return the brief on one claim as known at ``now``.

    Raises:
        LedgerRefusedError: there is no such claim.
    """
    traced = Traced(store)
    found, number = traced.ask("report_claim", claim=claim_id)
    if not found:
        raise LedgerRefusedError(f"没有这个说法:{claim_id}")
    claim = found[0]
    response = Ledger(traced, ledger.rules, ledger.review).response(claim_id, now)
    ledger_sources = traced.since(number)
    known = len(traced.sources)
    facts = material(traced, claim_id)
    fact_sources = traced.since(known)
    sections = (
        _claim(claim, response, number, ledger_sources),
        _spread(traced, claim, response, now),
        _asked(facts, fact_sources),
        _statements(facts, fact_sources),
        _progress(response, now, ledger_sources),
        _effect(traced, claim, response, now),
        Section(key="advice", title=words.SECTIONS["advice"], paragraphs=(Paragraph(text=words.ADVICE),)),
    )
    return Report(
        kind="claim",
        title=words.TITLES["claim"],
        office=office,
        since=claim["first_seen"],
        until=now,
        made_at=now,
        sections=tuple(section for section in sections if section is not None),
        sources=tuple(traced.sources),
    )


def _claim(
    claim: Mapping[str, Any], response: Response, number: int, ledger_sources: tuple[int, ...]
) -> Section:
    said = [
        words.CLAIM["head"].format(text=cut(claim["text"], 200)),
        words.CLAIM["facts"].format(
            first=moment(claim["first_seen"]),
            last=moment(claim["last_seen"]),
            size=claim["size"],
            authors=claim["authors"],
        ),
        words.CLAIM["kind"].format(
            need=named(words.NEEDS, claim["need"]), rumor=f"{claim['rumor_score']:.0%}"
        ),
        words.CLAIM["places"].format(
            counties="、".join(claim["counties"]) or "—", channels="、".join(claim["channels"]) or "—"
        ),
    ]
    verdicts = words_of(_verdicts(response), *ledger_sources)
    return Section(
        key="summary", title=words.SECTIONS["claim"], paragraphs=(*words_of(said, number), *verdicts)
    )


def _verdicts(response: Response) -> list[str]:
    return [
        words.CLAIM["verdict"].format(
            what=VERDICT_WORDS[one.verdict.value],
            who=one.decided_by,
            when=moment(one.decided_at),
            source=" ".join(filter(None, (one.verdict.source, one.verdict.source_url))),
        )
        for one in response.verdicts
    ] or [words.CLAIM["no_verdict"]]


def _spread(traced: Traced, claim: Mapping[str, Any], response: Response, now: datetime) -> Section:
    rows, number = traced.ask("report_claim_series", claim=claim["claim_id"], until=now)
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row["relation"]] += row["posts"]
    said = words.CLAIM["stances"].format(
        total=counted.total(), **{key: counted[key] for key in words.RELATIONS}
    )
    drawn = []
    if rows:
        marks = [answer.published_at for answer in response.answers]
        spec = charts.stacked_hours(rows, "relation", words.RELATIONS, marks)
        drawn.append(Chart(title=words.CLAIM["series"], spec=spec, sources=(number,)))
    return Section(
        key="spread",
        title=words.SECTIONS["spread"],
        paragraphs=words_of([said], number),
        charts=tuple(drawn),
    )


def _asked(facts: Material, sources: tuple[int, ...]) -> Section:
    said = [f"{group.name}({group.posts} 条):{'、'.join(map(cut, group.examples))}" for group in facts.asked]
    said += [one.words() for one in facts.confusions]
    return Section(
        key="asked",
        title=words.SECTIONS["asked"],
        paragraphs=words_of(said or [words.ASKED["none"]], *sources),
    )


def _statements(facts: Material, sources: tuple[int, ...]) -> Section:
    said = [one.words() + (f"({one.cited.issuer}){one.cited.url}") for one in facts.earlier]
    said += [
        words.CLAIM["statement"].format(
            issuer=one.issuer, when=moment(one.published_at), sentence=cut(one.text, 200), url=one.url
        )
        for one in facts.cited
    ]
    return Section(
        key="statements",
        title=words.CLAIM["match_title"],
        paragraphs=words_of(said or [words.CLAIM["no_statements"]], *sources),
    )


def _progress(response: Response, now: datetime, sources: tuple[int, ...]) -> Section:
    said = [
        words.CLAIM["state"].format(
            state=STATE_WORDS[response.state],
            county=response.county or words.CLAIM["unassigned"],
            department=response.department or words.CLAIM["unassigned"],
        ),
        *(_deadline(one, now) for one in response.deadlines if one.ends is not None),
        *_answers(response, now),
    ]
    shown = [
        (moment(one.recorded_at), one.actor, words.EVENTS.get(one.kind, one.kind))
        for one in response.history[-HISTORY:]
    ]
    table = Table(
        title=words.CLAIM["history"],
        columns=words.COLUMNS["history"],
        rows=tuple(shown),
        sources=sources,
    )
    return Section(
        key="progress",
        title=words.SECTIONS["progress"],
        paragraphs=words_of([*said, "" if shown else words.CLAIM["no_history"]], *sources),
        tables=(table,) if shown else (),
    )


def _deadline(one: Deadline, now: datetime) -> str:
    late = words.CLAIM["met"] if one.met_at else ""
    if one.overdue(now):
        late = words.CLAIM["overdue"]
    return words.CLAIM["deadline"].format(
        words=one.words(), start=moment(one.start), due=moment(one.ends), late=late
    )


def _answers(response: Response, now: datetime) -> list[str]:
    return [
        words.CLAIM["answer"].format(
            who=one.issuer or "本单位",
            when=moment(one.published_at),
            url=one.url,
            end="" if one.holds(now) else words.CLAIM["ended"],
        )
        for one in response.answers
    ]


def _effect(traced: Traced, claim: Mapping[str, Any], response: Response, now: datetime) -> Section | None:
    if response.answer is None:
        return None
    row = {**claim, "published_at": response.answers[0].published_at}
    return Section(
        key="effect",
        title=words.SECTIONS["effect"],
        paragraphs=effect_paragraphs(traced, row, now),
    )
