from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli.detect import command
from pipeline.weekly import detect_coarse

START = datetime(2026, 6, 1, tzinfo=UTC)


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["series", "time", "count"], *rows])
    return path


def run(path, *options):
    output = path.with_name("out.csv")
    result = CliRunner().invoke(command, [str(path), "--output", str(output), *options])
    rows = list(csv.DictReader(output.open())) if output.exists() else []
    return result, rows


def quarter_hours(counts, series="a"):
    return [[series, (START + timedelta(minutes=15) * at).isoformat(), n] for at, n in enumerate(counts)]


def test_a_burst_after_quiet_weeks_is_alarmed_once_and_nothing_else(tmp_path):
    counts = np.random.default_rng(3).poisson(0.2, 96 * 28)
    counts[96 * 20 : 96 * 20 + 4] = 9
    result, rows = run(write(tmp_path / "c.csv", quarter_hours(counts)))
    assert result.exit_code == 0
    alarms = [at for at, row in enumerate(rows) if row["alarm"] == "True"]
    assert len(rows) == len(counts)
    assert len(alarms) == 1
    assert 96 * 20 <= alarms[0] < 96 * 20 + 4
    assert all(float(row["expected"]) <= float(row["upper"]) + 1 for row in rows)


def test_what_comes_later_changes_nothing_before(tmp_path):
    counts = np.random.default_rng(4).poisson(1.0, 96 * 21).tolist()
    _, short = run(write(tmp_path / "c.csv", quarter_hours(counts)))
    _, long = run(write(tmp_path / "d.csv", quarter_hours([*counts, *[40] * 96])))
    assert long[: len(short)] == short


def test_three_posts_after_six_silent_weeks_are_no_catastrophe(tmp_path):
    counts = [0] * (96 * 42) + [3] + [0] * 8
    _, rows = run(write(tmp_path / "c.csv", quarter_hours(counts)))
    assert all(np.isfinite(float(row["score"])) for row in rows)
    assert sum(row["alarm"] == "True" for row in rows) <= 1


def test_a_series_of_two_days_is_judged_from_a_quiet_start(tmp_path):
    result, rows = run(write(tmp_path / "c.csv", quarter_hours([0] * 150 + [12] * 4 + [0] * 38)))
    assert result.exit_code == 0
    assert any(row["alarm"] == "True" for row in rows[150:154])


def test_weekly_counts_take_step_numbers_and_find_an_outbreak(tmp_path):
    counts = np.random.default_rng(5).poisson(6, 300)
    counts[250:253] += 25
    result, rows = run(
        write(tmp_path / "c.csv", [["s", at, n] for at, n in enumerate(counts)]), "--step", "1w"
    )
    assert result.exit_code == 0
    assert rows[251]["alarm"] == "True"
    assert sum(row["alarm"] == "True" for row in rows[60:245]) <= 5


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["a", "2026-06-01T00:00:00Z", "-1"]], "-1"),
        ([["a", "2026-06-01T00:00:00Z", "1.5"]], "1.5"),
        ([["a", "2026-06-01T00:00:00Z", "nan"]], "nan"),
        ([["a", "2026-06-01T00:00:00Z", "many"]], "many"),
        ([["a", "2026-06-01T00:00:00Z", "1"], ["a", "2026-06-01T00:00:00Z", "2"]], "重复"),
        ([["a", "when?", "1"]], "when?"),
        ([["a", "2026-06-01T00:00:00Z", "1"], ["a", "2026-06-01T00:07:00Z", "2"]], "步长"),
        ([], "没有数据"),
    ],
)
def test_bad_counts_are_refused_with_line_and_value(tmp_path, rows, said):
    result, written = run(write(tmp_path / "c.csv", rows))
    assert result.exit_code == 2
    assert said in result.output
    assert not written


def test_rows_out_of_order_are_sorted_and_said(tmp_path):
    rows = quarter_hours([1, 2, 3, 4])
    result, _ = run(write(tmp_path / "c.csv", [rows[1], rows[0], rows[3], rows[2]]))
    assert result.exit_code == 0
    assert "颠倒" in result.output


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=40, max_size=60))
def test_any_counts_give_finite_scores(counts):
    result = detect_coarse(np.array([counts], float), 168.0)
    assert np.isfinite(result.score[:, 26:]).all()
    assert (result.expected[:, 26:] > 0).all()
