"""What a target says of roles, parts, names, calls, channels and text: values with their sources."""

from collections.abc import Mapping
from typing import NamedTuple

from msgkit.targets.limits import Fact


class Roles(NamedTuple):
    """
    Which roles there are, and in which order.

    Args:
        allowed: Roles that the target takes, after conversion to its format.

        start: Roles that may come first after the system prompt, None for any.

        alone: Roles that a conversation of one message may have, None for any.

        after: For each role, those that may follow it; None for no order.

        alternates: True when user and assistant take turns, so that the API merges two of one role.

        even, odd: Roles at even and at odd places, counted from 0 after the system prompt; None for any.

        pairs: True when the number of messages after the system prompt must be even.

        required: Roles of which a conversation needs at least one message, None for any.

        prefill: False when the last message must not be the assistant's.

        listed: Roles, in the format's own words, that are in its list of messages; None for any.

        system_in_middle: False when a system message may be only before the others.

        refuse_neighbours: Who refuses two messages of one role in a row, as a sentence; None where nobody is known to.

        doubtful: Roles that some of the models do not know.

        thinking_first: True when the answer in progress must begin with thinking where the request asks for it.
    """

    allowed: Fact[tuple[str, ...]]
    start: Fact[tuple[str, ...]] | None = None
    alone: Fact[tuple[str, ...]] | None = None
    after: Fact[Mapping[str, tuple[str, ...]]] | None = None
    alternates: Fact[bool] | None = None
    even: Fact[tuple[str, ...]] | None = None
    odd: Fact[tuple[str, ...]] | None = None
    pairs: Fact[bool] | None = None
    required: Fact[tuple[str, ...]] | None = None
    prefill: Fact[bool] | None = None
    system_in_middle: Fact[bool] | None = None
    listed: Fact[tuple[str, ...]] | None = None
    refuse_neighbours: Fact[str] | None = None
    doubtful: Fact[tuple[str, ...]] | None = None
    thinking_first: Fact[bool] | None = None


class Parts(NamedTuple):
    """
    The part types that each role's content may hold, by their names in Chat Completions and Harmony.

    Args:
        system, developer, user, assistant, tool: Part types, such as ``text`` and ``image_url``.

        single_refusal: True when a list with a refusal may hold nothing else.

        refused: Types, or keys where parts have none, in the format's own words, that are refused where the format
            does not define them: in another role's message, or in another shape.
    """

    system: Fact[tuple[str, ...]]
    developer: Fact[tuple[str, ...]]
    user: Fact[tuple[str, ...]]
    assistant: Fact[tuple[str, ...]]
    tool: Fact[tuple[str, ...]]
    single_refusal: Fact[bool] | None = None
    refused: Fact[tuple[str, ...]] | None = None

    def of(self, role: str) -> Fact[tuple[str, ...]] | None:
        """Return the part types of *role*, None for a role without a row here."""
        fact: Fact[tuple[str, ...]] | None = getattr(self, role, None) if role in _ROLE_ROWS else None
        return fact


_ROLE_ROWS = frozenset({"system", "developer", "user", "assistant", "tool"})


class Names(NamedTuple):
    """
    What names must look like.

    Args:
        author: Regular expression that an author's name matches as a whole, None for any.

        tool: The same for the author's name of a tool message in Chat Completions.

        function: Regular expression that a function's name matches as a whole, None for any.
    """

    author: Fact[str] | None = None
    tool: Fact[str] | None = None
    function: Fact[str] | None = None


class Keys(NamedTuple):
    """
    Keys beyond those of the values that are no news: the target defines or ignores them.

    Args:
        message, part, call: Of a message, a content part, a tool call.

        reasoning: False where a message has no reasoning, under whatever name.

        weights: Values of the key ``weight`` of an assistant message, as JSON; None where it may be anything.
    """

    message: Fact[tuple[str, ...]] | None = None
    part: Fact[tuple[str, ...]] | None = None
    call: Fact[tuple[str, ...]] | None = None
    reasoning: Fact[bool] | None = None
    weights: Fact[tuple[str, ...]] | None = None


class Tools(NamedTuple):
    """
    Rules for tool calls and their results.

    Args:
        id_pattern: Regular expression that a call id matches as a whole, None for any.

        id_max: Longest call id, in characters.

        author_name: True when a tool message needs an author name.

        types: The types of calls taken.

        max_calls: Most calls in one message.

        max_tools: Most tools that a request declares.

        unique_names: True when two tools of one name are refused.

        taken: False when the model takes no tools.

        one_result: True when one result answers all calls of the message before it.

        results_together: True when the results of one message's calls come in one message.

        empty_result: True when a result needs no content.

        signature: Key that the first call of each answer of a turn in progress must have beside it.

        object_schema: True when that schema must be of the type object.

        array_items: True when an array in it must say what its items are.

        strict: What a strict schema must say of each object: ``additionalProperties``, ``required``.
    """

    id_pattern: Fact[str] | None = None
    id_max: Fact[int] | None = None
    author_name: Fact[bool] | None = None
    types: Fact[tuple[str, ...]] | None = None
    max_calls: Fact[int] | None = None
    max_tools: Fact[int] | None = None
    unique_names: Fact[bool] | None = None
    taken: Fact[bool] | None = None
    one_result: Fact[bool] | None = None
    results_together: Fact[bool] | None = None
    empty_result: Fact[bool] | None = None
    signature: Fact[str] | None = None
    object_schema: Fact[bool] | None = None
    array_items: Fact[bool] | None = None
    strict: Fact[tuple[str, ...]] | None = None


class Items(NamedTuple):
    """
    Rules for the items of a list that holds messages, calls and results each by itself.

    Args:
        id_prefix: Type of an item -> what its id begins with.

        required: Type of an item -> keys that it must have.

        followed: Types of items that the model made together with the next item.
    """

    id_prefix: Fact[Mapping[str, tuple[str, ...]]] | None = None
    required: Fact[Mapping[str, tuple[str, ...]]] | None = None
    followed: Fact[tuple[str, ...]] | None = None


class Channels(NamedTuple):
    """
    Rules for channels.

    Args:
        required: Roles whose messages need a channel.
    """

    required: Fact[tuple[str, ...]] | None = None


class Text(NamedTuple):
    """
    Rules for text.

    Args:
        special_tokens: Control tokens that text must not spell.

        empty_refused: True when the API refuses empty text.

        trailing_space_refused: True when the last assistant text must not end in white space.

        placeholders: True when each entry of a media column needs a placeholder; else those of a column without any
            belong before the first question.
    """

    special_tokens: Fact[tuple[str, ...]] | None = None
    empty_refused: Fact[bool] | None = None
    trailing_space_refused: Fact[bool] | None = None
    placeholders: Fact[bool] | None = None
