"""
Long runs: memory over a million rows, gigabytes killed halfway. Each says what it saw; kills are in soak.py.

    python benchmarks/long_runs.py flat [--rows 1000000]       memory of all processes, first quarter beside last
    python benchmarks/long_runs.py halfway [--gigabytes 5]     killed, resumed, compared byte for byte; a plot

``--folder DIR`` says where the files go (a new one in the temporary folder otherwise), ``--plot FILE.png`` where the
plot goes; it needs matplotlib. They take minutes, and ``halfway`` takes three times its gigabytes of disk.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

EVERY = 0.25  # seconds between samples
Sample = tuple[float, float]
"""Seconds since the start, MiB of all processes."""


def make_picture(size: int, chance: random.Random) -> bytes:
    """Return a JPEG of *size* bytes."""
    out = BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, "JPEG", quality=40)
    head = out.getvalue()[:-2]
    return head + chance.randbytes(max(0, size - len(head) - 2)).replace(b"\xff", b"\xfe") + b"\xff\xd9"


def make_histories(folder: Path, rows: int, *, picture: int, pictures: int, each: int = 1, bad: int = 0) -> Path:
    """Write *rows* histories; every *each*-th names a picture of *picture* bytes, every *bad*-th has a fault."""
    chance = random.Random(1)  # noqa: S311 (made up, nothing secret)
    (folder / "media").mkdir(exist_ok=True)
    for i in range(pictures):
        (folder / f"media/{i}.jpg").write_bytes(make_picture(picture, chance))
    with (folder / "in.jsonl").open("w", encoding="utf-8") as file:
        for i in range(rows):
            content: list[dict[str, Any]] = [{"type": "text", "text": f"Row {i}: " + "what is this? " * (i % 7)}]
            if i % each == 0:
                content.append({"type": "image_url", "image_url": {"url": f"media/{i % pictures}.jpg"}})
            role = "usr" if bad and i % bad == 0 else "user"
            messages = [{"role": role, "content": content}, {"role": "assistant", "content": "Noise, " * (i % 5)}]
            file.write(json.dumps({"messages": messages, "id": i}) + "\n")
    return folder / "in.jsonl"


def command(name: str, source: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "msgkit", name, str(source), "-o", str(out), "--no-progress", *more]


def start(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True, **options)


def family(pid: int) -> list[int]:
    """Return a process and all that it has started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def memory(pid: int) -> float:
    """Return the MiB that a process and its children hold: not the files that they share with all others."""
    total = 0
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
    return total / 1024


def watch(process: subprocess.Popen[str]) -> tuple[list[Sample], threading.Thread]:
    """Sample the memory of a process until it ends."""
    samples: list[Sample] = []

    def sample() -> None:
        began = time.monotonic()
        while process.poll() is None:
            try:
                samples.append((time.monotonic() - began, memory(process.pid)))
            except OSError:
                break
            time.sleep(EVERY)

    thread = threading.Thread(target=sample)
    thread.start()
    return samples, thread


def watched(arguments: list[str]) -> tuple[list[Sample], str]:
    process = start(arguments)
    samples, thread = watch(process)
    _, told = process.communicate()
    thread.join()
    return samples, told.strip().splitlines()[-1] if told.strip() else ""


def quarters(samples: list[Sample]) -> tuple[float, float, float]:
    """Return the mean of the first and of the last quarter, and the peak; start and end left out."""
    values = [value for _, value in samples][4:-2]
    size = max(1, len(values) // 4)
    first, last = values[:size], values[-size:]
    return sum(first) / len(first), sum(last) / len(last), max(values)


def plot(runs: dict[str, list[Sample]], path: str, title: str) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 4.5))
    for name, samples in runs.items():
        axes.plot([at for at, _ in samples], [value for _, value in samples], label=name)
    axes.set(xlabel="seconds", ylabel="MiB held by all processes", title=title, ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=110)
    print(f"plot: {path}")


def flat(folder: Path, options: argparse.Namespace) -> None:
    source = make_histories(folder, options.rows, picture=2000, pictures=500, each=10)
    runs = {}
    for workers in (1, 2):
        began = time.monotonic()
        out = folder / "out.jsonl"
        runs[f"{workers} workers"], told = watched(command("inline", source, out, "--workers", str(workers)))
        first, last, peak = quarters(runs[f"{workers} workers"])
        seconds = time.monotonic() - began
        print(f"{workers} workers, {seconds:.0f} s: {told}")
        print(
            f"  first quarter {first:.1f}, last {last:.1f} MiB ({last / first - 1:+.1%}, target 5 %); peak {peak:.1f}"
        )
        out.unlink()
    if options.plot:
        plot(runs, options.plot, f"inline, {options.rows:,} rows")


def halfway(folder: Path, options: argparse.Namespace) -> None:
    rows = int(options.gigabytes * 1e9 / 358_000)
    source = make_histories(folder, rows, picture=268_500, pictures=2000, bad=1000)
    runs: dict[str, list[Sample]] = {}
    began = time.monotonic()
    runs["undisturbed"], told = watched(command("inline", source, folder / "whole.jsonl", "--workers", "2"))
    size = (folder / "whole.jsonl").stat().st_size
    print(f"undisturbed, {time.monotonic() - began:.0f} s, {size / 1e9:.2f} GB: {told}")
    process = start(command("inline", source, folder / "out.jsonl", "--workers", "2"))
    samples, thread = watch(process)
    there = folder / ".out.jsonl.msgkit/rows.jsonl"
    while not there.exists() or there.stat().st_size < size // 2:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    thread.join()
    print(f"killed at {there.stat().st_size / size:.0%} of the output")
    runs["killed"] = samples
    arguments = command("inline", source, folder / "out.jsonl", "--workers", "2", "--resume")
    runs["resumed"], told = watched(arguments)
    print(f"resumed: {told}")
    same = filecmp.cmp(folder / "whole.jsonl", folder / "out.jsonl", shallow=False)
    print(f"byte for byte the same: {same}; left: {left(folder, 'whole.jsonl', 'out.jsonl')}")
    for name, found in runs.items():
        print(f"  {name}: peak {max(value for _, value in found):.1f} MiB, all processes together")
    if options.plot:
        plot(runs, options.plot, f"inline, {rows:,} rows, {size / 1e9:.1f} GB, 2 workers")


def left(folder: Path, *expected: str) -> list[str]:
    """Return what lies in *folder* that no one asked for."""
    mine = {"in.jsonl", "media", *expected}
    return sorted(path.name for path in folder.iterdir() if path.name not in mine)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("flat", "halfway"))
    parser.add_argument("--rows", type=int)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--folder")
    parser.add_argument("--plot")
    options = parser.parse_args()
    options.rows = options.rows or {"flat": 1_000_000, "halfway": 0}[options.what]
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        {"flat": flat, "halfway": halfway}[options.what](Path(name), options)


if __name__ == "__main__":
    main()
