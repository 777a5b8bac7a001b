"""Rules about the settings of a request: their types and ranges, and what models refuse."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

from msgkit import formats
from msgkit.errors import Path, quote
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.messages import Conversation, Role
from msgkit.rules.base import ANSWERS, Context, Finding, Rule, Verdicts, encoded_json
from msgkit.rules.examples import text, user
from msgkit.rules.prefilter import Sign
from msgkit.rules.setting_faults import Judge, fault_at
from msgkit.targets import Fact, Target
from msgkit.targets.body_paths import Tree, lone, tree_of

_NEAR = 0.85  # how like a key of the target one that is unknown must be to be a misspelling
_LONGEST = 64  # characters of the name of a setting

_Value = tuple[Path, Any, Judge]  # where it is in the body, itself, and what judges it


def _has_settings(conversation: Conversation, target: Target) -> bool:
    extra, envelope, messages = conversation.extra, conversation.envelope, conversation.messages
    is_own = envelope is not None and envelope.format != formats.DEFAULT  # with the system prompt beside the messages
    if not target.settings or not (extra or is_own):
        return False
    if is_own:
        return len(extra) > ("model" in extra) or (bool(messages) and messages[0].author.role is Role.SYSTEM)
    if "model" in extra and "id" not in extra:
        return len(extra) > 1  # a request, which has no columns of its own
    return not _trees(target).keys.isdisjoint(extra)


def settings(context: Context) -> Iterator[Finding]:
    """Report settings that the target or its model refuses."""
    if not context.is_for_target:
        return
    rest = {key: value for key, value in context.body.items() if key != context.own.list_key}
    tools, others = context.encoded_tools, {key: value for key, value in rest.items() if key not in _ENCODED}
    encoded = None if tools is None else encoded_json(others)
    about = (tools, context.target, context.format, context.is_request, context.ready)
    yield from _VERDICTS.of(encoded, about, lambda: tuple(_all(context, rest)))
    yield from _unsaid(context, rest)


_ENCODED = frozenset(("tools", *ANSWERS))  # what ``encoded_tools`` has
_VERDICTS = Verdicts[tuple[Finding, ...]]()


def _all(context: Context, rest: Mapping[str, Any]) -> Iterator[Finding]:
    trees = _trees(context.target)
    for key in rest:
        if key not in trees.keys:
            yield from _unknown(context, key)
    is_row = not (context.ready or context.is_request)
    own = {key: value for key, value in rest.items() if key not in _OF_ROWS} if is_row else rest
    yield from _faulty(context, trees.body.values(own))


_OF_ROWS = frozenset(("metadata",))  # settings of a request, under which rows of data keep anything


def _judges_content(_: Conversation, target: Target) -> bool:
    return _of_content(target)


@lru_cache(maxsize=256)
def _of_content(target: Target) -> bool:
    """Whether content may be refused for what it is."""
    return any(path.endswith("].content") and one.type for path, one in target.settings.items())


def contents(context: Context) -> Iterator[Finding]:
    """Report values in messages that the target refuses, at paths that begin with its list of them."""
    known = (context.target.format, *context.target.also)
    is_history = context.own.list_key == formats.get(formats.DEFAULT).list_key
    if context.format not in known or (is_history and not (context.ready or context.is_request)):
        return  # what a history holds in no request's words is told when it becomes one
    values = _of_list(context.target, context.own.list_key).values(context.body)
    once = {(finding.path, finding.code): finding for finding in _faulty(context, values)}
    for finding in once.values():  # what two messages need is told once
        yield finding._replace(code="value-invalid") if finding.code in _OF_SETTINGS else finding


_OF_SETTINGS = frozenset(("setting-invalid", "setting-not-taken"))


def _faulty(context: Context, values: Iterable[_Value]) -> Iterator[Finding]:
    for path, value, judge in values:
        if type(value) not in judge.enough:
            yield from judge.faults(context, path, value)


class _Trees(NamedTuple):
    """What a target says of a body, by path."""

    body: Tree[Judge]
    keys: frozenset[str]  # of the body itself, in either spelling
    words: tuple[tuple[str, Fact[str]], ...]  # path -> what the messages must say where something is at it


@lru_cache(maxsize=256)
def _trees(target: Target) -> _Trees:
    judged = [(path, Judge.of(setting)) for path, setting in target.settings.items()]
    tree = tree_of(judged, attrgetter("enough"))
    words = tuple((path, one.word) for path, one in target.settings.items() if one.word is not None)
    keys = frozenset(name for step in tree.inner for name in step.names)
    return _Trees(tree, keys, words)


@lru_cache(maxsize=256)
def _of_list(target: Target, key: str) -> Tree[Judge]:
    return _trees(target).body.below(key)


@lru_cache(maxsize=1_024)
def _near(target: Target, key: str) -> str | None:
    from difflib import get_close_matches  # for a key that is no setting

    return next(iter(get_close_matches(key, sorted(_trees(target).keys), 1, _NEAR)), None)


def _unknown(context: Context, key: str) -> Iterator[Finding]:
    fact = context.target.request.closed
    if fact is None or not fact.value or not context.is_request or key == context.own.list_key:
        return
    near = _near(context.target, key[:_LONGEST])
    if near is not None or context.ready:  # a row may have columns of its own
        meant = f"; did you mean {near!r}?" if near else ""
        text = f"{context.target.title} has no key {quote(key)} in a request{meant}"
        yield Finding((key,), "key-unknown", text, source=fact.source, in_body=True)


def _unsaid(context: Context, rest: Mapping[str, Any]) -> Iterator[Finding]:
    """Report a setting that is taken only where the messages say a word, and none does."""
    for path, word in _trees(context.target).words:
        for at, _, _ in lone(path).values(rest):
            said = [value for key, value in context.body.items() if key not in (at[0], "tools")]
            if not context.remembers and not _says(said, word.value):
                text = f"expected the word {word.value!r} somewhere in the messages: this is only taken with it"
                yield fault_at(at, "setting-invalid", text, word)


def _says(value: object, word: str) -> bool:
    if isinstance(value, str):
        return word in value.lower()
    inner = value.values() if isinstance(value, OBJECT) else value if isinstance(value, LIST) else ()
    return any(_says(one, word) for one in inner)


_CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 9}
_ASK = [user("Hello")]

_rule = partial(Rule, signs=Sign.SENT, applies=_has_settings, facts=("settings",), check=settings)

RULES = (
    _rule(
        "setting-not-taken",
        "The model does not take this setting, or only its default; a warning where no document says so.",
        "OpenAI API: Unsupported parameter: 'max_tokens' is not supported with this model",
        at="max_tokens",
        bad={"model": "gpt-5.4", "max_tokens": 9, "messages": _ASK},
        good={"model": "gpt-5.4", "max_completion_tokens": 9, "messages": _ASK},
    ),
    _rule(
        "setting-invalid",
        "The value of a setting is out of range, not one of those taken, or needs another setting.",
        "OpenAI API reference: create a chat completion",
        at="temperature",
        bad={"model": "gpt-4.1", "temperature": 3, "messages": _ASK},
        good={"model": "gpt-4.1", "temperature": 1, "messages": _ASK},
    ),
    Rule(
        "value-invalid",
        "A value in a message is not one that the target takes there.",
        "anthropic-sdk-python types/cache_control_ephemeral_param.py",
        at="messages[0].content[0].cache_control.ttl",
        bad={**_CLAUDE, "messages": [user({**text("Hello"), "cache_control": {"type": "ephemeral", "ttl": "2h"}})]},
        good={**_CLAUDE, "messages": [user({**text("Hello"), "cache_control": {"type": "ephemeral", "ttl": "1h"}})]},
        signs=Sign.PARTS | Sign.UNKNOWN | Sign.EXTRA | Sign.TOOL | Sign.CONTENT | Sign.NAME,
        applies=_judges_content,
        facts=("settings",),
        check=contents,
        target="anthropic",
    ),
)
