"""
Every command killed, told to end, and met by faults of the machine at random moments; then gone on with.

    python benchmarks/soak.py [--kills 100] [--workers 30] [--terms 2] [--faults 100] [--only NAME]

A run that was disturbed and resumed must leave the files, the standard output and the counts of one that was not:
nothing lost, nothing doubled, nothing left behind. ``--kills`` counts SIGKILLs of the command, ``--workers`` those of
one of its workers, ``--terms`` SIGTERMs for each command (143 within 2 seconds, and a word how to go on), ``--faults``
faults: a disk of random size and a limit of the file size that are too small, files that cannot be opened, renamed or
made at a random call, input that cannot be read. A fault must end with exit code 3, and name a file. Small disks need
the right to mount.
"""

from __future__ import annotations

import argparse
import errno
import filecmp
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from long_runs import family, make_histories

ROOT = Path(__file__).parents[1]
LATE = 2.0  # seconds after a SIGTERM
NAMED = re.compile(r"^msgkit [a-z ]+: '[^'\u2026]+': ", re.MULTILINE)
TWO = ("--workers", "2")
ONE = ("--workers", "1")
OUT = ("-o", "{place}/out.jsonl")
REJECTS = ("--rejects", "{place}/bad.jsonl")
CASES: dict[str, tuple[str, ...]] = {
    "check": ("check", "{data}/in.jsonl", "--output-format", "json", *ONE),
    "check, 2 workers": ("check", "{data}/in.jsonl", "--output-format", "json", *TWO),
    "check --fix": ("check", "{data}/in.jsonl", "--fix", *OUT, "--output-format", "json", *ONE),
    "check --fix, 2 workers": ("check", "{data}/in.jsonl", "--fix", *OUT, "--output-format", "json", *TWO),
    "inline": ("inline", "{data}/in.jsonl", *OUT, *REJECTS, *ONE),
    "inline, 2 workers": ("inline", "{data}/in.jsonl", *OUT, *REJECTS, *TWO),
    "inline, parts": ("inline", "{data}/in.jsonl", *OUT, *REJECTS, *TWO, "--max-rows", "500"),
    "inline, gzip": ("inline", "{data}/in.jsonl", "-o", "{place}/out.jsonl.gz", *REJECTS, *ONE),
    "inline, Parquet": ("inline", "{data}/in.jsonl", "-o", "{place}/out.parquet", *REJECTS, *TWO),
    "inline of Parquet": ("inline", "{data}/in.parquet", *OUT, *REJECTS, *TWO, "--root", "{data}"),
    "extract": ("extract", "{data}/inlined.jsonl", *OUT, *REJECTS, *ONE, "--media", "{place}/media"),
    "extract, 2 workers": ("extract", "{data}/inlined.jsonl", *OUT, *REJECTS, *TWO, "--media", "{place}/media"),
    "convert": (
        "convert",
        "{data}/in.jsonl",
        "--to",
        "gemini",
        *OUT,
        *REJECTS,
        *ONE,
        "--ledger",
        "{place}/ledger.jsonl",
    ),
    "convert, 2 workers": ("convert", "{data}/in.jsonl", "--to", "gemini", *OUT, *REJECTS, *TWO),
    "convert, 2 workers, ledger": (
        *("convert", "{data}/in.jsonl", "--to", "gemini", *OUT, *TWO, "--ledger", "{place}/ledger.jsonl"),
    ),
    "restore": ("convert", "{data}/converted.jsonl", "--restore", "{data}/ledger.jsonl", *OUT, *REJECTS, *ONE),
    "batch wrap": ("batch", "wrap", "{data}/inlined.jsonl", "--model", "m", *OUT, *REJECTS, "--max-rows", "500"),
    "batch join": ("batch", "join", "{data}/in.jsonl", "--results", "{data}/results.jsonl", *OUT, *REJECTS),
    "stats": ("stats", "{data}/in.jsonl", "--output-format", "json", *ONE),
    "stats, 2 workers": ("stats", "{data}/in.jsonl", "--output-format", "json", *TWO),
    "view": ("view", "{data}/in.jsonl", "-o", "{place}/page.html", "--max-rows", "500", *ONE),
    "view, 2 workers": ("view", "{data}/in.jsonl", "-o", "{place}/page.html", "--max-rows", "500", *TWO),
}
# Checkpoints twenty times as often as in a real run, so that small inputs have many.
PROGRAM = """
from msgkit.__main__ import end_at_once, on_signals, run
on_signals(end_at_once)
from msgkit.pipeline import runner
runner._EVERY = 0.05
run()
"""
# In every process: the N-th call of one kind that names a file below a folder fails.
HOOK = """
import os, sys
kind, number, at, folder = os.environ["SOAK"].split("|")
left = [int(at)]
def hook(event, arguments):
    if event == kind and str(arguments[0]).startswith(folder):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(int(number), os.strerror(int(number)), str(arguments[0]))
sys.addaudithook(hook)
"""


class Ended:
    """How a run ended."""

    def __init__(self, place: Path, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._place = place

    @property
    def code(self) -> int:
        return self._process.returncode

    @property
    def told(self) -> str:
        return (self._place.parent / "stderr").read_text("utf-8", "replace")


def start(case: str, data: Path, place: Path, *more: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command; its standard output becomes one of its files."""
    arguments = [word.format(data=data, place=place) for word in CASES[case]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place / "tmp"), **options.pop("environ", {})}
    (place / "tmp").mkdir(parents=True, exist_ok=True)
    with (place.parent / "stdout").open("wb") as out, (place.parent / "stderr").open("wb") as err:
        return subprocess.Popen(
            [*options.pop("before", ()), sys.executable, "-c", PROGRAM, *arguments, "--no-progress", *more],
            env=environment, stdout=out, stderr=err, start_new_session=True, **options,
        )  # fmt: skip


def files(place: Path) -> dict[str, Path]:
    found = {str(path.relative_to(place)): path for path in place.rglob("*") if path.is_file()}
    return {**found, "stdout": place.parent / "stdout"}


def differences(there: Path, here: Path) -> list[str]:
    """Return the files that differ, or that only one of two runs has; and the summary, if it differs."""
    one, other = files(there), files(here)
    found = sorted(name for name in {*one, *other} if name not in one or name not in other)
    found += [name for name in one if name in other and not filecmp.cmp(one[name], other[name], shallow=False)]
    last = [summary(place) for place in (there, here)]
    return found + ([f"{last[0]} became {last[1]}"] if last[0] != last[1] else [])


def summary(place: Path) -> str:
    """Return the last line on standard error; a run that begins again finds the files of the one before."""
    lines = (place.parent / "stderr").read_text("utf-8", "replace").strip().splitlines()
    return re.sub(r", [\d,]+ new files", "", lines[-1].replace(str(place), "")) if lines else ""


class Soak:
    """Undisturbed runs, and disturbed ones beside them."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder = folder
        self.chance = random.Random(options.seed)  # noqa: S311 (moments)
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.cases = [case for case in CASES if options.only is None or options.only in case]
        self.data = prepare(folder / "data", options.rows)
        self.whole: dict[str, tuple[Path, float, int]] = {}
        for case in self.cases:
            place = folder / f"whole-{len(self.whole)}" / "files"
            began = time.monotonic()
            code = wait(start(case, self.data, place))
            self.whole[case] = (place, time.monotonic() - began, code)
            if code not in (0, 1):
                sys.exit(f"{case}: exit code {code} undisturbed: {(place.parent / 'stderr').read_text()}")

    def place(self) -> Path:
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        (self.folder / "run/files").mkdir(parents=True)
        return self.folder / "run/files"

    def told(self, what: str, case: str, place: Path, found: list[str]) -> None:
        if found:
            words = (place.parent / "stderr").read_text("utf-8", "replace")[-600:]
            self.faults.append(f"{what}: {case}: {found[:4]}")
            print(f"FAULT {self.faults[-1]}\n{words}", flush=True)

    def finish(self, what: str, case: str, place: Path, *, resume: bool = True) -> None:
        """Go on with a run, and compare."""
        code = wait(start(case, self.data, place, *["--resume"] * resume))
        whole, _, wanted = self.whole[case]
        found = [f"exit code {code}"] if code != wanted else []
        self.told(what, case, place, found + differences(whole, place))

    def kill(self, case: str) -> None:
        """Kill a run, one to three times, and go on with it or begin again."""
        place = self.place()
        again: list[str] = []
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            process = start(case, self.data, place, *again)
            if not self.stopped(case, process, signal.SIGKILL):
                break
            self.counts["kill"] += 1
            again = ["--resume"]
        self.finish("kill", case, place, resume=self.chance.random() < 0.8)

    def stopped(self, case: str, process: subprocess.Popen[bytes], number: int) -> bool:
        """Send a signal at a random moment; False if the run ended before."""
        try:
            process.wait(self.chance.uniform(0.02, 1.0) * self.whole[case][1])
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            process.wait()
            return True
        return False

    def kill_worker(self, case: str) -> None:
        """Kill workers of a run that goes on."""
        place = self.place()
        process = start(case, self.data, place)
        for _ in range(3):
            try:
                process.wait(self.chance.uniform(0.2, 0.5) * self.whole[case][1])
            except subprocess.TimeoutExpired:
                workers = family(process.pid)[1:]
                if workers:
                    os.kill(self.chance.choice(workers), signal.SIGKILL)
                    self.counts["worker"] += 1
        wait(process)
        if process.returncode == 3:  # workers that were killed again and again as they started
            self.counts["worker: the run stopped"] += 1
            wait(process := start(case, self.data, place, "--resume"))
        found = [] if process.returncode in (0, 1) else [f"exit code {process.returncode}"]
        if any(b"worker-crashed" in path.read_bytes() for path in files(place).values()):
            self.counts["worker: killed twice at a row, which is refused"] += 1
        else:
            found += differences(self.whole[case][0], place)
        self.told("worker", case, place, found)

    def term(self, case: str) -> None:
        """End a run by SIGTERM, and go on with it."""
        place = self.place()
        process = start(case, self.data, place)
        try:
            process.wait(self.chance.uniform(0.4, 0.9) * self.whole[case][1])
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            process.wait()
            self.counts["term"] += 1
            told = (place.parent / "stderr").read_text()
            found = [f"{time.monotonic() - began:.1f} s"] if time.monotonic() - began > LATE else []
            found += [f"exit code {process.returncode}"] if process.returncode not in (143, self.whole[case][2]) else []
            self.told("term", case, place, found)
            self.counts["term with a word how to go on"] += "--resume" in told
        self.finish("term", case, place)

    def fault(self, case: str) -> None:
        """Run into a fault, and go on when it is mended."""
        kind = self.chance.choice(("disk", "limit", "open", "open", "os.rename", "os.mkdir", "read"))
        place = self.place()
        ended, mend = getattr(self, f"_{kind.rpartition('.')[2]}")(case, place)
        whole, _, wanted = self.whole[case]
        self.counts["fault"] += 1
        if ended.code == wanted:
            self.counts["fault not met"] += 1
        elif ended.code != 3:
            self.told(kind, case, place, [f"exit code {ended.code}"])
        elif not NAMED.search(ended.told):
            self.told(kind, case, place, ["no file is named"])
        else:
            self.counts["fault told"] += 1
            self.counts["fault with a word how to go on"] += "--resume" in ended.told
        mend()
        if ended.code == wanted:
            self.told(kind, case, place, differences(whole, place))
        else:
            self.finish(kind, case, place)
        if os.path.ismount(place):
            subprocess.run(["umount", "-l", place], check=True)

    def _disk(self, case: str, place: Path) -> tuple[Ended, Any]:
        size = sum(path.stat().st_size for path in files(self.whole[case][0]).values())
        few = int(max(8192, size * self.chance.uniform(0.02, 1.1)))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={few}", "tmpfs", place], check=True)
        process = start(case, self.data, place)
        wait(process)
        more = ["mount", "-o", "remount,size=400m", place]
        return Ended(place, process), lambda: subprocess.run(more, check=True)

    def _limit(self, case: str, place: Path) -> tuple[Ended, Any]:
        sizes = [path.stat().st_size for path in files(self.whole[case][0]).values()]
        most = int(max(sizes) * self.chance.uniform(0.05, 1.0)) + 1

        def limited() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        process = start(case, self.data, place, preexec_fn=limited)
        wait(process)
        return Ended(place, process), lambda: None

    def _open(self, case: str, place: Path) -> tuple[Ended, Any]:
        return self._hooked(case, place, "open", errno.EMFILE, 60)

    def _rename(self, case: str, place: Path) -> tuple[Ended, Any]:
        return self._hooked(case, place, "os.rename", errno.ENOSPC, 5)

    def _mkdir(self, case: str, place: Path) -> tuple[Ended, Any]:
        return self._hooked(case, place, "os.mkdir", errno.ENOSPC, 8)

    def _hooked(self, case: str, place: Path, event: str, number: int, most: int) -> tuple[Ended, Any]:
        hooks = self.folder / "hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(HOOK)
        below = self.chance.choice((place, place, self.data))
        at = int(most ** self.chance.random())
        environ = {"PYTHONPATH": f"{hooks}:{ROOT}", "SOAK": f"{event}|{number}|{at}|{below}"}
        process = start(case, self.data, place, environ=environ)
        wait(process)
        return Ended(place, process), lambda: None

    def _read(self, case: str, place: Path) -> tuple[Ended, Any]:
        source = next(word.format(data=self.data, place=place) for word in CASES[case] if word.startswith("{data}"))
        at = int(8 ** self.chance.random())
        trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", source, "-e", f"inject=read:error=EIO:when={at}"]
        process = start(case, self.data, place, before=trace)
        wait(process)
        return Ended(place, process), lambda: None


def prepare(data: Path, rows: int) -> Path:
    """Make the inputs of all cases."""
    data.mkdir()
    make_histories(data, rows, picture=9000, pictures=100, each=2, bad=50)
    for name, more in (
        ("inline", ("{data}/in.jsonl", "-o", "{data}/inlined.jsonl")),
        ("inline", ("{data}/in.jsonl", "-o", "{data}/inlined.parquet")),
        (
            "convert",
            ("{data}/in.jsonl", "--to", "gemini", "-o", "{data}/converted.jsonl", "--ledger", "{data}/ledger.jsonl"),
        ),
    ):
        command = [sys.executable, "-m", "msgkit", name, *(word.format(data=data) for word in more), "--quiet"]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, stderr=subprocess.DEVNULL)
    code = "import sys, msgkit; msgkit.write(sys.argv[2], msgkit.read(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(data / "in.jsonl"), str(data / "in.parquet")]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    with (data / "results.jsonl").open("w") as file:
        for number in range(1, rows + 1, 2):
            message = {"role": "assistant", "content": f"Answer {number}"}
            body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
            file.write(
                json.dumps({"custom_id": f"row-{number}", "response": {"status_code": 200, "body": body}}) + "\n"
            )
    with (data / "inlined.jsonl").open("a") as file:
        file.write("not JSON\n")
    return data


def wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return -99


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("kills", 100), ("workers", 30), ("terms", 2), ("faults", 100), ("rows", 2000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--only", metavar="NAME", help="cases whose name holds NAME")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(Path(name), options)
        lines = [case for case in soak.cases if "2" in CASES[case]]
        for _ in range(options.terms):
            for case in soak.cases:
                soak.term(case)
        rounds = 0
        while soak.counts["kill"] < options.kills:
            soak.kill(soak.cases[rounds % len(soak.cases)])
            rounds += 1
        while lines and soak.counts["worker"] < options.workers:
            soak.kill_worker(soak.chance.choice(lines))
        for turn in range(options.faults):
            soak.fault(soak.cases[turn % len(soak.cases)])
    for what, count in sorted(soak.counts.items()):
        print(f"{what:32} {count:5,}")
    print(f"{len(soak.faults)} faults of msgkit, {time.monotonic() - began:.0f} s")
    sys.exit(bool(soak.faults))


if __name__ == "__main__":
    main()
