"""In a real browser: filters, search, the list of issues, keys, folding, themes, links."""

import pytest
from PIL import Image

ROWS = "() => view.order.map(row => `r${row.number}`)"
MESSAGES = "() => [...document.querySelectorAll('.message')].filter(one => one.checkVisibility()).map(one => one.id)"
FOCUS = "() => document.activeElement.id"


@pytest.fixture
def talks(show, make):
    """Three rows: tools and channels; a picture and a fault; words to find."""
    return show(
        make.row(
            make.user("What is the weather?"),
            make.answer("Let me think.", channel="analysis"),
            {"role": "assistant", "content": None, "tool_calls": [make.call("c1", "weather", '{"city":"Ulm"}')]},
            make.result("c1", '{"degrees":12}'),
            make.answer("It is cold: 12 degrees.", channel="final"),
        ),
        make.row(
            make.user(make.text("Look"), make.image(make.picture())), {"role": "asistant", "content": "A picture."}
        ),
        make.row(
            {"role": "system", "content": "Be brief."}, make.user("Say <b>bold</b> & be done"), make.result("no", "x")
        ),
    )


def check(page, group, value):
    if page.locator("#filters").is_hidden():
        page.click("#show-filters")
    page.check(f'#filters input[name="{group}"][value="{value}"]')


def test_each_row_is_a_conversation_with_its_numbers(talks):
    assert talks.evaluate(ROWS) == ["r1", "r2", "r3"]
    assert talks.inner_text("#status") == "3 rows"
    assert "5 messages" in talks.inner_text("#r1 > header")


def test_the_filter_by_role_shows_messages_of_that_role_only(talks):
    check(talks, "role", "system")
    assert talks.evaluate(ROWS) == ["r3"]
    assert talks.evaluate(MESSAGES) == ["r3m0"]
    assert talks.inner_text("#status") == "1 of 3 rows"


def test_a_result_that_matches_keeps_the_call_around_it(talks):
    check(talks, "role", "tool")
    assert talks.evaluate(MESSAGES) == ["r1m2", "r1m3", "r3m2"]


def test_filters_of_one_group_add_and_those_of_two_narrow(talks):
    check(talks, "channel", "analysis")
    check(talks, "channel", "final")
    assert talks.evaluate(MESSAGES) == ["r1m1", "r1m4"]
    check(talks, "role", "user")
    assert talks.evaluate(ROWS) == []
    assert talks.is_visible("#none")
    talks.click("#clear")
    assert talks.evaluate(ROWS) == ["r1", "r2", "r3"]


def test_the_filters_by_part_type_and_by_code(talks):
    check(talks, "part", "image_url")
    assert talks.evaluate(MESSAGES) == ["r2m0"]
    talks.uncheck('#filters input[value="image_url"]')
    check(talks, "code", "role-unknown")
    assert talks.evaluate(MESSAGES) == ["r2m1"]


def test_search_finds_text_whatever_its_case_also_markup_as_it_was_typed(talks):
    for query, rows in (("DEGREES", ["r1"]), ("<b>bold</b> & be", ["r3"]), ("nowhere", []), ("", ["r1", "r2", "r3"])):
        talks.fill("#query", query)
        talks.wait_for_function(f"wanted => ({ROWS})().join() === wanted", arg=",".join(rows))


def test_what_is_found_is_marked(talks):
    talks.fill("#query", "degrees")
    talks.wait_for_function("() => CSS.highlights.get('found')?.size === 2")
    found = "[...CSS.highlights.get('found')].map(range => range.toString())"
    assert talks.evaluate(found) == ["degrees", "degrees"]


def test_the_list_of_issues_jumps_to_each_at_its_place(talks):
    talks.click("#show-issues")
    talks.click('#issues summary:has-text("role-unknown")')
    talks.click('#issues a:has-text("messages[1].role")')
    issue = talks.locator(".issue.found")
    assert "role-unknown" in issue.inner_text()
    assert issue.evaluate("issue => issue.closest('.message').id") == "r2m1"
    assert talks.evaluate("document.activeElement.classList.contains('issue')")
    box = issue.bounding_box()
    assert 0 <= box["y"] <= 900


def test_an_issue_of_a_part_stands_in_its_part(show, make):
    page = show(make.row(make.user(make.text("a"), make.image(make.picture(), detail="sharp"), make.text("b"))))
    assert page.locator(".part:has(.issue)").count() == 1
    assert page.locator(".part:has(.issue) img").count() == 1


def test_a_jump_clears_filters_that_hide_the_place(talks):
    check(talks, "role", "system")
    talks.evaluate("go(view.rows[0])")
    assert talks.evaluate(ROWS) == ["r1", "r2", "r3"]


def test_keys_go_to_rows_issues_and_the_search(talks):
    talks.keyboard.press("j")
    assert talks.evaluate(FOCUS) == "r2"
    talks.keyboard.press("j")
    talks.keyboard.press("k")
    assert talks.evaluate(FOCUS) in ("r1", "r2")
    talks.keyboard.press("n")
    first = talks.evaluate(FOCUS)
    talks.keyboard.press("n")
    assert (first, talks.evaluate(FOCUS)) == ("r2i1", "r3i1")
    talks.keyboard.press("/")
    assert talks.evaluate(FOCUS) == "query"


def test_the_list_sorts_by_what_is_counted(talks):
    talks.select_option("#sort", "errors")
    assert [one.inner_text() for one in talks.locator("#entries b").all()] == ["2", "3", "1"]
    talks.click("#turn")
    assert talks.evaluate(ROWS) == ["r1", "r2", "r3"]
    talks.click("#show-filters")
    talks.fill('[name="least-messages"]', "3")
    talks.keyboard.press("Tab")
    assert talks.evaluate(ROWS) == ["r1", "r3"]


def test_the_path_of_a_sideways_image_is_copied_by_keys_alone(show, make):
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = make.image(make.picture(60, 20, "JPEG", exif=exif), "image/jpeg")
    page = show(
        make.row(make.user("Hello")), make.row(make.user(make.text("Look"), sideways)), make.row(make.user("Bye"))
    )
    page.keyboard.press("f")
    tab_to(page, "document.activeElement.value === 'image-orientation'")
    page.keyboard.press("Space")
    assert page.evaluate(ROWS) == ["r2"]
    page.keyboard.press("n")
    tab_to(page, "document.activeElement.innerText === 'Copy path'")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#said').innerText")
    assert page.inner_text("#said") == "Copied: messages[0].content[1].image_url.url"


def tab_to(page, reached):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            return
    raise AssertionError(f"never reached by Tab: {reached}")


def test_single_keys_can_be_switched_off(talks):
    talks.keyboard.press("?")
    talks.uncheck("#keys")
    talks.keyboard.press("Escape")
    talks.evaluate("document.activeElement.blur()")
    talks.keyboard.press("/")
    assert talks.evaluate(FOCUS) != "query"


def test_everything_is_reached_by_the_tab_key(talks):
    seen = []
    for _ in range(30):
        talks.keyboard.press("Tab")
        seen.append(talks.evaluate("document.activeElement.id || document.activeElement.className"))
    assert seen[:6] == ["skip", "query", "show-filters", "previous", "next", "fold"]
    assert {"show-issues", "sort", "enlarge"} < set(seen)


def test_a_picture_is_enlarged_by_the_enter_key_and_focus_comes_back(talks):
    talks.focus(".enlarge")
    talks.keyboard.press("Enter")
    assert talks.is_visible("#large")
    talks.keyboard.press("Escape")
    assert talks.is_hidden("#large")
    assert talks.evaluate("document.activeElement.className") == "enlarge"


def test_analysis_is_set_back_and_folded(talks):
    thought = talks.locator("#r1m1 details.thought")
    assert thought.get_attribute("open") is None
    assert not talks.is_visible("text=Let me think.")
    talks.keyboard.press("r")
    assert talks.is_visible("text=Let me think.")
    colour = "selector => getComputedStyle(document.querySelector(selector)).color"
    assert talks.evaluate(colour, "#r1m1 .prose") != talks.evaluate(colour, "#r1m4 .prose")


def test_a_call_stands_beside_its_result(talks):
    call, result = talks.locator("#r1m2 .made").bounding_box(), talks.locator("#r1m3").bounding_box()
    assert result["x"] >= call["x"] + call["width"] - 1
    assert abs(result["y"] - call["y"]) < 5
    assert talks.inner_text("#r1m2 .made .code") == '{\n  "city": "Ulm"\n}'


def test_long_text_is_folded_and_nothing_of_it_is_lost(show, make):
    text = "".join(f"line {i} of a long text\n" for i in range(300))
    page = show(make.row(make.user(text)))
    assert not page.is_visible("text=line 299")
    page.click("summary:has-text('more characters')")
    assert page.evaluate("[...document.querySelectorAll('.prose')].map(one => one.textContent).join('')") == text


def test_the_theme_follows_the_system_until_it_is_chosen(show, make):
    page = show(make.row(make.user("Hello")), scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.click("#theme")
    light = page.evaluate(background)
    assert page.get_attribute("#theme", "aria-label") == "Theme: light"
    assert sum(int(part) for part in light[4:-1].split(",")) > 600 > sum(int(part) for part in dark[4:-1].split(","))
    page.click("#theme")
    assert page.evaluate(background) == dark


def test_a_link_to_a_message_opens_there(show, look, make, tmp_path):
    rows = [make.row(make.user(f"number {i} " * 40)) for i in range(200)]
    show(*rows)
    page = look(tmp_path / "page.html")
    page.goto((tmp_path / "page.html").as_uri() + "#row=150&message=0")
    page.wait_for_selector("#r150 .message")
    assert 0 <= page.locator("#r150m0").bounding_box()["y"] < 900
    assert page.inner_text("#entries a[aria-current] b") == "150"


def test_too_much_for_one_file_goes_to_parts_with_an_index(show, make):
    page = show(*(make.row(make.user(f"row {i}")) for i in range(1, 8)), max_rows=3)
    assert [link.inner_text() for link in page.locator("td a").all()] == ["Part 1", "Part 2", "Part 3"]
    assert "7 rows in 3 parts" in page.inner_text(".about")
    page.click("text=Part 3")
    page.wait_for_selector("#r7 .message")
    assert page.evaluate(ROWS) == ["r7"]
    assert [link.inner_text() for link in page.locator("nav[aria-label=Parts] a").all()] == ["Part 2", "All parts"]
    page.click("text=Part 2")
    page.wait_for_selector("#r4 .message")
    page.click("text=All parts")
    assert page.locator("td a").count() == 3
