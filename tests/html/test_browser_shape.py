"""In a real browser: readable on a phone, in the dark, by a screen reader; thousands of rows stay cheap."""

import json

import pytest

from msgkit import check, html, load
from tests.html.conftest import TWO_FRAMES

KEPT = "document.querySelectorAll('.message').length"


@pytest.fixture
def everything(make):
    """Rows that show every kind of thing that a page can show."""
    call = make.answer("I look it up.", tool_calls=[make.call("c1", "weather", '{"city":"Ulm"}')])
    long = "Look: `code`\n```py\nx = 1\n```\n" + "long " * 600
    remote = make.url("https://example.com/" + "long/" * 60 + "x.png")
    return [
        make.row(
            {"role": "system", "content": "Be brief.", "name": "rules"},
            {"role": "developer", "content": [{"type": "developer_content", "instructions": "Be kind.", "tools": {}}]},
            make.user(make.text(long), make.image(make.picture(90, 60), detail="high")),
            {"role": "assistant", "content": "Hm.", "channel": "analysis", "reasoning_content": "Well."},
            call,
            make.result("c1", '{"degrees":12}'),
            make.answer("{}", channel="commentary", recipient="functions.f", content_type="json"),
            {"role": "tool", "name": "functions.f", "content": "done", "channel": "commentary"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}], "channel": "final"},
            model="gpt-5",
            tools=[{"type": "function", "function": {"name": "weather"}}],
        ),
        make.row(
            make.user(make.audio(make.sound()), remote, {"type": "odd", "a": [1]}),
            {"role": "asistant", "content": [{"type": "text"}]},
            make.result("missing", "x"),
        ),
        '{"messages": [',
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_serious_fault(show, faults_of, everything, scheme, width):
    page = show(*everything, scheme=scheme, width=width)
    page.draw_all()
    page.click("#show-filters")
    page.click("#show-issues")
    page.click("#issues summary >> nth=0")
    assert faults_of(page) == []


def test_axe_finds_no_serious_fault_in_an_enlarged_picture(show, make, faults_of):
    page = show(make.row(make.user(make.image(make.picture(900, 700)))))
    page.click(".enlarge")
    assert faults_of(page) == []


def test_axe_finds_no_serious_fault_in_the_index_and_the_statistics(look, faults_of, everything, tmp_path):
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in everything))
    html.page(source, tmp_path / "page.html", max_rows=1)
    html.write_page(html.stats_page(html.stats(source), "rows.jsonl"), tmp_path / "stats.html")
    for name in ("page.html", "stats.html"):
        page = look(tmp_path / name, width=390, scheme="dark")
        assert faults_of(page) == []


def test_nothing_is_wider_than_a_phone(show, look, everything, tmp_path):
    page = show(*everything, width=360)
    page.draw_all()
    page.click("#show-filters")
    page.click("#show-issues")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "one => one.getBoundingClientRect().right > 361 && !one.closest('.code')"
    assert page.evaluate(f"[...document.querySelectorAll('.row *')].filter({wide}).length") == 0
    html.write_page(html.stats_page(html.stats(tmp_path / "rows.jsonl"), "rows.jsonl"), tmp_path / "stats.html")
    assert look(tmp_path / "stats.html", width=360).evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_a_result_stands_below_its_call(show, everything):
    page = show(*everything, width=390)
    call, result = page.locator("#r1m4 .made").bounding_box(), page.locator("#r1m5").bounding_box()
    assert result["y"] >= call["y"] + call["height"] - 1


def test_landmarks_and_headings_lead_through_the_page(show, everything):
    page = show(*everything)
    page.draw_all()
    for role in ("banner", "main", "search", "complementary"):
        assert page.get_by_role(role).count() == 1
    assert [one.inner_text() for one in page.get_by_role("heading").all()] == ["rows.jsonl", "Row 1", "Row 2", "Row 3"]
    assert page.get_by_role("article", name="message 0, system").count() == 1
    page.click("#show-issues")
    assert page.get_by_role("navigation", name="Issues").count() == 1


def test_of_2000_rows_only_those_near_the_window_are_rendered(show, make):
    rows = [make.row(make.user(f"question {i} " * 10), make.answer(f"answer {i} " * 60)) for i in range(2_000)]
    page = show(*rows)
    assert page.inner_text("#status") == "2,000 rows"
    most = page.evaluate(KEPT)
    for part in (0.5, 1):
        page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {part})")
        page.evaluate(TWO_FRAMES)
        most = max(most, page.evaluate(KEPT))
    page.evaluate("go(view.rows[1320])")
    most = max(most, page.evaluate(KEPT))
    assert "question 1320 question 1320" in page.inner_text("#r1321")
    assert most < 200
    assert page.evaluate("document.querySelectorAll('#entries li').length") < 40
    page.fill("#query", "answer 1999")
    page.wait_for_function("() => document.querySelector('#status').textContent === '1 of 2,000 rows'")
    page.wait_for_selector("#r2000 .message")


def test_a_row_of_4000_messages_is_rendered_in_pieces(show, make):
    page = show(make.row(*(make.user(f"message {i}") for i in range(4_000))))
    page.wait_for_selector("#r1m0")
    assert page.evaluate(KEPT) < 500
    page.evaluate("go(view.rows[0], 'r1m3876')")
    assert "message 3876" in page.inner_text("#r1m3876")


def test_a_player_that_plays_stays_while_the_reader_scrolls(show, make):
    rows = [make.row(make.user(f"{i} " * 400)) for i in range(100)]
    page = show(make.row(make.user(make.audio(make.sound()))), *rows)
    page.evaluate("document.querySelector('audio').dispatchEvent(new Event('play'))")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_selector("#r100 .message")
    page.wait_for_timeout(200)
    assert page.locator("audio").count() == 1


def test_statistics_draw_each_count_as_a_bar_of_its_height(look, make, tmp_path):
    rows = [make.row(*[make.user("x")] * count) for count in (1, 1, 1, 1, 3, 3)]
    html.write_page(html.stats_page(html.stats(rows), "rows"), tmp_path / "stats.html")
    page = look(tmp_path / "stats.html")
    bars = page.locator("section:has-text('Messages in a row') svg rect").all()
    heights = [bar.evaluate("bar => bar.getBBox().height") for bar in bars]
    assert [round(4 * height / heights[0]) for height in heights] == [4, 0, 2, 0, 0, 0]
    assert bars[0].locator("title").text_content() == "1: 4"
    assert page.evaluate("document.scripts.length") == 0


def test_a_notebook_shows_a_conversation_with_its_pictures(look, make, tmp_path):
    talk = load([make.user(make.text("<b>Look</b>"), make.image(make.picture(37, 23))), make.answer("A cat.")])
    issues = check([{"role": "usr", "content": "x"}])
    cells = "".join(value._repr_html_() for value in (talk, talk.messages[1], talk.messages[0].content[1], issues))
    (tmp_path / "notebook.html").write_text(f"<!doctype html><html lang=en><body>{cells}", encoding="utf-8")
    page = look(tmp_path / "notebook.html")
    page.wait_for_function("() => [...document.images].map(image => image.naturalWidth).join() === '37,37'")
    assert page.inner_text(".prose >> nth=0") == "<b>Look</b>"
    assert "role-unknown" in page.inner_text(".issue")
    assert page.evaluate("document.scripts.length") == 0


QUIET = "globalThis.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} };"


@pytest.fixture
def unobserved(browser, tmp_path):
    """A page of forty rows in a browser whose observers never report."""
    path = tmp_path / "page.html"
    rows = [{"messages": [{"role": "user", "content": f"Question {n}"}]} for n in range(40)]
    html.page(rows, path)
    context = browser.new_context(viewport={"width": 800, "height": 400})
    context.add_init_script(QUIET)
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate(TWO_FRAMES)
    yield page
    context.close()


def test_a_capture_right_after_loading_shows_the_first_rows(unobserved):
    drawn = unobserved.evaluate(KEPT)
    assert unobserved.inner_text(".message >> nth=0").endswith("Question 0")
    assert 3 < drawn < 40


def test_without_scripts_the_rows_are_read_as_they_are(browser, tmp_path):
    html.page(
        [{"messages": [{"role": "user", "content": f"**Question** {n}"}]} for n in range(3)], tmp_path / "page.html"
    )
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    seen = [one.inner_text() for one in page.locator(".message .md").all()]
    shown = page.locator("#query, #list, dialog").evaluate_all(
        "found => found.filter(one => one.checkVisibility()).length"
    )
    context.close()
    assert (seen, shown) == (["Question 0", "Question 1", "Question 2"], 0)


def test_answers_stand_side_by_side_with_their_differences_marked(show):
    page = show({"prompt": "Why?", "chosen": "It is the sun, not rain.", "rejected": "It is the wind, not rain."})
    one, two = (box.bounding_box() for box in page.locator(".branch").all())
    assert one["y"] == two["y"]
    assert one["x"] < two["x"]
    assert page.locator(".branch mark").all_inner_texts() == ["sun,", "wind,"]


def test_a_print_has_every_row(unobserved):
    unobserved.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert unobserved.evaluate(KEPT) == 40
