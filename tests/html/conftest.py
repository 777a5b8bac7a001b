"""A real browser, what is shown in it, and media made here."""

import io
import json
import shutil
import struct
import wave
from pathlib import Path

import pybase64
import pytest
from PIL import Image

from msgkit import html
from tests.registry import npm_file

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, the one that the system has; its event loop must not outlast the module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Seen:
    """A page in the browser, and what it did that it must not do."""

    def __init__(self, context, path: Path) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self._note)
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.goto(path.as_uri())
        self.page.set_default_timeout(10_000)
        self.page.evaluate(TWO_FRAMES)

    def _note(self, request) -> None:
        if not request.url.startswith(("data:", "file:")):
            self.faults.append(f"request: {request.url}")

    def draw_all(self) -> None:
        """Render every row, and keep it."""
        self.page.evaluate("drawAll()")

    def __getattr__(self, name):
        return getattr(self.page, name)


@pytest.fixture
def look(browser):
    """Open a file in the browser; at the end nothing may have gone wrong in it, and nothing may have left it."""
    opened = []

    def look(path, *, width=1280, height=900, scheme="light") -> Seen:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        seen = Seen(context, Path(path))
        opened.append((context, seen))
        return seen

    yield look
    faults = [fault for _, seen in opened for fault in seen.faults]
    for context, _ in opened:
        context.close()
    assert faults == []


@pytest.fixture
def show(look, tmp_path):
    """Write rows, make their page and open it; strings are lines as they stand."""

    def show(*rows, name="rows.jsonl", width=1280, height=900, scheme="light", **options) -> Seen:
        source = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        source.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
        html.page(source, tmp_path / "page.html", **options)
        return look(tmp_path / "page.html", width=width, height=height, scheme=scheme)

    return show


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The source of axe-core, from the npm registry, for this run only."""
    return npm_file("axe-core@4", "axe.min.js", tmp_path_factory.mktemp("axe")).decode()


@pytest.fixture
def faults_of(axe):
    """Return what axe-core finds serious or critical in a page."""

    def faults_of(seen) -> list[str]:
        client = seen.context.new_cdp_session(seen.page)
        client.send("Runtime.evaluate", {"expression": axe})  # past the page's policy, as a browser extension is
        found = seen.evaluate("async () => await axe.run(document)")
        assert len(found["passes"]) > 10, "axe-core looked at nothing"
        return [
            f"{fault['id']}: {node['html'][:200]}: {node.get('failureSummary', '')[:300]}"
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    return faults_of


class Make:
    """Media, parts, messages and rows for tests."""

    @staticmethod
    def picture(width=8, height=6, kind="PNG", **options) -> bytes:
        """A picture made by Pillow."""
        out = io.BytesIO()
        image = Image.new("RGB", (width, height), (180, 90, 40))
        image.putpixel((0, 0), (0, 0, 255))
        image.save(out, kind, **options)
        return out.getvalue()

    @staticmethod
    def sound(seconds=1.0, rate=8_000) -> bytes:
        """A WAV file made by the standard library."""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(struct.pack("<h", 400) * round(seconds * rate))
        return out.getvalue()

    @staticmethod
    def base64(data: bytes) -> str:
        return pybase64.b64encode(data).decode()

    @classmethod
    def image(cls, data: bytes, media_type="image/png", **keys) -> dict:
        url = f"data:{media_type};base64,{cls.base64(data)}"
        return {"type": "image_url", "image_url": {"url": url, **keys}}

    @classmethod
    def audio(cls, data: bytes, name="wav") -> dict:
        return {"type": "input_audio", "input_audio": {"data": cls.base64(data), "format": name}}

    @staticmethod
    def url(url: str) -> dict:
        return {"type": "image_url", "image_url": {"url": url}}

    @staticmethod
    def text(text: str) -> dict:
        return {"type": "text", "text": text}

    @staticmethod
    def user(*content) -> dict:
        single = len(content) == 1 and isinstance(content[0], str)
        return {"role": "user", "content": content[0] if single else list(content)}

    @staticmethod
    def answer(text: str, **keys) -> dict:
        return {"role": "assistant", "content": text, **keys}

    @staticmethod
    def row(*messages, **keys) -> dict:
        return {"messages": list(messages), **keys}

    @staticmethod
    def call(call_id: str, name="search", arguments="{}") -> dict:
        return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}

    @staticmethod
    def result(call_id: str, text: str) -> dict:
        return {"role": "tool", "tool_call_id": call_id, "content": text}


@pytest.fixture(scope="session")
def make() -> type[Make]:
    """What makes media, parts, messages and rows."""
    return Make
