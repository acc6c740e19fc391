"""Real cascades in seasonal counts of 15 minutes come in; false alarms and detections, one row a method, go
out.

``python -m benchmarks.spikes.cascades --data DIR [--seed 1 2 3] [--apart 7] [--output FILE]`` (DIR: the
folder with ``propagation/ced_events.parquet``). Our detector at its default setting stands beside EARS C2, a
Farrington-style threshold and seasonal median/MAD, each at its usual threshold and at one tuned on other
series to 0.05 false alarms a series and week. False alarms are counted in six weeks without a cascade, also
in a week at three times the volume; cascades are injected one a series and week at their own hour of the
week (``--apart 2``: every second day at any hour, so that bursts also spoil the baseline of each other).
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.spikes.anchors import ANCHORS, opened, tuned
from benchmarks.spikes.backgrounds import DAY, WEEK, Floats, Injected, Real, background, inject, thinned
from pipeline.bursts import BurstDetector

RATES = (0.1, 0.5, 2.0, 10.0)
WEEKS = 6  # of warm-up, and as many that are judged
WARM = WEEKS * WEEK
LOUD = slice(WARM + 2 * WEEK, WARM + 3 * WEEK)
START = datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday, as the profile begins
SIZES = {"3-4": 3, "5-9": 5, "10-19": 10, "20-49": 20, "50-199": 50, "200+": 200}
LARGE = 10  # posts in 24 hours from which a detector of counts is asked to see a burst

Alarms = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One draw: quiet series to tune on and to count false alarms in, a loud week, injected cascades."""

    rates: Floats
    tuning: Floats
    null: Floats
    loud: Floats
    injected: Floats
    truth: list[Injected]

    @property
    def judged(self) -> tuple[Floats, Floats, Floats]:
        """The parts that every method goes over."""
        return self.null, self.loud, self.injected


def draw(seed: int, real: Real, series: int, apart_days: float) -> World:
    """Draw ``series`` series a rate class for each part."""
    random = np.random.default_rng(seed)
    rates = np.tile(RATES, series)

    def quiet(judged: int = WEEKS * WEEK, loud: slice | None = None) -> Floats:
        return np.stack([background(random, real, rate, WARM, judged, loud) for rate in rates])

    injected = quiet()
    truth = inject(random, injected, thinned(random, real.rumors), WARM, apart_days)
    return World(
        rates=rates, tuning=quiet(), null=quiet(), loud=quiet(3 * WEEK, LOUD), injected=injected, truth=truth
    )


def ours(counts: Floats) -> Alarms:
    """Return the alarms of the detector at its default setting, which it learns nothing ahead of."""
    detector = BurstDetector()
    names = [str(at) for at in range(len(counts))]
    first = np.minimum(counts[:, :WEEK], np.maximum(np.quantile(counts[:, :WEEK], 0.98, axis=1), 1)[:, None])
    detector.follow(
        names, {name: max(level, 0.005) for name, level in zip(names, first.mean(1) * 4, strict=True)}
    )
    steps = [
        detector.measure(START + timedelta(minutes=15) * at, counts[:, at]).opened
        for at in range(counts.shape[1])
    ]
    return np.stack(steps, axis=1)


def rows_of(world: World) -> dict[str, dict[str, float]]:
    """Return the figures of every method."""
    rows = {"huiying": _row(world, *(ours(part) for part in world.judged))}
    for name, (method, usual) in ANCHORS.items():
        scores, quiet = [method(part) for part in world.judged], method(world.tuning)
        limits = {
            rate: tuned(quiet[world.rates == rate], world.tuning[world.rates == rate], WARM) for rate in RATES
        }
        by_row = np.array([limits[rate] for rate in world.rates])
        for title, limit in ((f"> {usual:g}", usual), ("tuned", by_row)):
            alarms = [opened(score, part, limit) for score, part in zip(scores, world.judged, strict=True)]
            rows[f"{name}, {title}"] = _row(world, *alarms)
    return rows


def _row(world: World, null: Alarms, loud: Alarms, injected: Alarms) -> dict[str, float]:
    quiet = null[:, WARM:]
    row = {
        f"false alarms {rate}/h": quiet[world.rates == rate].sum() / (world.rates == rate).sum() / WEEKS
        for rate in RATES
    }
    row["false alarms"] = float(np.mean(list(row.values())))
    row["3x week"] = loud[:, LOUD].sum() / len(world.rates)
    row |= detections(injected, world.truth)
    return {key: round(float(value), 4) for key, value in row.items()}


def detections(alarm: Alarms, truth: list[Injected]) -> dict[str, float]:
    """Return the shares found in 24 hours by size, and delay, repeats and what was still to come."""
    waits: dict[str, list[float]] = {name: [] for name in SIZES}
    repeats, left = [], []
    for row, start, offsets in truth:
        at = np.flatnonzero(alarm[row, start : start + DAY])
        name = [name for name, least in SIZES.items() if len(offsets) >= least][-1]
        minutes = (at[0] + 1) * 15 if len(at) else np.inf
        waits[name].append(minutes - offsets[0] / 60)
        if len(at):
            repeats.append(len(at))
        if len(offsets) >= LARGE:
            left.append(float((offsets > minutes * 60).mean()))
    large = np.array([wait for name, group in waits.items() if SIZES[name] >= LARGE for wait in group])
    result = {f"POD {name}": float(np.isfinite(group).mean()) for name, group in waits.items() if group}
    result["POD >= 10"] = float(np.isfinite(large).mean())
    result["POD >= 10 in 30 minutes"] = float((large <= 30).mean())
    result["median minutes"] = float(np.median(large[np.isfinite(large)]))
    result["still to come"] = float(np.mean(left))
    result["alerts per alerted"] = float(np.mean(repeats))
    return result


def latency(real: Real) -> float:
    """Return the median milliseconds of processor time of one step of 5,000 series."""
    random, detector = np.random.default_rng(5), BurstDetector()
    rates = random.choice([0.02, 0.1, 0.5, 2.0], 5000)
    names = [str(at) for at in range(5000)]
    detector.follow(names, dict(zip(names, (rates * 4).tolist(), strict=True)))
    taken = []
    for at in range(300):
        counts = random.poisson(rates * real.profile[at]).astype(float)
        begun = time.process_time()
        detector.step(START + timedelta(minutes=15) * at, counts)
        taken.append(time.process_time() - begun)
    return float(np.median(taken[100:]) * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--series", type=int, default=40, help="series a rate class and part")
    parser.add_argument("--apart", type=float, default=7.0, help="days between cascades of one series")
    parser.add_argument("--output", type=Path, default=None)
    given = parser.parse_args()
    real = Real.read(given.data / "propagation" / "ced_events.parquet")
    runs = []
    for seed in given.seed:
        world = draw(seed, real, given.series, given.apart)
        runs.append({"seed": seed, "injections": len(world.truth), "rows": rows_of(world)})
        _show(f"seed {seed}, {len(world.truth)} cascades", runs[-1]["rows"])
    mean = _mean([run["rows"] for run in runs])
    if len(runs) > 1:
        _show(f"mean of {len(runs)} seeds", mean)
    tick = round(latency(real), 1)
    print("tick of 5,000 series:", tick, "ms of processor time")
    if given.output:
        setup = {"python": platform.python_version(), "numpy": np.__version__, "series a rate": given.series,
                 "days apart": given.apart}  # fmt: skip
        note = {"setup": setup, "ms a tick, 5000 series": tick, "mean": mean, "runs": runs}
        given.output.write_text(json.dumps(note, indent=1) + "\n", "utf-8")


def _mean(tables: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    return {
        name: {key: round(float(np.mean([table[name][key] for table in tables])), 4) for key in row}
        for name, row in tables[0].items()
    }


def _show(title: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    print(title)
    for name, row in rows.items():
        print(f"  {name:<27}", "  ".join(f"{key} {value:.3f}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
