"""What a target says of roles, parts, names, calls, channels and text: values with their sources."""

from collections.abc import Mapping
from typing import NamedTuple

from msgkit.targets.limits import Fact


class Roles(NamedTuple):
    """Which roles there are, and in which order."""

    allowed: Fact[tuple[str, ...]]  # roles that the target takes, after conversion to its format
    start: Fact[tuple[str, ...]] | None = None  # roles that may come first after the system prompt, None for any
    alone: Fact[tuple[str, ...]] | None = None  # roles that a conversation of one message may have, None for any
    # for each role, those that may follow it; None for no order
    after: Fact[Mapping[str, tuple[str, ...]]] | None = None
    # True when user and assistant take turns, so that the API merges two of one role
    alternates: Fact[bool] | None = None
    # even, odd: roles at even and at odd places, counted from 0 after the system prompt; None for any
    even: Fact[tuple[str, ...]] | None = None
    odd: Fact[tuple[str, ...]] | None = None
    pairs: Fact[bool] | None = None  # True when the number of messages after the system prompt must be even
    # roles of which a conversation needs at least one message, None for any
    required: Fact[tuple[str, ...]] | None = None
    prefill: Fact[bool] | None = None  # False when the last message must not be the assistant's
    system_in_middle: Fact[bool] | None = None  # False when a system message may be only before the others
    # roles, in the format's own words, that are in its list of messages; None for any
    listed: Fact[tuple[str, ...]] | None = None
    # who refuses two messages of one role in a row, as a sentence; None where nobody is known to
    refuse_neighbours: Fact[str] | None = None
    doubtful: Fact[tuple[str, ...]] | None = None  # roles that some of the models do not know
    # True when the answer in progress must begin with thinking where the request asks for it
    thinking_first: Fact[bool] | None = None


class Parts(NamedTuple):
    """The part types that each role's content may hold, by their names in Chat Completions and Harmony."""

    # system, developer, user, assistant, tool: part types, such as ``text`` and ``image_url``
    system: Fact[tuple[str, ...]]
    developer: Fact[tuple[str, ...]]
    user: Fact[tuple[str, ...]]
    assistant: Fact[tuple[str, ...]]
    tool: Fact[tuple[str, ...]]
    single_refusal: Fact[bool] | None = None  # True when a list with a refusal may hold nothing else
    # types, or keys where parts have none, in the format's own words, that are refused where the format does not
    # define them: in another role's message, or in another shape
    refused: Fact[tuple[str, ...]] | None = None

    def of(self, role: str) -> Fact[tuple[str, ...]] | None:
        """Return the part types of *role*, None for a role without a row here."""
        fact: Fact[tuple[str, ...]] | None = getattr(self, role, None) if role in _ROLE_ROWS else None
        return fact


_ROLE_ROWS = frozenset({"system", "developer", "user", "assistant", "tool"})


class Names(NamedTuple):
    """What names must look like."""

    author: Fact[str] | None = None  # regular expression that an author's name matches as a whole, None for any
    tool: Fact[str] | None = None  # the same for the author's name of a tool message in Chat Completions
    function: Fact[str] | None = None  # regular expression that a function's name matches as a whole, None for any


class Keys(NamedTuple):
    """Keys beyond those of the values that are no news: the target defines or ignores them."""

    # message, part, call: of a message, a content part, a tool call
    message: Fact[tuple[str, ...]] | None = None
    part: Fact[tuple[str, ...]] | None = None
    call: Fact[tuple[str, ...]] | None = None
    reasoning: Fact[bool] | None = None  # False where a message has no reasoning, under whatever name
    # values of the key ``weight`` of an assistant message, as JSON; None where it may be anything
    weights: Fact[tuple[str, ...]] | None = None


class Tools(NamedTuple):
    """Rules for tool calls and their results."""

    id_pattern: Fact[str] | None = None  # regular expression that a call id matches as a whole, None for any
    id_max: Fact[int] | None = None  # longest call id, in characters
    author_name: Fact[bool] | None = None  # True when a tool message needs an author name
    types: Fact[tuple[str, ...]] | None = None  # the types of calls taken
    max_calls: Fact[int] | None = None  # most calls in one message
    max_tools: Fact[int] | None = None  # most tools that a request declares
    unique_names: Fact[bool] | None = None  # True when two tools of one name are refused
    taken: Fact[bool] | None = None  # False when the model takes no tools
    one_result: Fact[bool] | None = None  # True when one result answers all calls of the message before it
    results_together: Fact[bool] | None = None  # True when the results of one message's calls come in one message
    empty_result: Fact[bool] | None = None  # True when a result needs no content
    # key that the first call of each answer of a turn in progress must have beside it
    signature: Fact[str] | None = None
    object_schema: Fact[bool] | None = None  # True when that schema must be of the type object
    array_items: Fact[bool] | None = None  # True when an array in it must say what its items are
    # what a strict schema must say of each object: ``additionalProperties``, ``required``
    strict: Fact[tuple[str, ...]] | None = None


class Items(NamedTuple):
    """Rules for the items of a list that holds messages, calls and results each by itself."""

    id_prefix: Fact[Mapping[str, tuple[str, ...]]] | None = None  # type of an item -> what its id begins with
    required: Fact[Mapping[str, tuple[str, ...]]] | None = None  # type of an item -> keys that it must have
    followed: Fact[tuple[str, ...]] | None = None  # types of items that the model made together with the next item


class Channels(NamedTuple):
    """Rules for channels."""

    required: Fact[tuple[str, ...]] | None = None  # roles whose messages need a channel


class Text(NamedTuple):
    """Rules for text."""

    special_tokens: Fact[tuple[str, ...]] | None = None  # control tokens that text must not spell
    empty_refused: Fact[bool] | None = None  # True when the API refuses empty text
    trailing_space_refused: Fact[bool] | None = None  # True when the last assistant text must not end in white space
    # True when each entry of a media column needs a placeholder; else those of a column without any belong before the
    # first question
    placeholders: Fact[bool] | None = None
