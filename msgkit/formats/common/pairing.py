"""Which result answers which call, where ids may be left out."""

from typing import Self

import attrs

from msgkit.formats.common.calls import minted


@attrs.define
class Pairing:
    """Calls are numbered as they come; results without an id answer the calls of their function in order."""

    number: int = 0
    names: dict[str, str] = attrs.field(factory=dict)
    pending: dict[str, list[str]] = attrs.field(factory=dict)
    unwritten: set[str] = attrs.field(factory=set)

    def copy(self) -> Self:
        """Return one that can go on by itself."""
        pending = {name: list(ids) for name, ids in self.pending.items()}
        return type(self)(self.number, dict(self.names), pending, set(self.unwritten))

    def call(self, name: str, known: str | None) -> str:
        """Note a call of function *name*; return its id, minted when it is not *known*."""
        self.number += 1
        found = known if known is not None else minted(self.number)
        self.names[found] = name
        self.pending.setdefault(name, []).append(found)
        return found

    def is_minted(self, name: str) -> bool:
        """Tell whether this is what the call noted last gets as its id anyhow."""
        return name == minted(self.number)

    def next(self, name: str | None) -> str | None:
        """Return the id of the first call of function *name* (of any, when None) that has no result yet."""
        if name is not None:
            return next(iter(self.pending.get(name, ())), None)
        waiting = {found for ids in self.pending.values() for found in ids}
        return next((found for found in self.names if found in waiting), None)

    def answer(self, found: str | None) -> None:
        """Note that a call has its result."""
        waiting = self.pending.get(self.names.get(found or "", ""))
        if waiting and found in waiting:
            waiting.remove(found)
