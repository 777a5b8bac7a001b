"""Cards -> HTML: the one place that knows Jinja. All is escaped but the package's own templates, styles and scripts."""

import json
import re
from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from html import escape
from typing import Any

from msgkit.errors import needing
from msgkit.escaping import count
from msgkit.html.texts import visible
from msgkit.model.messages import Role
from msgkit.targets import folder_of

_BREAKS_OUT = re.compile(r"<(?=!|/|script)", re.IGNORECASE)


_PIECES = ("before", "branches", "call", "issues", "json", "media", "message", "part", "text")


@cache
def _environment(*, live: bool = True) -> Any:
    """The templates for a page, where a script shows media, or for a notebook."""
    with needing("jinja2", "view", "to make HTML"):
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # what is constant in them is not worth looking for
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.globals.update({name: partial(piece, name, live=live) for name in _PIECES})
    environment.globals.update(live=live, roles=frozenset(map(str, Role)), count=count)
    return environment


@cache
def _macro(name: str, live: bool) -> Any:  # noqa: FBT001 (a key of the cache)
    """The macro in the file of its name, compiled when a card needs it: all of them take a third of a short run."""
    return getattr(_environment(live=live).get_template(f"pieces/{name}.html").module, name)


def piece(name: str, *values: Any, live: bool) -> Any:
    """Return the HTML that the template of a piece makes of cards: that of a ``message``, a ``part``."""
    return _macro(name, live)(*values)


def note(text: str) -> str:
    """Return a line that says something in passing."""
    return f'<p class="left">{escape(visible(text), quote=False)}</p>'


def template(name: str, **values: Any) -> str:
    """Return a template of this package, filled."""
    return str(_environment().get_template(name).render(values))


def own(*names: str) -> Any:
    """Return files of this package, styles or scripts, as they are."""
    return safe("\n".join(map(_text, names)))


def _text(name: str) -> str:
    """Return a file of this package."""
    text: str = folder_of("msgkit.html", __file__).joinpath("templates", name).read_text(encoding="utf-8")
    return text


def as_data(value: Any) -> Any:
    r"""Return *value* as JSON that can be in a script element: nothing in it ends the element or opens a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return safe(_BREAKS_OUT.sub(r"\\u003c", text))  # inside a script element only "<" means something


def safe(text: str) -> Any:
    """Mark *text* as HTML to be written as it is: our own files, and data that were made safe."""
    _environment()  # says what is missing, and which extra has it

    from markupsafe import Markup

    return Markup(text)  # noqa: S704


def policy(styles: list[str], scripts: list[str]) -> str:
    """Return the Content-Security-Policy of a page: own styles and scripts by hash, media from data URLs, no more."""
    rules = ["default-src 'none'", "img-src data:", "media-src data:"]
    for name, texts in (("style-src", styles), ("script-src", scripts)):
        if texts:
            rules.append(" ".join([name, *map(_hash, texts)]))
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
