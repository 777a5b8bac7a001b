"""
Alpaca: ``{instruction, input, output, system, history}``, one exchange a row, earlier ones in ``history``.

- the last user message is ``instruction``, and ``input`` (or ``context``) on the lines after it;
- the answer is ``output``; a row without it waits for one;
- media are in columns of the row, placeholders such as ``<image>`` in the texts;
- trainers take other names for the same: ``query`` and ``response``, ``question`` and ``answer``, ``problem`` and
  ``solution``, ``message_1`` and ``message_2``, ``system_prompt``; the names that a row uses are kept;
- no calls, no names.

Source: LLaMA-Factory ``data/README.md``; ms-swift ``docs/source_en/Customization/Custom-dataset.md``; Axolotl
``docs/dataset-formats/inst_tune.qmd`` and ``docs/rlhf.qmd``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from msgkit.errors import Path, describe
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import placeholders
from msgkit.formats.common.builder import Draft, noted, told, unusual
from msgkit.formats.common.capabilities import LLAMA_FACTORY, Capabilities
from msgkit.formats.common.columns import SIGN, SYSTEMS, is_one_answer, named_as
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.formats.common.placeholders import Filling
from msgkit.jsontext.values import LIST, objects, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation

NAME = "alpaca"
QUERIES = (
    "instruction", "query", "question", "problem", "prompt", "input", "inputs", "INSTRUCTION", "message_1",
    "text_input", "input_text",
)  # fmt: skip
ANSWERS = (
    "output", "response", "completion", "solution", "generated_solution", "answer", "generation", "outputs", "target",
    "targets", "RESPONSE", "message_2", "output_text",
)  # fmt: skip
AFTERS = ("input", "context", "inputs")
_WAITING = ("instruction", "query", "prompt")  # names that say by themselves that a row is an exchange
_OTHER = (
    "model",
    "completions",
    "answers",
    "responses",
    "generations",
)  # keys beside them that say that it is another's: answers with ranks
_INPUT = "input"  # kept on a message: the part of its text that is under this key
_NAMED = Mark(NAME, "named")  # form of a conversation: a key that is not the usual one
_LISTS = ("messages", "conversations", "conversation", "contents")


@attrs.frozen(eq=False, repr=False)
class Names:
    """The keys that a row uses."""

    query: str = QUERIES[0]
    answer: str = ANSWERS[0]
    system: str = SYSTEMS[0]
    after: str = AFTERS[0]

    @property
    def takes_input(self) -> bool:
        """Whether the text under ``input`` is part of the query."""
        return self.query.lower() == QUERIES[0]

    @classmethod
    def within(cls, body: Mapping[str, Any]) -> "Names":
        """Return the keys that a row uses."""
        query = query_in(body) or QUERIES[0]
        answers = (*named_as("assistant"), *ANSWERS)
        answer = next((key for key in answers if key in body and key != query), ANSWERS[0])
        system = _text_under((*named_as("system"), *SYSTEMS), body) or SYSTEMS[0]
        after = _text_under(AFTERS, body) if query.lower() == QUERIES[0] else None
        return cls(query, answer, system, after or AFTERS[0])


def _text_under(names: Iterable[str], body: Mapping[str, Any]) -> str | None:
    """Return the first of some names that a row has a text under."""
    for name in names:
        if name in body and isinstance(body[name], str):
            return name
    return None


def query_in(body: Mapping[str, Any]) -> str | None:
    """Return the key under which a row has a text to answer."""
    return _text_under((*named_as("user"), *QUERIES), body)


def usual(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose columns were told with the usual names for them."""
    names = Names.within(body)
    pairs = (
        (names.query, QUERIES[0], "user"),
        (names.answer, ANSWERS[0], "assistant"),
        (names.system, SYSTEMS[0], "system"),
    )
    told = {own: name for own, name, role in pairs if own in named_as(role) and own in body and name not in body}
    return {told.get(key, key): value for key, value in body.items()} if told else body


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a text to answer under a name that trainers take, and no list of messages."""
    if not body.keys().isdisjoint(_LISTS) or query_in(body) is None:
        return False
    names = Names.within(body)
    is_answered = isinstance(body.get(names.answer, 0), str | None)
    says_so = names.query in (*_WAITING, *named_as("user"))
    waits = says_so and names.answer not in body and body.keys().isdisjoint(_OTHER) and not objects(body.get("history"))
    return is_answered or (waits and not any(map(is_one_answer, body)))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row: placeholders become parts."""
    draft, names = Draft(at), Names.within(body)
    known = list(turns(body, names))
    roles, texts = [turn[0] for turn in known], [turn[1] for turn in known]
    filling = Filling.of(body, draft, texts, names.query, NAME, roles)
    first = roles.index("user") if "user" in roles else -1
    used = {names.query, *filling.names} & body.keys()
    for i, (role, text, place, after) in enumerate(known):
        used.add(str(place[0]))
        content = filling.fill(filling.before + text if i == first else text)
        note = {} if after is None else {NAME: {_INPUT: after}}
        draft.add({"role": role, "content": content, **note}, place, filling.places(content, place))
    if isinstance(body.get(names.after), str) and names.takes_input:
        used.add(names.after)
    if not isinstance(body.get(names.query), str):
        got = describe(body[names.query]) if names.query in body else "nothing"
        draft.fault((names.query,), "messages-missing", f"expected the user's text, got {got}")
    answer = body.get(names.answer)
    if not isinstance(answer, str | None):
        draft.fault((names.answer,), "type-mismatch", f"expected string, got {describe(answer)}")
    return draft.finish(load_keys(body, used, (), NAME), names.query, form=unusual(names, _NAMED) | filling.marks(body))


def turns(body: Mapping[str, Any], names: Names) -> Iterator[tuple[str, Any, Path, str | None]]:
    """Yield the role and the text of each message, where it is, and what of it is under the key ``input``."""
    if isinstance(body.get(names.system), str) and body[names.system]:
        yield "system", body[names.system], (names.system,), None
    for i, pair in enumerate(body["history"] if _is_history(body.get("history")) else ()):
        for j, role in enumerate(("user", "assistant")):
            yield role, pair[j], ("history", i, j), None
    query = body.get(names.query)
    if isinstance(query, str):
        after = body.get(names.after) if names.takes_input else None
        after = after if isinstance(after, str) else None
        yield "user", f"{query}\n{after}" if after else query, (names.query,), after
    if isinstance(body.get(names.answer), str):
        yield "assistant", body[names.answer], (names.answer,), None


def _is_history(history: Any) -> bool:
    return (
        isinstance(history, LIST)
        and bool(history)
        and all(isinstance(pair, LIST) and len(pair) == 2 for pair in history)  # noqa: PLR2004 (of a pair)
        and all(isinstance(text, str) for pair in history for text in pair)
    )


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: media as placeholders and columns."""
    names, media = Names(**told(conversation.form, _NAMED)), dict[str, list[Any]]()
    body: dict[str, Any] = {}
    pairs: list[list[Any]] = []
    for message in noted(conversation):
        role, text = message.get("role"), _text(message, media)
        kept = message.get(NAME, {}).get(_INPUT)
        if role == "system" and not pairs:
            body[names.system] = text
        elif role == "assistant" and pairs and len(pairs[-1]) == 1:
            pairs[-1].append((text, kept))
        else:
            pairs.append([(text, kept)] if role != "assistant" else [("", None), (text, kept)])
    if pairs and isinstance(text := pairs[0][0][0], str):
        pairs[0][0] = (placeholders.question(text, conversation.form), pairs[0][0][1])
    last: list[Any] = pairs.pop() if pairs else [("", None)]
    query, kept = last[0]
    body[names.query] = query = query or ""
    if kept is not None and query.endswith(f"\n{kept}" if kept else ""):
        body[names.query] = query.removesuffix(f"\n{kept}") if kept else query
        body[names.after] = kept
    if len(last) > 1:
        body[names.answer] = last[1][0]
    if pairs:
        body["history"] = [[text or "" for text, _ in (*pair, *[("", None)] * (2 - len(pair)))] for pair in pairs]
    body |= placeholders.in_columns(media, conversation.form)
    return body | without_keys(dump_keys(conversation.extra, (), NAME), *body)


def _text(message: Mapping[str, Any], media: dict[str, list[Any]]) -> Any:
    content = message.get("content")
    return placeholders.empty(content, media, NAME) if isinstance(content, list) else content


FORMAT = Format(
    name=NAME,
    title="Alpaca: {instruction, input, output, system, history}, {query, response} and the like: one exchange a row",
    source="LLaMA-Factory data/README.md; ms-swift Custom-dataset.md; Axolotl inst_tune.qmd",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts=LLAMA_FACTORY.parts,
        roles=("system", "user", "assistant"),
        open="rows",
        call_ids=False,
        texts_apart=False,
    ),
    media_in_columns=True,
    usual=usual,
    signs=frozenset((*QUERIES, SIGN)),
    list_key="instruction",
    preference="alpaca",
)
