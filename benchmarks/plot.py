"""
Draw what the other scripts measured: how many times less msgkit takes than what stands beside it.

    BENCH_RESULTS=ratios.jsonl python benchmarks/bench_media.py
    python benchmarks/plot.py ratios.jsonl > benchmarks/ratios.svg

Right of the line msgkit is faster, left of it slower; the scale is logarithmic.
"""

import json
import math
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

LINE, LEFT, WIDTH, MARGIN = 15, 330, 440, 46
LEAST, MOST = 0.01, 100.0
COLOURS = "#3f51b5", "#b0413e"


def place(ratio: float) -> float:
    """Return where a ratio is on the scale."""
    share = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + share * WIDTH


def text(x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def bars(results: list[tuple[str, str, float]]) -> Iterator[tuple[int, str]]:
    """Yield the shapes, each with the line that it stands on."""
    y = 2 * LINE
    for work, group in groupby(results, key=lambda one: one[0]):
        yield y, text(4, y, work, bold=True)
        for _, beside, ratio in group:
            y += LINE
            begin, end = sorted((place(1), place(ratio)))
            colour = COLOURS[ratio < 1]
            yield y, text(LEFT - 8, y, beside, anchor="end")
            yield (
                y,
                f'<rect x="{begin:.0f}" y="{y - 10}" width="{max(end - begin, 1):.0f}" height="11" fill="{colour}"/>',
            )
            yield y, text(end + 4, y, f"{ratio:.3g}x")
        y += LINE + 6


def draw(results: list[tuple[str, str, float]]) -> str:
    shapes = list(bars(results))
    height = shapes[-1][0] + LINE
    marks = [
        f'<line x1="{place(at):.0f}" x2="{place(at):.0f}" y1="{LINE + 3}" y2="{height - 8}" '
        f'stroke="{"#555" if at == 1 else "#ddd"}"/>{text(place(at), LINE - 2, f"{at:g}x", anchor="middle")}'
        for at in (0.01, 0.1, 1, 10, 100)
    ]
    size = f'width="{LEFT + WIDTH + MARGIN}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#222">'
    return "\n".join(
        [head, '<rect width="100%" height="100%" fill="#fff"/>', *marks, *(one for _, one in shapes), "</svg>"]
    )


def main() -> None:
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    best = {(work, beside): ratio for work, beside, ratio in map(json.loads, lines)}  # the last run of each counts
    print(draw([(work, beside, ratio) for (work, beside), ratio in best.items()]))


if __name__ == "__main__":
    main()
