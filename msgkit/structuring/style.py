"""Marks of how a value was written, where that has no meaning: kept in ``form`` so that it goes back out the same."""

STRING = "(string)"  # form: written as a plain string where an object is usual
NESTED = "(author)"  # form: role and name in an author object
REASONING = "reasoning_content"  # form: this key and not "reasoning"
ROLE_ALIASES = {"human": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
OWN_FIELDS = frozenset(("extra", "form", "changes"))  # of a class, not of its JSON object


class _Form(str):
    """A key that no JSON text can hold: equal to itself alone."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


FORM: str = _Form("(form)")
"""The key under which a format hands over a value's ``form`` beside its JSON keys; see ``dump_value(noted=True)``."""
