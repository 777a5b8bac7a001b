"""In a real browser: whatever strangers wrote is text, nothing of it runs, and nothing leaves the page."""

# ruff: noqa: RUF001 (strange text is what is tested)
import json
import re

import pytest

from msgkit import html

XSS = [
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>",
    '"><img src=x onerror=window.hit=1>',
    "' onmouseover='window.hit=1",
    '" autofocus onfocus="window.hit=1',
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<a href='javascript:window.hit=1'>x</a>",
    "javascript:window.hit=1",
    "JaVaScRiPt:window.hit=1//",
    "data:text/html,<script>window.hit=1</script>",
    "<!--<script>window.hit=1//--></script>",
    "<![CDATA[<script>window.hit=1</script>]]>",
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "<style>*{display:none}</style>",
    "<base href='https://example.com/'>",
    "<meta http-equiv=refresh content='0;url=https://example.com/'>",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<form action=https://example.com><button id=query>",
    "<details open ontoggle=window.hit=1>",
    "<template><script>window.hit=1</script></template>",
    "<math><mtext></p><style><img src onerror=window.hit=1>",
    "&lt;script&gt;window.hit=1&lt;/script&gt; &amp;amp; &#60;b&#62;",
    "\\u003cscript\\u003ewindow.hit=1\\u003c/script\\u003e",
    "`${window.hit=1}`",
    "</textarea></title></style></template></noscript><script>window.hit=1</script>",
    "<x id=index><x id=rows><x id=query name=view>",
]
NAUGHTY = [
    "undefined null NaN true () [] {} ''",
    "1/0 -1E+02 0xffffffff 1,000.00 ０１２",
    "Ω≈ç√∫˜µ≤≥÷ åß∂ƒ©˙∆˚¬… ¡™£¢∞§¶•ªº",
    "田中さんにあげて下さい 사회과학원 パーティーへ行かないか 部落格",
    "ثم نفس سقطت وبالتحديد، 1939 עברית",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤ ̖t̝͕̳̣̻̪͞h̼͓̲̦̳̘̲e͇̣̰̦̬͎",
    "👩🏽‍🚀 👨‍👩‍👧 🇺🇸🇷🇺 0️⃣ (｡◕ ∀ ◕｡)",
    "a\u200bb\ufeffc\u2028d\u2029e\u00a0f\u00adg",
    "tab\there\nnew line\n\n  two spaces  kept",
    '\'; DROP TABLE rows; -- "quoted" `ticked` \\ / \\n',
    "%s %d {0} ${x} $(touch x) `id` &amp; &",
    "𐐜 𝕋𝕙𝕖 ﷽ ᠎ ﷺ \U0010ffff",
    "x" * 3_000,
]
OWN_TAGS = (
    {
        "article",
        "header",
        "h2",
        "a",
        "p",
        "span",
        "b",
        "i",
        "code",
        "div",
        "button",
        "img",
        "audio",
        "figure",
    }
    | {
        "figcaption",
        "details",
        "summary",
        "footer",
        "bdi",
        "br",
    }
    | {"em", "strong", "s", "ul", "ol", "li", "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td"}
)


def everywhere(text, make):
    """A row with *text* wherever a row can hold text."""
    return {
        "messages": [
            {"role": "user", "name": text, "content": text, "channel": text, "weight": text, text: text},
            {"role": text, "content": [make.text(text), {"type": text, text: text}, make.url(text)]},
            {
                "role": "assistant",
                "content": None,
                "refusal": text,
                "reasoning_content": text,
                "tool_calls": [make.call(text, text, text), {"id": text, "type": text, text: text}],
            },
            make.result(text, text),
            {"role": "assistant", "content": text, "recipient": text, "content_type": text, "channel": "analysis"},
            make.user({"type": "file", "file": {"filename": text, "file_id": text}}, make.audio(b"x", text)),
            make.user({"type": "file", "file": {"filename": text, "file_data": text}}),
            make.user(make.image(make.picture(), detail=text)),
            {"role": "user", "content": [{"type": "refusal", "refusal": text}, {"type": "thinking", "thinking": text}]},
        ],
        "model": text,
        "custom_id": text,
        text: {text: [text]},
    }


def test_nothing_that_strangers_write_runs_or_becomes_markup(show, make):
    page = show(*(everywhere(text, make) for text in XSS))
    page.draw_all()
    page.click("#show-filters")
    page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    tags = page.evaluate("[...document.querySelectorAll('main article, main article *')].map(one => one.localName)")
    assert set(tags) <= OWN_TAGS
    attributes = (
        "[...document.querySelectorAll('*')].flatMap(one => [...one.attributes]).map(one => [one.name, one.value])"
    )
    found = page.evaluate(attributes)
    assert [name for name, _ in found if name.lower().startswith("on")] == []
    links = [value for name, value in found if name in ("href", "src", "action", "srcdoc", "formaction")]
    assert [link for link in links if not re.match(r"#|data:(image/png;|,|audio/)", link)] == []


MARKDOWN = [
    "[x](javascript:window.hit=1) <javascript:window.hit=1> [y](https://example.com/ 'onclick=1')",
    "![x](https://example.com/x.png) ![y](javascript:window.hit=1) ![z](data:image/svg+xml,<svg onload=window.hit=1>)",
    "# <img src=x onerror=window.hit=1>\n\n> <script>window.hit=1</script>\n\n| <b>a</b> |\n|---:|\n| ' onx=1 |",
    '```js onload=window.hit=1 "><script>window.hit=1</script>\n</div><script>window.hit=1</script>\n```',
    "[a]: javascript:window.hit=1\n\n[a] `</code><script>window.hit=1</script>` &lt;script&gt;",
    "**</noscript><script>window.hit=1</script>**",
]


def test_nothing_of_markdown_runs_or_leads_anywhere(show, make):
    page = show(*(make.row(make.user(text)) for text in MARKDOWN))
    page.draw_all()
    page.wait_for_timeout(100)
    assert page.evaluate("window.hit") is None
    assert page.locator(".md").count() == len(MARKDOWN)
    assert page.locator(".md :is(a, img, script, style, svg, iframe, input, [style], [href], [src])").count() == 0
    assert page.inner_text(".md >> nth=1").startswith("image x (https://example.com/x.png)")


def test_text_is_shown_as_it_was_typed(show, make):
    texts = [*XSS, *NAUGHTY]
    page = show(*(make.row(make.user(text)) for text in texts))
    page.draw_all()
    typed = "row.querySelectorAll(':is(.prose, .code):not(.md *, .payload *)')"
    shown = f"row => [...{typed}].map(one => one.textContent).join('')"
    assert page.evaluate(f"[...document.querySelectorAll('.row')].map({shown})") == texts


def test_names_and_ids_are_shown_as_they_were_typed(show, make):
    page = show(*(everywhere(text, make) for text in XSS[:6]))
    page.draw_all()
    for k, text in enumerate(XSS[:6], 1):
        assert page.locator(f"#r{k}m1 .role").inner_text() == text
        assert page.locator(f"#r{k}m0 .author").inner_text() == f"name {text}"
        assert page.locator(f"#r{k}m2 .call .name").first.inner_text() == text


def test_the_filters_of_strange_names_work(show, make):
    page = show(*(make.row({"role": text, "content": "x"}) for text in XSS))
    page.click("#show-filters")
    for k in (0, 4, 6, 27):
        box = page.locator('#filters input[name="role"]').nth(k)
        value = box.get_attribute("value")
        box.check()
        assert page.evaluate("view.order.map(row => row.number)") == [XSS.index(value) + 1]
        box.uncheck()


def test_control_characters_are_shown_and_do_nothing(show, make):
    page = show(make.row({"role": "user", "name": "a\x1b[31m\u202eb", "content": "x\x00y\x1b]0;t\x07z\r\nw"}))
    assert page.inner_text(".prose") == "x␀y␛]0;t␇z\nw"
    assert page.inner_text(".author") == "name a␛[31m⟨U+202E⟩b"


def test_no_payload_stands_outside_its_media(show, make, tmp_path):
    payload = make.base64(bytes(range(256)) * 40)
    show(
        make.row(make.user({"type": "odd", "data": payload}), {"role": "user", "content": "x", "blob": payload}),
        make.row(make.user({"type": "input_audio", "input_audio": {"data": payload[:-2], "format": "wav"}})),
        '{"broken": "' + payload,
    )
    assert payload[:400] not in (tmp_path / "page.html").read_text()


def test_no_heap_address_and_no_local_path_is_told(show, make, tmp_path):
    show(make.row(make.user(make.url("missing.png"), {"type": "odd", "x": 5})), root=str(tmp_path))
    text = (tmp_path / "page.html").read_text()
    assert not re.search(r"0x[0-9a-f]{6,}", text)
    assert str(tmp_path) not in text


def test_the_policy_allows_the_own_script_and_nothing_else(show, make):
    page = show(make.row(make.user("Hello")))
    refused = []
    page.on("requestfailed", lambda request: refused.append(request.failure))
    policy = page.get_attribute('meta[http-equiv="Content-Security-Policy"]', "content")
    assert policy.startswith("default-src 'none'; img-src data:; media-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "*" not in policy
    blocked = page.evaluate(
        """async () => {
            const told = [];
            document.addEventListener("securitypolicyviolation", (event) => told.push(event.effectiveDirective));
            const add = (name, props) => document.body.append(Object.assign(document.createElement(name), props));
            add("img", { src: "https://example.invalid/x.png" });
            add("audio", { src: "https://example.invalid/x.mp3" });
            add("iframe", { src: "https://example.invalid/" });
            add("script", { textContent: "window.hit = 1" });
            add("div", { innerHTML: "<b onclick='window.hit = 1'>x</b>" });
            document.querySelector("b[onclick]").click();
            await fetch("https://example.invalid/").catch(() => {});
            await new Promise((done) => setTimeout(done, 300));
            return told.sort();
        }"""
    )
    expected = {"connect-src", "frame-src", "img-src", "media-src", "script-src-attr", "script-src-elem"}
    assert set(blocked) == expected
    assert set(refused) <= {"csp"}
    assert page.evaluate("window.hit") is None
    page.faults[:] = [fault for fault in page.faults if not re.search(r"Content Security Policy|\.invalid", fault)]


def test_a_strange_file_name_is_a_title_and_nothing_more(show, make):
    page = show(make.row(make.user("x")), name="<img src=x onerror=alert(1)>'\".jsonl")
    assert page.inner_text("h1") == "<img src=x onerror=alert(1)>'\".jsonl"


def test_parts_of_a_page_with_a_strange_name_are_linked(look, make, tmp_path):
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(make.row(make.user("x"))) + "\n" for _ in range(3)))
    html.page(tmp_path / "rows.jsonl", tmp_path / "java script:%41#?.html", max_rows=2)
    page = look(tmp_path / "java script:%41#?.html")
    page.click("text=Part 2")
    page.wait_for_selector("#r3 .message")


PARTS = '{"messages": [{"role": "user", "content": [5, null, {}, {"type": 5}, {"type": "text"}]}]}'
INNER = '{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 5}]}]}'
BAD = {
    "a list of numbers": "[1, 2]",
    "a string": '"hello"',
    "null": "null",
    "no messages": '{"a": 1}',
    "messages are a string": '{"messages": "hello"}',
    "messages are null": '{"messages": null}',
    "no message": '{"messages": []}',
    "a key twice": '{"messages": [], "messages": []}',
    "NaN": '{"messages": [{"role": "user", "content": NaN}]}',
    "half a surrogate": '{"messages": [{"role": "user", "content": "a\\ud800b"}]}',
    "broken off": '{"messages": [{"role": "user", "con',
    "a number as content": '{"messages": [{"role": "user", "content": 5}]}',
    "parts of every wrong kind": PARTS,
    "messages of every wrong kind": '{"messages": [5, null, "x", [], {}]}',
    "calls of every wrong kind": '{"messages": [{"role": "assistant", "tool_calls": [5, {}, {"function": 5}]}]}',
    "a number as role": '{"messages": [{"role": 5, "content": "x", "name": {}, "channel": []}]}',
    "inner objects of wrong kinds": INNER,
    "too deep": "[" * 100 + "]" * 100,
}


def test_rows_that_do_not_load_are_shown_as_they_are_with_their_issues(show):
    page = show(*BAD.values())
    page.draw_all()
    assert page.locator("article.row").count() == len(BAD)
    without = [case for k, case in enumerate(BAD, 1) if page.locator(f"#r{k} .issue.error").count() == 0]
    assert without == []
    bare = [case for k, case in enumerate(BAD, 1) if page.locator(f"#r{k} details.json[open]").count() == 0]
    assert bare == ["a number as role"]


def test_what_is_wrong_with_a_message_stands_in_it(show):
    page = show(PARTS)
    assert page.locator(".message > .body > .part").count() == 5
    assert page.locator(".message > .body > .part:has(.issue)").count() == 5


@pytest.mark.parametrize("count", [1, 3])
def test_row_numbers_are_those_of_the_file(show, make, count):
    page = show(*[""] * count, make.row(make.user("Hello")))
    assert page.evaluate("document.querySelector('article.row').id") == f"r{count + 1}"
