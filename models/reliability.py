"""Reliability plots: calibration bins come in, an SVG drawing goes out (Guo et al. 2017, figure 1).

Drawn by hand rather than by a chart library, so that the page opens with no network and no script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SIDE, MARGIN = 220, 34  # pixels: of the square plot, and around it for the figures
LARGEST = 9.0  # radius of the dot of the fullest bin


def reliability_svg(
    bins: Sequence[Mapping[str, float]], title: str, axes: tuple[str, str] = ("stated", "observed")
) -> str:
    """Draw stated against observed probability, a dot a bin, its area by rows; the diagonal is honesty.

    ``axes`` are the words under and above the plot; all words must be escaped already.
    """
    most = max((entry["rows"] for entry in bins), default=1)
    dots = "".join(
        f'<circle cx="{_x(entry["stated"]):.1f}" cy="{_y(entry["observed"]):.1f}" '
        f'r="{2 + (LARGEST - 2) * (entry["rows"] / most) ** 0.5:.1f}" fill="#1f6f8b" fill-opacity="0.75">'
        f"<title>{entry['stated']:.2f} → {entry['observed']:.2f} (n={entry['rows']:.0f})</title></circle>"
        for entry in bins
    )
    path = " ".join(f"{_x(entry['stated']):.1f},{_y(entry['observed']):.1f}" for entry in bins)
    size = SIDE + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}" '
        f'role="img" aria-label="{title}" font-family="sans-serif" font-size="11">'
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="#fff" stroke="#999"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 3"/>'
        f'<text x="{_x(0.5)}" y="{_y(0) + 29}" text-anchor="middle">{axes[0]}</text>'
        f'<text x="{MARGIN}" y="{MARGIN - 10}">{axes[1]}</text>'
        f'{_ticks()}<polyline points="{path}" fill="none" stroke="#1f6f8b"/>{dots}</svg>'
    )


def _ticks() -> str:
    found = []
    for value in (0.0, 0.5, 1.0):
        found.append(f'<text x="{_x(value)}" y="{_y(0) + 16}" text-anchor="middle">{value:.1f}</text>')
        found.append(f'<text x="{MARGIN - 6}" y="{_y(value) + 4}" text-anchor="end">{value:.1f}</text>')
    return "".join(found)


def _x(value: float) -> float:
    return MARGIN + value * SIDE


def _y(value: float) -> float:
    return MARGIN + (1 - value) * SIDE
