"""Marks of how a value was written, where that has no meaning: kept in ``form`` so that it goes back out the same."""

STRING = "(string)"  # form: written as a plain string where an object is usual
NESTED = "(author)"  # form: role and name in an author object
REASONING = "reasoning_content"  # form: this key and not "reasoning"
ROLE_ALIASES = {"human": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
OWN_FIELDS = frozenset(("extra", "form", "changes"))  # of a class, not of its JSON object
