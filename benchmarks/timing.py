"""Measuring by turns, and printing tables of ratios; for the scripts beside it."""

import json
import os
import resource
from collections.abc import Callable
from typing import Any

Work = Callable[[], Any]
Row = tuple[str, str, float, str, str]
"""Work, candidate, seconds or another figure, ratio, target."""


def record(work: str, beside: str, ratio: float) -> None:
    """Append a ratio to the file that BENCH_RESULTS names; plot.py draws it."""
    if name := os.environ.get("BENCH_RESULTS"):
        with open(name, "a", encoding="utf-8") as file:  # noqa: PTH123 (appends)
            file.write(json.dumps([work, beside, ratio]) + "\n")


def cpu() -> float:
    """Return the CPU seconds that this process and its children have used."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in both)


def measure(candidates: dict[str, Work], rounds: int, least: float = 0.05) -> dict[str, float]:
    """Return the CPU seconds of one call of each candidate: the best of some rounds, taken by turns."""
    best = dict.fromkeys(candidates, float("inf"))
    counts = {}
    for name, work in candidates.items():
        started = cpu()
        work()
        counts[name] = max(1, int(least / max(cpu() - started, 1e-5)))
    for _ in range(rounds):
        for name, work in candidates.items():
            started = cpu()
            for _ in range(counts[name]):
                work()
            best[name] = min(best[name], (cpu() - started) / counts[name])
    return best


def compare(title: str, ours: Work, peers: dict[str, Work], wanted: dict[str, float], rounds: int) -> list[Row]:
    """Return rows of *title*: msgkit's time, and each peer's as a ratio beside the wanted one (negative: at most)."""
    found = measure({"msgkit": ours, **peers}, rounds)
    rows: list[Row] = [(title, "msgkit", found["msgkit"], "", "")]
    for name in peers:
        ratio = found[name] / found["msgkit"]
        record(title, name, ratio)
        target, verdict = "", ""
        if name in wanted:
            least = wanted[name]
            target = f">= {least:g}x" if least > 0 else f"msgkit <= {-least:g}x"
            verdict = "met" if (ratio >= least if least > 0 else 1 / ratio <= -least) else "MISSED"
        rows.append((title, name, found[name], f"{ratio:.2f}x", f"{target} {verdict}".strip()))
    return rows


_EXACT = ("SSIM", "bytes", "dB")


def show(rows: list[Row], *, markdown: bool) -> None:
    cells = [("work", "candidate", "measured", "msgkit is", "target")]
    last = ""
    for title, name, value, ratio, target in rows:
        figure = f"{value:.3f}" if any(word in name for word in _EXACT) else f"{value * 1000:,.3f} ms"
        cells.append(("" if title == last else title, name, figure, ratio, target))
        last = title
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    for number, row in enumerate(cells):
        line = [
            cell.rjust(width) if column in (2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(("| " + " | ".join(line) + " |") if markdown else "  ".join(line).rstrip())
        if number == 0:
            print(
                "|" + "|".join("-" * (width + 2) for width in widths) + "|"
                if markdown
                else "  ".join("-" * width for width in widths)
            )
