"""
Every command on every kind of rows, with one worker and with two: rows/s, CPU, wall time, memory; growth; a giant.

    python benchmarks/bench_scale.py [--rows 20000] [--media 400] [--most 100000] [--giant GB] [--only NAME]

One table, one run: the candidates take turns, the best of three rounds counts. CPU is that of all processes, memory the
most that all of them held together (not the files that they share). "2/1" is two workers beside one: wall time (an idle
machine of two cores is needed for it) and CPU. Growth is the time a row of check and convert takes in a file of 1,000
rows, of a tenth of ``--most`` and of ``--most`` rows. ``--giant`` makes an input of so many gigabytes, kills ``inline``
halfway, resumes it, and says what it held: memory, descriptors, temporary space; it takes that much disk twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from long_runs import family, make_histories, memory
from PIL import Image

ROUNDS = 3
ROOT = Path(__file__).parents[1]
COMPILED = str(Path(tempfile.gettempdir(), f"msgkit-bench-{os.getuid()}"))
Figures = tuple[float, float, float]
"""Wall seconds, CPU seconds, MiB."""


def text_rows(path: Path, rows: int) -> Path:
    """Write short histories of words."""
    with path.open("w", encoding="utf-8") as file:
        for i in range(rows):
            question, answer = f"Row {i}: " + "what is this? " * (i % 7 + 1), "It is noise. " * 9 + "Yes."
            said = [("user", question), ("assistant", answer)]
            file.write(json.dumps({"messages": [{"role": role, "content": text} for role, text in said]}) + "\n")
    return path


def _tool(number: int) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"path": {"type": "string"}, "line": {"type": "integer"}}}
    function = {"name": f"tool_{number}", "description": "Reads a file. " * 9, "parameters": schema}
    return {"type": "function", "function": function}


def agent_rows(path: Path, rows: int) -> Path:
    """Write request bodies as agents send them: a long system prompt, tools, calls and their results; 12 kB each."""
    tools = [_tool(number) for number in range(12)]
    with path.open("w", encoding="utf-8") as file:
        for i in range(rows):
            messages: list[dict[str, Any]] = [{"role": "system", "content": "You are careful. " * 90}]
            messages.append({"role": "user", "content": f"Look at file {i}."})
            for n in range(5):
                arguments = json.dumps({"path": f"src/{i}/{n}.py", "line": n})
                call = {"id": f"c{i}_{n}", "type": "function", "function": {"name": "tool_1", "arguments": arguments}}
                messages += [
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": call["id"], "content": "def f(): pass\n" * 50},
                ]
            body = {
                "model": "gpt-5",
                "messages": [*messages, {"role": "assistant", "content": "Done."}],
                "tools": tools,
            }
            file.write(json.dumps(body) + "\n")
    return path


def large_pictures(folder: Path, rows: int) -> Path:
    """Write rows that each name a PNG of 6 megapixels, which the target takes smaller."""
    (folder / "media").mkdir(parents=True)
    for i in range(rows):  # each of its own: what is made of one is kept for its equals
        Image.effect_noise((3000, 2000), 40).convert("RGB").save(folder / f"media/{i}.png", compress_level=1)
    with (folder / "in.jsonl").open("w") as file:
        for i in range(rows):
            part = {"type": "image_url", "image_url": {"url": f"media/{i}.png"}}
            file.write(json.dumps({"messages": [{"role": "user", "content": [part]}]}) + "\n")
    return folder / "in.jsonl"


def msgkit(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command, with compiled modules as where msgkit is installed: to compile them takes 0.2 s of each run."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": COMPILED}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "msgkit", *arguments, "--no-progress"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, **{**quiet, **options})


def measured(arguments: list[str]) -> Figures:
    """Return what a run costs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, most = time.monotonic(), 0.0
    process = msgkit(*arguments)
    while process.poll() is None:
        try:
            most = max(most, memory(process.pid))
        except OSError:
            break
        time.sleep(0.05)
    process.wait()
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)}: exit code {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu, most


def candidates(folder: Path, options: argparse.Namespace) -> dict[str, tuple[int, list[str]]]:
    """Make the inputs; return the rows and the arguments of each line of the table."""
    text, agents = (
        text_rows(folder / "text.jsonl", options.rows),
        agent_rows(folder / "agents.jsonl", min(2000, options.rows // 10)),
    )
    (folder / "pass").mkdir()
    passed = make_histories(folder / "pass", options.media * 5, picture=268_500, pictures=options.media)
    large = large_pictures(folder / "large", max(4, options.media // 10))
    inlined, table = folder / "inlined.jsonl", folder / "inlined.parquet"
    for out in (inlined, table):
        msgkit("inline", str(passed), "-o", str(out)).wait()
    out = ["-o", str(folder / "out.jsonl")]
    half, few, many = min(2000, options.rows // 10), max(4, options.media // 10), options.media * 5
    found = {
        "check, text": (options.rows, ["check", str(text)]),
        "check, agents": (half, ["check", str(agents), "--target", "openai"]),
        "check, Parquet": (many, ["check", str(table)]),
        "convert to anthropic, text": (options.rows, ["convert", str(text), "--to", "anthropic", *out]),
        "convert to anthropic, agents": (half, ["convert", str(agents), "--to", "anthropic", *out]),
        "inline, passed through": (many, ["inline", str(passed), *out]),
        "inline to Parquet": (many, ["inline", str(passed), "-o", str(folder / "out.parquet")]),
        "inline, made smaller": (few, ["inline", str(large), "--target", "anthropic", *out]),
        "extract": (many, ["extract", str(inlined), *out, "--media", str(folder / "out-media")]),
        "batch wrap": (many, ["batch", "wrap", str(inlined), "--model", "m", *out]),
        "stats, text": (options.rows, ["stats", str(text)]),
        "view, text": (
            options.rows // 10,
            ["view", str(text), "-o", str(folder / "out.html"), "--rows", f"1-{options.rows // 10}"],
        ),
    }
    return {name: line for name, line in found.items() if options.only is None or options.only in name}


def best(runs: list[Figures]) -> Figures:
    walls, cpus, sizes = zip(*runs, strict=True)
    return min(walls), min(cpus), max(sizes)


def table(lines: dict[str, tuple[int, list[str]]]) -> None:
    columns = f"{'rows/s':>9} {'CPU s':>7} {'MiB':>6}"
    print(f"{'':30} {'rows':>8} {columns}   {columns}    2/1 wall  CPU")
    for name, (rows, arguments) in lines.items():
        runs: dict[int, list[Figures]] = {1: [], 2: []}
        for _ in range(ROUNDS):
            for workers, seen in runs.items():
                seen.append(measured([*arguments, "--workers", str(workers)]))
        (wall, cpu, size), (wall2, cpu2, size2) = best(runs[1]), best(runs[2])
        one = f"{rows / wall:9,.0f} {cpu:7.2f} {size:6.0f}"
        two = f"{rows / wall2:9,.0f} {cpu2:7.2f} {size2:6.0f}"
        print(f"{name:30} {rows:8,} {one}   {two}      {wall2 / wall:4.2f}  {cpu2 / cpu:4.2f}", flush=True)


def growth(folder: Path, most: int) -> None:
    counts = " ".join(f"{rows:>10,}" for rows in (1000, most // 10, most))
    print(f"\n{'us of CPU a row, one worker':30} {counts}   MiB at the end")
    for name in ("check", "convert"):
        costs, size = [], 0.0
        for rows in (1000, most // 10, most):
            source = text_rows(folder / "grown.jsonl", rows)
            more = ["--to", "anthropic", "-o", str(folder / "out.jsonl")] if name == "convert" else []
            empty = measured([name, str(text_rows(folder / "one.jsonl", 1)), *more, "--workers", "1"])
            _, cpu, size = measured([name, str(source), *more, "--workers", "1"])
            costs.append((cpu - empty[1]) / rows * 1e6)
        print(f"{name:30} " + " ".join(f"{cost:10.0f}" for cost in costs) + f"   {size:.0f}")


def giant(folder: Path, gigabytes: float) -> None:
    """Kill an inline of many gigabytes halfway and resume it; say what it holds."""
    rows = int(gigabytes * 1e9 / 358_000)
    (folder / "giant").mkdir()
    source = make_histories(folder / "giant", rows, picture=268_500, pictures=200)
    out = folder / "giant/out.jsonl"
    half = rows * 358_000 // 2
    for more in ([], ["--resume"]):
        began, most, open_files, space = time.monotonic(), 0.0, 0, 0
        process = msgkit("inline", str(source), "-o", str(out), "--workers", "2", *more)
        while process.poll() is None:
            try:
                most = max(most, memory(process.pid))
                open_files = max(
                    open_files, *(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in family(process.pid))
                )
                hidden = out.with_name(".out.jsonl.msgkit")
                sizes = {path.name: path.stat().st_size for path in hidden.rglob("*") if path.is_file()}
            except OSError:  # it has ended, or renames its files
                continue
            space = max(space, sum(size for name, size in sizes.items() if name != "rows.jsonl"))
            if not more and sizes.get("rows.jsonl", 0) > half:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.1)
        what = "resumed" if more else "killed halfway"
        held = f"{most:.0f} MiB, {open_files} descriptors a process, {space / 1e6:.1f} MB of temporary space"
        print(f"{what}: {time.monotonic() - began:.0f} s, {held}")
    with out.open("rb") as lines:
        print(f"{sum(1 for _ in lines):,} of {rows:,} rows, {out.stat().st_size / 1e9:.2f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("rows", 20_000), ("media", 400), ("most", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--giant", type=float, metavar="GB", help="only the giant")
    parser.add_argument("--only", metavar="NAME", help="lines of the table whose name holds NAME")
    parser.add_argument("--folder", help="where the files go (default: a temporary folder)")
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.giant:
            giant(Path(name), options.giant)
            return
        table(candidates(Path(name), options))
        if options.only is None:
            growth(Path(name), options.most)


if __name__ == "__main__":
    main()
