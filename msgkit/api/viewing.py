"""for_replay, user_visible, for_training."""

from collections.abc import Callable
from typing import TypeVar, cast

from msgkit.api.loading import dump, load
from msgkit.conversion import projections
from msgkit.conversion.projections import Rule
from msgkit.model.messages import Conversation

P = TypeVar("P")


def for_replay(payload: P, rule: Rule = "documented") -> P:
    """
    Return what to send for the next answer: without the reasoning that led to answers given already.

    Args:
        payload: A row, or a Conversation; the same comes back.

        rule: ``documented``: what was thought before the last final message goes, the turn in progress keeps it
            (openai/harmony ``docs/format.md``). ``library``: only what was thought before the first final message goes,
            and only when the assistant spoke last on final (openai-harmony 0.0.8).

    >>> for_replay([{"role": "assistant", "content": "Hi", "reasoning": "Greet."}, {"role": "user", "content": "Bye"}])
    [{'role': 'assistant', 'content': 'Hi'}, {'role': 'user', 'content': 'Bye'}]
    """
    return _viewed(payload, lambda conversation: projections.for_replay(conversation, rule))


def user_visible(payload: P) -> P:
    """
    Return what the user may see: what was asked, answers, and preambles of calls; no reasoning, calls or results.

    Nothing but text, media, refusals and names is kept, so that nothing leaks by way of an unknown key or part.

    Args:
        payload: A row, or a Conversation; the same comes back.

    >>> user_visible([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}])
    [{'role': 'user', 'content': 'Hello'}]
    """
    return _viewed(payload, projections.user_visible)


def for_training(payload: P) -> P:
    """
    Return an example to train on: only the last turn with its reasoning, its answer ending in ``<|return|>``.

    The ending shows in Harmony's text; stored histories end every message with ``<|end|>``.

    Args:
        payload: A row, or a Conversation; the same comes back.

    >>> for_training("<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|end|>")
    '<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>'
    """
    return _viewed(payload, projections.for_training)


def _viewed(payload: P, view: Callable[[Conversation], Conversation]) -> P:
    if isinstance(payload, Conversation):
        return cast(P, view(payload))
    return cast(P, dump(view(load(payload))))
