"""
Files end to end: pictures into rows and back, beside the usual script and beside the floor; memory; growth; start-up.

    python benchmarks/bench_pipeline.py [--rows 2000] [--most 16000] [--lines 100000] [--ray]

Every candidate is a process of its own, run by turns; CPU time is that of the process and its children, the best round
counts, and so is the peak of memory. The floors do without JSON: read each picture, encode it with pybase64, write it;
or find the base64 in each line, decode it, hash it, write it. Starting Python and importing counts, 0.3 s of msgkit's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
from timing import record

ROUNDS = 5
PICTURE = 268_500  # bytes: 2,000 of them are 537 MB

SCRIPTS = {
    "usual": """
import base64, json, sys
source, out = sys.argv[1:]
with open(source) as lines, open(out, "w") as file:
    for line in lines:
        row = json.loads(line)
        for message in row["messages"]:
            for part in message["content"] if isinstance(message["content"], list) else ():
                if part["type"] == "image_url":
                    with open(f"{sys.argv[1].rpartition('/')[0]}/{part['image_url']['url']}", "rb") as picture:
                        data = base64.b64encode(picture.read()).decode()
                    part["image_url"]["url"] = "data:image/jpeg;base64," + data
        file.write(json.dumps(row) + "\\n")
""",
    "floor": """
import sys
from pathlib import Path
import pybase64
source, out = sys.argv[1:]
with open(Path(source).with_name("names")) as names, open(out, "wb", buffering=0) as file:
    for name in names:
        with open(name.rstrip(), "rb", buffering=0) as picture:
            file.write(pybase64.b64encode(picture.read()))
""",
    "floor, memory kept": """
import sys
from pathlib import Path
import pybase64
bytes(8 << 20)  # as msgkit does: the GNU C library then keeps the memory of a picture for the next
source, out = sys.argv[1:]
with open(Path(source).with_name("names")) as names, open(out, "wb", buffering=0) as file:
    for name in names:
        with open(name.rstrip(), "rb", buffering=0) as picture:
            file.write(pybase64.b64encode(picture.read()))
""",
    "msgkit": """
import sys
from pathlib import Path
from msgkit.pipeline import run
from msgkit.steps import Inline
run(Inline(root=str(Path(sys.argv[1]).parent)), sys.argv[1], sys.argv[2], workers=1)
""",
    "msgkit, 2 workers": """
import sys
from pathlib import Path
from msgkit.pipeline import run
from msgkit.steps import Inline
run(Inline(root=str(Path(sys.argv[1]).parent)), sys.argv[1], sys.argv[2], workers=2)
""",
    "extract": """
import sys
from msgkit.pipeline import run
from msgkit.steps import Extract
run(Extract(sys.argv[2] + ".media"), sys.argv[1], sys.argv[2], workers=1)
""",
    "extract, usual": """
import base64, hashlib, json, os, sys
source, out = sys.argv[1:]
os.makedirs(out + ".media", exist_ok=True)
with open(source) as lines, open(out, "w") as file:
    for line in lines:
        row = json.loads(line)
        for message in row["messages"]:
            for part in message["content"] if isinstance(message["content"], list) else ():
                if part["type"] == "image_url":
                    data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                    name = f"{out}.media/{hashlib.sha256(data).hexdigest()}.jpg"
                    with open(name, "wb") as picture:
                        picture.write(data)
                    part["image_url"]["url"] = name
        file.write(json.dumps(row) + "\\n")
""",
    "extract, floor": """
import hashlib, os, sys
import pybase64
source, out = sys.argv[1:]
os.makedirs(out + ".media", exist_ok=True)
with open(source, "rb", buffering=1 << 20) as lines:
    for i, line in enumerate(lines):
        start = line.index(b"base64,") + 7
        data = pybase64.b64decode(memoryview(line)[start : line.index(b'"', start)], validate=True)
        with open(f"{out}.media/{hashlib.sha256(data).hexdigest()}", "wb", buffering=0) as file:
            file.write(data)
""",
    "check": """
import sys
from msgkit.pipeline import run
from msgkit.steps import Check
run(Check(), sys.argv[1], sys.argv[2], workers=1)
""",
    "check, 2 workers": """
import sys
from msgkit.pipeline import run
from msgkit.steps import Check
run(Check(), sys.argv[1], sys.argv[2], workers=2)
""",
    "ray": """
import sys
from msgkit.pipeline import ray
from msgkit.steps import Check
ray.run(Check(), sys.argv[1], sys.argv[2], workers=2)
""",
}


@attrs.frozen
class Cost:
    """What a process cost: CPU seconds, wall seconds, the peak of its memory in MiB."""

    cpu: float
    wall: float
    memory: float


def run(name: str, *arguments: object) -> Cost:
    """Run a script in a process of its own, and measure it."""
    measure = (
        "import resource, sys, time; began = time.monotonic(); code = sys.argv.pop(1); exec(code);"
        "own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
        "cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime;"
        "print(cpu, time.monotonic() - began, max(own.ru_maxrss, others.ru_maxrss) / 1024)"
    )
    command = [sys.executable, "-c", measure, SCRIPTS[name], *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{name}: {done.stderr}")
    return Cost(*map(float, done.stdout.split()))


def by_turns(names: list[str], source: Path, out: Path) -> dict[str, Cost]:
    """Run candidates by turns; return the best of each."""
    best: dict[str, Cost] = {}
    for _ in range(ROUNDS):
        for name in names:
            cost = run(name, source, out)
            for path in [out, *Path(f"{out}.media").rglob("*")]:
                if path.is_file():
                    path.unlink()
            old = best.get(name, cost)
            best[name] = Cost(min(cost.cpu, old.cpu), min(cost.wall, old.wall), min(cost.memory, old.memory))
    return best


def make_pictures(folder: Path, rows: int) -> Path:
    """Write rows that name pictures, a file for each of the first 2,000."""
    from io import BytesIO

    from PIL import Image

    small = BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(small, "JPEG")
    head = small.getvalue()[:-2]
    chance = random.Random(1)  # noqa: S311 (bytes that compress badly, nothing secret)
    (folder / "pictures").mkdir(exist_ok=True)
    names = [f"pictures/{i}.jpg" for i in range(min(rows, 2000))]
    for name in names:
        if not (folder / name).exists():
            (folder / name).write_bytes(head + chance.randbytes(PICTURE - len(head) - 2) + b"\xff\xd9")
    with (folder / "rows.jsonl").open("w") as file, (folder / "names").open("w") as list_:
        for i in range(rows):
            name = names[i % len(names)]
            content = [
                {"type": "text", "text": f"What is picture {i}?"},
                {"type": "image_url", "image_url": {"url": name}},
            ]
            row = {
                "messages": [{"role": "user", "content": content}, {"role": "assistant", "content": "Noise."}],
                "model": "m",
            }
            file.write(json.dumps(row) + "\n")
            list_.write(f"{folder / name}\n")
    return folder / "rows.jsonl"


def make_text(folder: Path, rows: int) -> Path:
    """Write rows of text alone."""
    words = "Some text of the kind that people write, with a comma and a full stop. "
    with (folder / "text.jsonl").open("w") as file:
        for i in range(rows):
            messages = [{"role": ("user", "assistant")[k % 2], "content": words * (1 + (i + k) % 3)} for k in range(4)]
            file.write(json.dumps({"messages": messages}) + "\n")
    return folder / "text.jsonl"


def show(title: str, costs: dict[str, Cost], floor: str, rows: int) -> None:
    """Print a table of ratios."""
    print(f"\n{title}: CPU beside the floor")
    print(f"  {'':20} {'CPU s':>8} {'wall s':>8} {'ratio':>7} {'us a row':>9} {'MiB':>7}")
    for name, cost in costs.items():
        ratio = cost.cpu / costs[floor].cpu
        print(
            f"  {name:20} {cost.cpu:8.2f} {cost.wall:8.2f} {ratio:7.2f} {cost.cpu / rows * 1e6:9.0f} {cost.memory:7.0f}"
        )


def bench_pictures(folder: Path, rows: int) -> None:
    source = make_pictures(folder, rows)
    names = ["floor", "floor, memory kept", "msgkit", "msgkit, 2 workers", "usual"]
    costs = by_turns(names, source, folder / "out.jsonl")
    show(f"inline {rows:,} pictures, {rows * PICTURE / 1e6:,.0f} MB", costs, "floor", rows)
    ours = costs["msgkit"].cpu
    floors = costs["usual"].cpu / costs["floor"].cpu, costs["usual"].cpu / costs["floor, memory kept"].cpu
    print(f"  the usual script costs {costs['usual'].cpu / ours:.1f}x msgkit's CPU (target >= 8)")
    print(f"  and {floors[0]:.1f}x the floor's, {floors[1]:.1f}x that of a floor that keeps its memory")
    print(f"  msgkit costs {ours / costs['floor'].cpu:.2f}x the floor (target <= 1.25)")
    for name in ("usual", "floor"):
        record("inline a file", name, costs[name].cpu / ours)
    run("msgkit", source, folder / "inlined.jsonl")
    costs = by_turns(["extract, floor", "extract", "extract, usual"], folder / "inlined.jsonl", folder / "out.jsonl")
    show(f"extract {rows:,} pictures", costs, "extract, floor", rows)
    print(f"  msgkit costs {costs['extract'].cpu / costs['extract, floor'].cpu:.2f}x the floor (target <= 1.75)")
    for name in ("extract, usual", "extract, floor"):
        record("extract a file", name.removeprefix("extract, "), costs[name].cpu / costs["extract"].cpu)
    (folder / "inlined.jsonl").unlink()


def bench_memory(folder: Path, most: int) -> None:
    print("\npeak of memory, MiB over a bare interpreter with msgkit imported (target: flat, <= 64)")
    empty = folder / "empty.jsonl"
    empty.touch()
    bare = run("msgkit", empty, folder / "out.jsonl").memory
    for rows in (250, most):
        peak = run("msgkit", make_pictures(folder, rows), folder / "out.jsonl").memory
        print(f"  {rows:>7,} conversations: {peak - bare:6.1f}")
        (folder / "out.jsonl").unlink()


def bench_growth(folder: Path, lines: int, *, ray: bool) -> None:
    print("\ncheck of text rows: microseconds of CPU a row as files grow (linear: the same)")
    one = make_text(folder, 1)  # what a step needs is imported with its first row
    start = min(run("check", one, folder / "out.jsonl").cpu for _ in range(ROUNDS))
    rows = 1000
    while rows <= lines:
        source = make_text(folder, rows)
        cost = run("check", source, folder / "out.jsonl")
        print(f"  {rows:>9,} rows: {(cost.cpu - start) / rows * 1e6:6.1f} us, {cost.memory:5.0f} MiB")
        rows *= 10
    if ray:
        bench_ray(folder, lines)


def bench_ray(folder: Path, lines: int) -> None:
    """Tell a row's own cost from that of the start, by a file of a tenth of the rows."""
    print(f"\ncheck of {lines // 10:,} and {lines:,} text rows on 2 workers, wall seconds")
    for name in ("check, 2 workers", "ray"):
        small, large = (run(name, make_text(folder, rows), folder / "out.jsonl").wall for rows in (lines // 10, lines))
        each = (large - small) / (lines * 0.9) * 1e6
        told = f"{each:.0f} us a row, {small - each * lines / 1e7:.1f} s to start"
        print(f"  {name:18} {small:6.1f} and {large:6.1f}: {told}")


def bench_start() -> None:
    print("\nstart, best of 7, ms over a bare interpreter")
    codes = {
        "import msgkit (target <= 100)": "import msgkit",
        "msgkit --help (target <= 150)": "import msgkit.cli; msgkit.cli.main(['--help'])",
    }
    bare = best_start("pass")
    for name, code in codes.items():
        print(f"  {name:32} {(best_start(code) - bare) * 1000:6.0f}")


def best_start(code: str) -> float:
    """The least wall seconds to start Python and run *code*."""
    times = []
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for _ in range(7):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL, env=environment)
        times.append(time.monotonic() - began)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--most", type=int, default=16_000)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--ray", action="store_true")
    options = parser.parse_args()
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (memory, so that no disk is measured)
    with tempfile.TemporaryDirectory(dir=shared) as name:
        folder = Path(name)
        bench_pictures(folder, options.rows)
        bench_memory(folder, options.most)
        bench_growth(folder, options.lines, ray=options.ray)
    bench_start()


if __name__ == "__main__":
    main()
