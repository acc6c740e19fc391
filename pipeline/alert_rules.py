"""When an alert is raised and at which level: the office's ``[alerts]`` table comes in, decisions go out.

Levels are the office's own, never a statutory grade (特别重大 and so on are grades of events).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from pipeline.config import ConfigError, Settings
from pipeline.records import Level, Need

LEVELS = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)
# What people owe an answer can take off; cheer, football and advertising cannot.
ANSWERABLE = frozenset({Need.UNVERIFIED_CLAIM, Need.MISUNDERSTANDING, Need.HELP, Need.PROBLEM, Need.QUESTION})
RUMORED = frozenset({Need.UNVERIFIED_CLAIM, Need.MISUNDERSTANDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What an office may set in ``[alerts]``; voices are distinct authors in 24 hours.

    ``quiet_hours`` without a post close an alert; a claim alerts again ``cool_down_hours`` after closing. A
    vote "false alarm" raises the thresholds of its source by ``vote_step``, all votes together by
    ``vote_most``.
    """

    yellow_voices: int = 10
    orange_voices: int = 20
    red_voices: int = 50
    orange_counties: int = 3
    orange_doubling_minutes: float = 60.0
    red_stake: float = 0.8
    content_score: float = 0.62
    content_voices: int = 2
    burst_voices: int = 4
    burst_rumor: float = 0.35
    burst_suspicion: float = 0.56
    help_stake: float = 0.5
    content_checkworthy: float = 0.45  # the invented rumors of the replays have means of 0.51 and more
    content_unasked_voices: int = 4  # while nobody asks for proof
    cool_down_hours: float = 6.0
    quiet_hours: float = 48.0
    mute_hours: float = 24.0
    fresh_hours: float = 24.0
    vote_step: float = 0.02
    vote_most: float = 0.12

    @classmethod
    def load(cls, settings: Settings) -> AlertRules:
        """Read the office's table.

        Raises:
            ConfigError: an unknown key, or a value that is no number of 0 or more.
        """
        given: Mapping[str, object] = settings.tables.get("alerts", {})
        known = {entry.name for entry in fields(cls)}
        for name, value in given.items():
            wrong = isinstance(value, bool) or not isinstance(value, int | float) or value < 0
            if name not in known or wrong:
                names = ", ".join(sorted(known))
                raise ConfigError(f"[alerts] {name} = {value!r}: known are {names}, each >= 0")
        return cls(**given)  # type: ignore[arg-type]

    @property
    def cool_down(self) -> timedelta:
        """How long after closing a claim may alert again."""
        return timedelta(hours=self.cool_down_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a claim at a moment: members of the last 24 hours that neither deny it nor are
    official.
    """

    claim_id: str
    need: str
    rumor_score: float
    stake: float
    voices: int
    posts: int
    asking: int
    counties: int
    answered: bool
    doubling_minutes: float | None
    checkworthy: float = 1.0  # mean over its posts that are no replies
    official: bool = False  # an official source says the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """That a claim is to be alerted: by what (burst or content), at which level, and why that level."""

    trigger: str
    level: Level
    why: str


def judge(
    evidence: Evidence, burst_score: float, rules: AlertRules, raised_by_votes: float = 0.0
) -> Judgement | None:
    """Decide on one claim at one moment; None: no alert.

    ``burst_score`` is 0 without a burst. ``raised_by_votes`` is added to the thresholds of score, see
    ``vote_offset``.
    """
    if raised_by_votes:
        rules = replace(
            rules,
            content_score=rules.content_score + raised_by_votes,
            burst_rumor=rules.burst_rumor + raised_by_votes,
        )
    by_burst = burst_score > 0 and may_burst(evidence, rules)
    if not by_burst and not calls_by_content(evidence, rules):
        return None
    level, why = level_and_why(evidence, rules)
    return Judgement(trigger="burst" if by_burst else "content", level=level, why=why)


def vote_offset(votes: int, rules: AlertRules) -> float:
    """Return by how much a source's "false alarm" votes raise its thresholds, bounded."""
    return min(max(votes, 0) * rules.vote_step, rules.vote_most)


def kind_of(evidence: Evidence, rules: AlertRules) -> str:
    """Return what an alert is about: ``rumor`` (疑似不实), ``help`` (求助), else ``concern`` (诉求)."""
    if is_doubted(evidence, rules):
        return "rumor"
    return "help" if evidence.need == Need.HELP else "concern"


def content_score(evidence: Evidence) -> float:
    """Return how much a small claim calls for a look by its content alone, in [0, 1].

    Under ten monitored posts no detector of counts sees a burst (see ``benchmarks/spikes``), so the rumor
    score, what is at stake and how many ask for proof stand in.
    """
    asking = min(evidence.asking / 3, 1.0)
    spreading = min(evidence.voices / 5, 1.0)
    score = 0.55 * evidence.rumor_score + 0.25 * evidence.stake + 0.10 * asking + 0.10 * spreading
    return score * (0.5 if evidence.answered else 1.0)


def calls_by_content(evidence: Evidence, rules: AlertRules) -> bool:
    """Whether a claim is alerted without a burst."""
    return (
        (evidence.need in RUMORED or (evidence.need in ANSWERABLE and is_doubted(evidence, rules)))
        and not evidence.official
        and evidence.voices >= (rules.content_voices if evidence.asking else rules.content_unasked_voices)
        and evidence.checkworthy >= rules.content_checkworthy
        and content_score(evidence) >= rules.content_score
    )


def may_burst(evidence: Evidence, rules: AlertRules) -> bool:
    """Whether a burst of this claim is news for a communications office.

    Calls for help are where something is at stake (people who ask for a car park or a lost number call too).
    Else it must be doubted and say something that can be checked: of the invented stories
    of ``benchmarks/replay.py`` rumors have means of 0.5 and 0.6 and more, surges 0.4 and 0.2 and less; one
    head alone takes some talk about a match or the weather for a claim. What an official source says is no
    rumor.
    """
    if evidence.need not in ANSWERABLE or evidence.voices < rules.burst_voices:
        return False
    if evidence.need == Need.HELP and evidence.stake >= rules.help_stake:
        return True
    return not evidence.official and is_doubted(evidence, rules)


def is_doubted(evidence: Evidence, rules: AlertRules) -> bool:
    """Whether a claim is a rumor to an office: its doubt alone is not enough, see ``suspicion``."""
    return evidence.rumor_score >= rules.burst_rumor and suspicion(evidence) >= rules.burst_suspicion


def suspicion(evidence: Evidence) -> float:
    """Return how much a spreading claim looks like a rumor, in [0, 1]: four weak signs that seldom err
    together.

    On the invented stories of ``benchmarks/replay.py`` rumors have 0.64 and more; the likest surge (a warning
    of high water, with no stake that the words know and nobody asking) has 0.53.
    """
    asking = min(evidence.asking / 2, 1.0)
    return 0.4 * evidence.rumor_score + 0.25 * evidence.checkworthy + 0.2 * evidence.stake + 0.15 * asking


def is_higher(level: str, other: str) -> bool:
    """Whether a level is above another."""
    return LEVELS.index(Level(level)) > LEVELS.index(Level(other))


def level_of(evidence: Evidence, rules: AlertRules) -> Level:
    """Return the level by the office's rules; an answered claim never rises above yellow."""
    return level_and_why(evidence, rules)[0]


def level_and_why(evidence: Evidence, rules: AlertRules) -> tuple[Level, str]:
    """Return the level and the rule that gave it, in words."""
    doubling = evidence.doubling_minutes
    fast = doubling is not None and doubling <= rules.orange_doubling_minutes
    voices, spread = evidence.voices, evidence.counties >= rules.orange_counties
    grave = evidence.stake >= rules.red_stake and evidence.need in RUMORED
    level, why = Level.BLUE, f"{voices} 人在说，未到黄色的 {rules.yellow_voices} 人"
    if grave:
        level, why = Level.YELLOW, "涉及重大利害"
    if voices >= rules.yellow_voices:
        level, why = Level.YELLOW, f"{voices} 人在说，达到 {rules.yellow_voices} 人"
    if voices >= rules.yellow_voices and (spread or fast):
        level, why = Level.ORANGE, f"{voices} 人在说，且{'已到多个县市' if spread else '增长很快'}"
    if voices >= rules.orange_voices:
        level, why = Level.ORANGE, f"{voices} 人在说，达到 {rules.orange_voices} 人"
    if voices >= rules.red_voices and evidence.stake >= rules.red_stake:
        level, why = Level.RED, f"{voices} 人在说，达到 {rules.red_voices} 人，且涉及重大利害"
    if evidence.answered and LEVELS.index(level) > LEVELS.index(Level.YELLOW):
        return Level.YELLOW, f"{why}；已有权威信息，不高于黄色"
    return level, why
