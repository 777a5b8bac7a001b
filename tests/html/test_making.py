"""Pages as files, and what notebooks and rich show: without a browser."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from msgkit import ToolCall, UnknownNameError, check, html, load, user
from msgkit.html import notebook, render
from msgkit.html.rows import find_rows

ROOT = Path(__file__).parents[2]


def test_payloads_are_shown_as_files_are(make, tmp_path):
    viewed = html.page([make.row(make.user("Hello")), [make.user("Hi")]], tmp_path / "page.html")
    assert (viewed.rows, viewed.messages, viewed.names) == (2, 2, (str(tmp_path / "page.html"),))
    assert viewed.size == (tmp_path / "page.html").stat().st_size


def test_a_page_is_the_same_at_every_run(make, tmp_path):
    rows = [make.row(make.user(make.text("x"), make.image(make.picture())), {"role": "usr", "content": "y"})] * 3
    html.page(rows, tmp_path / "a.html")
    html.page(rows, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_an_existing_page_is_replaced_in_one_step_and_nothing_else_is_left(make, tmp_path):
    (tmp_path / "page.html").write_text("old")
    html.page([make.row(make.user("Hello"))], tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_fault_in_the_middle_leaves_the_old_page_and_no_other_file(make, tmp_path):
    def rows():
        yield make.row(make.user("Hello"))
        raise RuntimeError("the generator broke")

    (tmp_path / "page.html").write_text("old")
    with pytest.raises(RuntimeError):
        html.page(rows(), tmp_path / "page.html")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("page.html", "old")]


def test_parts_are_as_large_as_was_asked_and_hold_every_row_once(make, tmp_path):
    viewed = html.page([make.row(make.user("x" * 1_000))] * 30, tmp_path / "page.html", max_bytes=40_000)
    texts = [(tmp_path / name).read_text() for name in viewed.names[1:]]
    assert len(texts) > 1
    rows = [line for text in texts for line in text.split('<noscript data-row="')[1:]]
    assert [line[: line.index('"')] for line in rows] == [str(i) for i in range(1, 31)]


def test_rows_that_are_no_json_values_are_shown_with_their_issues():
    circle = []
    circle.append(circle)
    found = list(find_rows([{"messages": [{"role": "user", "content": float("nan")}]}, circle, {1: 2}]))
    assert [row.issues[0].code for row in found] == ["json-number-not-finite", "json-too-deep", "type-mismatch"]


def test_an_unknown_target_or_format_is_refused(tmp_path):
    with pytest.raises(UnknownNameError):
        html.page([{"messages": []}], tmp_path / "page.html", target="opnai")
    with pytest.raises(UnknownNameError):
        html.page([{"messages": []}], tmp_path / "page.html", format="opnai")
    assert list(tmp_path.iterdir()) == []


def test_script_data_cannot_end_their_element():
    text = "</script><SCRIPT><!-- --> </ScRiPt \u2028"
    data = str(render.as_data([text]))
    assert "</" not in data.lower()
    assert "<!" not in data
    assert "<script" not in data.lower()
    assert json.loads(data) == [text]


def test_what_is_no_unicode_is_written_escaped(tmp_path):
    html.page(['{"messages": [{"role": "user", "content": "a\\ud800"}]}'], tmp_path / "page.html")
    (tmp_path / "page.html").read_bytes().decode("utf-8")


def test_html_of_values_escapes_and_holds_its_media(make):
    talk = load([make.user(make.text("<b>&"), make.image(make.picture(5, 4)), make.audio(make.sound()))])
    text = html.html(talk)
    assert "&lt;b&gt;&amp;" in text
    assert f'src="data:image/png;base64,{make.base64(make.picture(5, 4))}"' in text
    assert "<audio" in text
    assert "<script" not in text
    assert " id=" not in text


def test_ipython_takes_the_html(make):
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython asks for the HTML")
    html = formatters.HTMLFormatter()
    talk = load([make.user(make.image(make.picture(5, 4)))])
    for value in (talk, talk.messages[0], talk.messages[0].content[0], check([{"role": "usr"}])):
        assert 'class="msgkit out"' in html(value)


def test_values_without_html_of_their_own_show_their_repr(make):
    talk = load([make.user("Hello")])
    assert talk.messages[0].author._repr_html_() is None
    assert ToolCall.new("a", "f")._repr_html_() is None


def test_without_jinja2_values_show_their_repr(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for cached in (render._environment, render._macro):
        cached.cache_clear()
    try:
        assert user("Hello")._repr_html_() is None
    finally:
        render._environment.cache_clear()


def test_a_notebook_holds_a_bounded_number_of_messages_and_bytes(make, monkeypatch):
    talk = load([make.user("x")] * (notebook.MOST_MESSAGES + 5))
    assert "5 more messages" in html.html(talk)
    monkeypatch.setattr(notebook, "MOST_MEDIA", 300)
    text = html.html(load([make.user(*[make.image(make.picture(5, 4))] * 4)]))
    assert text.count("<img") == 2
    assert text.count("one output of a notebook holds at most") == 2


def test_issues_are_a_list_that_shows_itself():
    found = check([{"role": "usr", "content": "<x>"}])
    assert found == list(found)
    assert "role-unknown" in found._repr_html_()
    assert "no issues" in check([{"role": "user", "content": "x"}])._repr_html_()


def rich_text(value) -> str:
    console = pytest.importorskip("rich.console", reason="rich asks for the fields").Console(
        width=100, color_system=None
    )
    with console.capture() as captured:
        console.print(value)
    return captured.get()


def test_rich_shows_fields_and_no_base64(make):
    message = load([make.user(make.text("Look"), make.image(make.picture(5, 4)), make.audio(make.sound()))]).messages[0]
    text = rich_text(message)
    assert "ImagePart(image/png, 5x4" in text
    assert "AudioPart(audio/wav, 1.0 s" in text
    assert "TextPart('Look')" in text
    assert make.base64(make.picture(5, 4))[:40] not in text


def test_rich_shows_no_control_character_of_the_input():
    text = rich_text(load([{"role": "user", "name": "a\x1b[31m", "content": "b\x1b[0m" + "QUJD" * 200}]).messages[0])
    assert "\x1b" not in text
    assert "QUJD" * 40 not in text


def test_rich_shows_a_part_that_only_names_its_media(make):
    assert "ImagePart('cat.png')" in rich_text(load([make.user(make.url("cat.png"))]).messages[0])


SOCKETLESS = """
import subprocess
import sys
from pathlib import Path
from msgkit import html
def refuse(event, _):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise RuntimeError(event)
sys.addaudithook(refuse)
rows = [{"messages": [{"role": "user", "content": [
    {"type": "image_url", "image_url": {"url": "http://169.254.169.254/x.png"}},
    {"type": "audio_url", "audio_url": {"url": "https://example.com/x.m3u8"}},
    {"type": "video_url", "video_url": {"url": "s3://bucket/x.mp4"}}]}]}]
print(html.page(rows, sys.argv[1], root=".").media, html.stats(rows, root=".").sources)
"""


def test_no_socket_and_no_process_is_opened(tmp_path):
    command = [sys.executable, "-c", SOCKETLESS, str(tmp_path / "page.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "0 {'remote': 2, 'invalid': 1}\n"
