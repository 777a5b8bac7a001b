"""
A page of many rows: how long it takes to write, how large it is, and what it costs in a browser.

    python benchmarks/bench_view.py [ROWS]

Needs Playwright for Python and a Chromium of the system; without them only the first figures are printed.
"""

import io
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from msgkit import data_url, html

WORDS = Path(__file__).parent.parent.joinpath("LICENSE").read_text(encoding="utf-8").split()
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
LONG = """() => {
    window.long = [];
    new PerformanceObserver((list) => { for (const one of list.getEntries()) long.push(Math.round(one.duration)); })
        .observe({ type: "longtask" });
}"""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SCROLL = """async (selector) => {
    const box = selector ? document.querySelector(selector) : window;
    const gaps = [];
    let last = performance.now();
    const end = last + 3000;
    while (performance.now() < end) {
        box.scrollBy(0, 900);
        await new Promise(requestAnimationFrame);
        gaps.push(performance.now() - last);
        last = performance.now();
    }
    gaps.sort((a, b) => a - b);
    return [gaps[gaps.length >> 1], gaps[Math.floor(gaps.length * 0.95)], gaps.at(-1), gaps.length];
}"""
ACTS = {
    "search of one word": "async () => { view.query = 'licensor'; await apply(); }",
    "filter by a code": "async () => { view.clear(); document.querySelector('[name=code]').click(); await apply(); }",
    "sort by length": "() => { view.clear(); sorted.by = 'size'; turn(true); }",
    "go to the last row": "() => { view.clear(); go(view.rows.at(-1)); }",
}


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Histories of seven messages with tool calls; every fifth has a picture, one of 400; every 50th a fault."""
    chance = random.Random(1)  # noqa: S311 (an example)
    pictures = [picture(chance) for _ in range(400)]

    def text(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words))

    for i in range(count):
        content: list[Any] = [{"type": "text", "text": text(chance.randint(10, 80))}]
        if i % 5 == 0:
            content.append({"type": "image_url", "image_url": {"url": pictures[i // 5 % 400]}})
        call = {"id": f"call_{i}", "type": "function", "function": {"name": "search", "arguments": '{"query":"cats"}'}}
        found = json.dumps({"hits": [text(8) for _ in range(3)]})
        yield {
            "messages": [
                {"role": "system", "content": text(20)},
                {"role": "user", "content": content},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": f"call_{i}" if i % 50 else "another", "content": found},
                {"role": "assistant", "content": text(chance.randint(30, 300)), "channel": "final"},
                {"role": "user", "content": text(30)},
                {"role": "assistant", "content": text(120)},
            ]
        }


def picture(chance: random.Random) -> str:
    """A JPEG with some noise, as a data URL."""
    width, height = chance.choice([(320, 240), (640, 480), (512, 512)])
    out = io.BytesIO()
    Image.effect_noise((width, height), 12).convert("RGB").save(out, "JPEG", quality=60)
    return data_url.join("image/jpeg", out.getvalue())


def in_browser(page: Path) -> None:
    """Print what the page costs in a browser."""
    path = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        None,
    )
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        print("no browser: Playwright for Python or Chromium is missing")
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        start = time.perf_counter()
        tab.goto(page.as_uri())
        loaded = time.perf_counter() - start
        paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        show("first contentful paint", f"{paint:,.0f} ms")
        show("all rows there", f"{loaded:,.2f} s")
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        tab.evaluate(LONG)
        for what, selector in (("rows", ""), ("list", "#list")):
            before = metrics(session)["TaskDuration"]
            middle, most, worst, frames = tab.evaluate(SCROLL, selector)
            mean = (metrics(session)["TaskDuration"] - before) / frames
            show(
                f"a frame while the {what} scroll{'s' * (what == 'list')}, 900 pixels each",
                f"{middle:,.0f} ms (median), {most:,.0f} ms (95 %), {worst:,.0f} ms (most), CPU {mean * 1e3:,.1f} ms",
            )
        for what, act in ACTS.items():
            before = metrics(session)
            started = time.perf_counter()
            tab.evaluate(act)
            passed = time.perf_counter() - started
            worked = metrics(session)["TaskDuration"] - before["TaskDuration"]
            show(what, f"{passed * 1e3:,.0f} ms, of which {worked * 1e3:,.0f} ms of CPU")
        show("tasks over 50 ms", str(tab.evaluate("long")))
        figures = metrics(session)
        show("script heap", f"{figures['JSHeapUsedSize'] / 1e6:,.0f} MB")
        show("messages rendered", f"{tab.evaluate('document.querySelectorAll(`.message`).length'):,}")
        browser.close()


def metrics(session: Any) -> dict[str, float]:
    """Return the figures that the browser keeps of a page."""
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def show(what: str, figure: str) -> None:
    """Print one line of the table."""
    print(f"{what:40}  {figure}")


def main() -> None:
    """Write the page, and open it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        start = time.process_time()
        viewed = html.page(rows(count), page)
        show("rows, messages, media", f"{viewed.rows:,}, {viewed.messages:,}, {viewed.media:,}")
        show("written in", f"{time.process_time() - start:,.1f} s of CPU, the making of the rows among them")
        show("most memory while writing", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")
        show("size of the page", f"{viewed.size / 1e6:,.1f} MB")
        in_browser(page)


if __name__ == "__main__":
    main()
