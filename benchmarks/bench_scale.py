"""
Every command on every kind of rows, with one worker and with two: rows/s, CPU, wall time, memory; growth; a giant.

    python benchmarks/bench_scale.py [--rows 200000] [--media 400] [--most 1000000] [--giant GB] [--only NAME]

One table, one run: the candidates take turns, the best of three rounds counts (one for those of over 3 seconds). CPU is
that of all processes, memory the most that all of them held together (not the files that they share). "2/1" is two
workers beside one: wall time (an idle machine of two cores is needed for it) and CPU. Bodies are requests as agents
send them, 12 kB each. Growth is the time a row of check and convert takes in a file of 1,000 rows, of a tenth of
``--most`` and of ``--most`` rows, which two workers do, too. All takes seven minutes.
``--giant`` makes an input of so many gigabytes, kills ``inline``
halfway, resumes it, and says what it held: memory, descriptors, temporary space; it takes that much disk twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from long_runs import family, make_histories, memory
from PIL import Image

ROUNDS = 3
LONG = 3.0  # seconds of a run that counts once
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


def batch_results(path: Path, rows: int) -> Path:
    """Write what a Batch API gives back for rows."""
    with path.open("w", encoding="utf-8") as file:
        for i in range(1, rows + 1):
            message = {"role": "assistant", "content": f"Answer {i}"}
            body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
            file.write(json.dumps({"custom_id": f"row-{i}", "response": {"status_code": 200, "body": body}}) + "\n")
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
                "model": "gpt-4o",
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


def measured(arguments: list[str], workers: int) -> Figures:
    """Return what a run costs that finds nothing of those before it."""
    for option, place in pairwise(arguments):
        if option in ("-o", "--media"):
            shutil.rmtree(place, ignore_errors=True)
            Path(place).unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, most = time.monotonic(), 0.0
    process = msgkit(*arguments, "--workers", str(workers))
    handle = os.pidfd_open(process.pid)
    while not select.select([handle], [], [], 0.05)[0]:
        with suppress(OSError):  # a worker that has just ended
            most = max(most, memory(process.pid))
    took = time.monotonic() - began
    os.close(handle)
    process.wait()
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)}: exit code {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most


def candidates(folder: Path, options: argparse.Namespace) -> dict[str, tuple[int, list[str]]]:
    """Make the inputs; return the rows and the arguments of each line of the table."""
    many, some, bodies = options.rows, options.rows // 10, options.rows // 100
    histories, few = options.media * 5, max(4, options.media // 20)
    text = str(text_rows(folder / "text.jsonl", many))
    fewer = str(text_rows(folder / "fewer.jsonl", some))
    agents = str(agent_rows(folder / "agents.jsonl", bodies))
    results = str(batch_results(folder / "results.jsonl", some))
    (folder / "pass").mkdir()
    passed = str(make_histories(folder / "pass", histories, picture=268_500, pictures=options.media))
    large = str(large_pictures(folder / "large", few))
    names = ("in.jsonl", "in.parquet", "text.parquet", "anthropic.jsonl", "gemini.jsonl", "ledger.jsonl")
    made = {name: str(folder / name) for name in names}
    for arguments in (
        ("inline", passed, "-o", made["in.jsonl"]),
        ("inline", passed, "-o", made["in.parquet"]),
        ("inline", fewer, "-o", made["text.parquet"]),
        ("convert", agents, "--to", "anthropic", "--set", "max_tokens=9", "-o", made["anthropic.jsonl"]),
        ("convert", agents, "--to", "gemini", "-o", made["gemini.jsonl"], "--ledger", made["ledger.jsonl"]),
    ):
        msgkit(*arguments).wait()
    out = ["-o", str(folder / "out.jsonl")]
    media = ["--media", str(folder / "out-media")]
    lines = {
        "check, text": (many, ["check", text]),
        "check, bodies for openai": (bodies, ["check", agents, "--target", "openai"]),
        "check, bodies for anthropic": (bodies, ["check", made["anthropic.jsonl"], "--target", "anthropic"]),
        "check, bodies for gemini": (bodies, ["check", made["gemini.jsonl"], "--target", "gemini"]),
        "check, text in Parquet": (some, ["check", made["text.parquet"]]),
        "check, media in Parquet": (histories, ["check", made["in.parquet"]]),
        "check --fix, text": (many, ["check", text, "--fix", *out]),
        "convert to anthropic, text": (some, ["convert", fewer, "--to", "anthropic", *out]),
        "convert to anthropic, bodies": (bodies, ["convert", agents, "--to", "anthropic", *out]),
        "convert --restore, bodies": (
            bodies,
            ["convert", made["gemini.jsonl"], "--restore", made["ledger.jsonl"], *out],
        ),
        "inline, passed through": (histories, ["inline", passed, *out]),
        "inline, made smaller": (few, ["inline", large, "--target", "anthropic", *out]),
        "inline to Parquet": (histories, ["inline", passed, "-o", str(folder / "out.parquet")]),
        "extract": (histories, ["extract", made["in.jsonl"], *out, *media]),
        "extract from Parquet": (histories, ["extract", made["in.parquet"], *out, *media]),
        "batch wrap": (histories, ["batch", "wrap", made["in.jsonl"], "--model", "m", *out]),
        "batch join": (some, ["batch", "join", fewer, "--results", results, *out]),
        "stats, text": (some, ["stats", fewer]),
        "view, text": (bodies, ["view", text, "-o", str(folder / "out.html"), "--rows", f"1-{bodies}"]),
    }
    return {name: line for name, line in lines.items() if options.only is None or options.only in name}


def best(runs: list[Figures]) -> Figures:
    walls, cpus, sizes = zip(*runs, strict=True)
    return min(walls), min(cpus), max(sizes)


def table(lines: dict[str, tuple[int, list[str]]]) -> None:
    columns = f"{'rows/s':>9} {'CPU s':>7} {'MiB':>6}"
    print(f"{'':30} {'rows':>9} {columns}   {columns}    2/1 wall  CPU")
    for name, (rows, arguments) in lines.items():
        runs: dict[int, list[Figures]] = {1: [], 2: []}
        while len(runs[2]) < (ROUNDS if not runs[1] or runs[1][0][0] < LONG else 1):
            for workers, seen in runs.items():
                seen.append(measured(arguments, workers))
        line(name, rows, best(runs[1]), best(runs[2]))


def line(name: str, rows: int, one: Figures, two: Figures) -> None:
    cells = "   ".join(f"{rows / wall:9,.0f} {cpu:7.2f} {size:6.0f}" for wall, cpu, size in (one, two))
    print(f"{name:30} {rows:9,} {cells}      {two[0] / one[0]:4.2f}  {two[1] / one[1]:4.2f}", flush=True)


def growth(folder: Path, most: int) -> None:
    """Run check and convert on a thousand rows, on a tenth of *most* and on *most*, which two workers do, too."""
    print(f"\n{'growth':30}")
    for name, more in (("check", []), ("convert", ["--to", "anthropic", "-o", str(folder / "out.jsonl")])):
        costs = []
        empty = measured([name, str(text_rows(folder / "one.jsonl", 1)), *more], 1)
        for rows in (1000, most // 10, most):
            arguments = [name, str(text_rows(folder / "grown.jsonl", rows)), *more]
            one = measured(arguments, 1)
            costs.append(f"{(one[1] - empty[1]) / rows * 1e6:.0f}")
        line(name, most, one, measured(arguments, 2))
        print(
            f"{'':30} us of CPU a row in a file of 1,000, {most // 10:,} and {most:,}: {', '.join(costs)}", flush=True
        )


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
    for name, number in (("rows", 200_000), ("media", 400), ("most", 1_000_000)):
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
