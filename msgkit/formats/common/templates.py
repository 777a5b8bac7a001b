r"""
Texts that chat templates other than ChatML render: where messages begin and end, as data.

Only what people and the model said is read; a template that shows calls or results of tools is refused by name. What is
before and after a message is kept as it was written.

Source: tokenizer_config.json (``chat_template``) of Meta-Llama-3-8B-Instruct, Llama-2-7b-chat-hf,
Mistral-7B-Instruct-v0.2 and v0.3, gemma-2-2b-it, Phi-3-mini-4k-instruct and zephyr-7b-beta; the prompt of
stanford_alpaca (``train.py``) and the texts of the data set openassistant-guanaco, which have headings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from msgkit.model.base import Mark

_BETWEEN = "\0"


@attrs.frozen(eq=False, repr=False)
class Turn:
    """How messages are written: of one role, or of the role that the pattern tells."""

    pattern: re.Pattern[str]  # with the groups head, text and tail, and role where there are several
    role: str = ""
    after: tuple[str, ...] | None = None  # roles that the message before may have; None for any


@attrs.frozen(eq=False, repr=False)
class Template:
    """A chat template."""

    name: str
    opening: re.Pattern[str]
    turns: tuple[Turn, ...]
    # role, with the one before it where that matters, or ``""`` for the rest -> what is before and after its messages
    usual: Mapping[str, tuple[str, str]]
    roles: Mapping[str, str]  # a role's name here -> its name in Chat Completions

    def around(self, role: str, before: str = "") -> tuple[str, str]:
        """Return what is usually before and after a message."""
        names = {own: name for name, own in self.roles.items()}
        head, tail = self.usual.get(f"{before} {role}") or self.usual.get(role) or self.usual[""]
        return head.replace("ROLE", names.get(role, role)), tail


def _turn(pattern: str, role: str = "", after: tuple[str, ...] | None = None) -> Turn:
    return Turn(re.compile(pattern, re.DOTALL), role, after)


_ASKED = ("user",)
TEMPLATES: tuple[Template, ...] = (
    Template(
        "llama3",
        re.compile(r"(?:<\|begin_of_text\|>)?(?=<\|start_header_id\|>)"),
        (
            _turn(
                r"(?P<head><\|start_header_id\|>(?P<role>[a-z]+)<\|end_header_id\|>\n\n)(?P<text>.*?)"
                r"(?P<tail><\|eo[tm]_id\|>\n?|(?:<\|end_of_text\|>)?\Z)"
            ),
        ),
        {"": ("<|start_header_id|>ROLE<|end_header_id|>\n\n", "<|eot_id|>")},
        {"system": "system", "user": "user", "assistant": "assistant"},
    ),
    Template(
        "gemma",
        re.compile(r"(?:<bos>)?(?=<start_of_turn>)"),
        (_turn(r"(?P<head><start_of_turn>(?P<role>[a-z]+)\n)(?P<text>.*?)(?P<tail><end_of_turn>\n?|(?:<eos>)?\Z)"),),
        {"": ("<start_of_turn>ROLE\n", "<end_of_turn>\n")},
        {"user": "user", "model": "assistant"},
    ),
    Template(
        "inst",
        re.compile(r"(?=(?:<s>)?\s?\[INST\])"),
        (
            _turn(r"(?P<head>(?:<s>)?\s?\[INST\]\s?<<SYS>>\n)(?P<text>.*?)(?P<tail>\n<</SYS>>\n\n)", "system", ()),
            _turn(r"(?P<head>)(?P<text>.*?)(?P<tail>\s?\[/INST\])", "user", ("system",)),
            _turn(r"(?P<head>(?:<s>)?\s?\[INST\]\s?)(?P<text>.*?)(?P<tail>\s?\[/INST\])", "user"),
            _turn(r"(?P<head>\s?)(?P<text>.*?)(?P<tail>\s?</s>|\Z)", "assistant", _ASKED),
        ),
        {
            "system": ("<s>[INST] <<SYS>>\n", "\n<</SYS>>\n\n"),
            "system user": ("", " [/INST]"),
            "assistant": (" ", " </s>"),
            "": ("<s>[INST] ", " [/INST]"),
        },
        {"system": "system", "user": "user", "assistant": "assistant"},
    ),
    Template(
        "phi",
        re.compile(r"(?:<s>)?(?=<\|(?:system|user)\|>\n)"),
        (
            _turn(
                r"(?P<head><\|(?P<role>[a-z]+)\|>\n)(?P<text>.*?)(?P<tail>(?:<\|end\|>|</s>)\n?|(?:<\|endoftext\|>)?\Z)"
            ),
        ),
        {"": ("<|ROLE|>\n", "<|end|>\n")},
        {"system": "system", "user": "user", "assistant": "assistant"},
    ),
)
_END = r"(?:\s*(?:</s>|<\|endoftext\|>|<\|end_of_text\|>|<eos>))?\s*\Z"


def _headed(name: str, user: str, assistant: str, opening: str, after: str) -> Template:
    """Return a template whose messages have headings: ``### Human: ``."""
    names = f"{user}|{assistant}"
    turn = rf"(?P<head>### (?P<role>{names}):[ \n]?)(?P<text>.*?)(?P<tail>{_END}|\s*(?=### (?:{names}):))"
    usual = {"": (f"### ROLE:{after}", "\n\n" if after == "\n" else "")}
    roles = {user: "user", assistant: "assistant"}
    return Template(name, re.compile(opening + rf"(?=### {user}:)"), (_turn(turn),), usual, roles)


TEMPLATES += (
    _headed("alpaca", "Instruction", "Response", r"(?:Below is an instruction [^#]*)?", "\n"),
    _headed("guanaco", "Human", "Assistant", "", " "),
)
_NAMED = {template.name: template for template in TEMPLATES}


_SPEAKERS = {"Human": "user", "Assistant": "assistant"}
_SPOKEN = re.compile(rf"\n\n({'|'.join(_SPEAKERS)}): ")


def transcript(text: str) -> list[dict[str, Any]]:
    """Return the messages of a transcript, as the data set HH-RLHF has them; none of any other text."""
    start, *pieces = _SPOKEN.split(text)
    names, texts = pieces[::2], pieces[1::2]
    if start or names[:1] != ["Human"] or names[-1:] != ["Assistant"]:
        return []
    return [{"role": _SPEAKERS[name], "content": said} for name, said in zip(names, texts, strict=True)]


def as_transcript(items: list[Any]) -> Any:
    """Return messages as such a text; as they are where they are no texts of people and the model."""
    names = {role: name for name, role in _SPEAKERS.items()}
    pairs = [(names.get(str(item.get("role"))), item.get("content")) for item in items]
    text = "".join(f"\n\n{name}: {said}" for name, said in pairs if name and isinstance(said, str))
    return text if transcript(text) == items else items


def template_of(text: Any) -> Template | None:
    """Return the template that a text begins as; None for others."""
    known = (one for one in TEMPLATES if isinstance(text, str) and one.opening.match(text))
    return next(known, None)


def named(form: frozenset[Mark], mark: Mark) -> Template | None:
    """Return the template that the form of a conversation names."""
    name = mark.find(form)
    return None if name is None else _NAMED.get(name)


def parsed(template: Template, text: str) -> tuple[str, list[tuple[str, str, str]], str]:
    """Return what is before the messages, the role and text of each with what is around it, and what is left."""
    opening = template.opening.match(text)
    start = end = opening.end() if opening else 0
    messages: list[tuple[str, str, str]] = []
    while end < len(text):
        turn = next(_turns(template, text, end, messages[-1][0] if messages else None), None)
        if turn is None:
            break
        role, match = turn
        end = match.end()
        messages.append((role, match["text"], f"{match['head']}{_BETWEEN}{match['tail']}"))
    return text[:start], messages, text[end:]


def _turns(template: Template, text: str, at: int, before: str | None) -> Iterator[tuple[str, re.Match[str]]]:
    for turn in template.turns:
        if turn.after is not None and before not in (turn.after or (None,)):
            continue
        match = turn.pattern.match(text, at)
        if match is None or match.end() == at or not (match["text"] or match["tail"]):
            continue  # the last: what asks for an answer
        role = turn.role or template.roles.get(match["role"])
        if role is not None:
            yield role, match


def rendered(template: Template, messages: Iterable[tuple[str, str, str | None]]) -> str:
    """Return messages, each with what is around it, as it was or as is usual."""
    text, before = "", ""
    for role, said, around in messages:
        head, tail = around.split(_BETWEEN, 1) if around is not None else template.around(role, before)
        text += f"{head}{said}{tail}"
        before = role
    return text
