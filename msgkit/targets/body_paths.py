"""
Paths in the body of a request, as targets write them: ``stream_options``, ``tools[type=web_search*].name``.

- A name stands for a key, also where that is spelled in snake_case; several are separated by ``|``, ``*`` is each key.
- ``[]`` stands for each entry of a list.
- ``[key=value]`` stands for an object, or for the objects in a list, whose key has this value: a shell pattern, several
  separated by ``|``, an empty one for a key that is absent; ``[=value]`` for values that are this themselves.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from msgkit.errors import Path
from msgkit.jsontext.values import LIST, OBJECT

T = TypeVar("T")
Enough = Callable[[T], frozenset[type]]

_STEP = re.compile(r"([^.\[\]]+)(\[(?:([^=\]]*)=([^\]]*))?\])?(?:\.(?!$)|$)")


class _Step(NamedTuple):
    names: frozenset[str]  # in either spelling
    each: bool  # of a list
    key: str  # of an object that must have one of *values*
    values: frozenset[str]  # none of them for any
    patterns: tuple[str, ...]  # as values, with wildcards
    is_conditional: bool  # whether there are values or patterns

    def takes(self, value: Any) -> bool:
        """Return whether a value is one that the brackets stand for."""
        if not self.is_conditional:
            return True
        if self.key:
            if not isinstance(value, OBJECT):
                return False
            value = value.get(self.key)
        text = value if type(value) is str else _text(value)
        is_one = text in self.values
        return is_one or (bool(self.patterns) and any(fnmatchcase(text, pattern) for pattern in self.patterns))


class Tree(Generic[T]):
    """What is said of paths: of the value itself, and by the first step of what is in it."""

    __slots__ = ("_by_key", "_enough", "inner", "said")

    def __init__(self, enough: Enough[T], inner: "dict[_Step, Tree[T]] | None" = None) -> None:
        self.said: list[T] = []
        self.inner: dict[_Step, Tree[T]] = {} if inner is None else inner
        self._enough = enough
        self._by_key: dict[str, _Branches[T]] | None = None

    def values(self, value: Any, at: Path = ()) -> list[tuple[Path, Any, T]]:
        """Return the values of a body that something is said of: where each is, itself, and what is said."""
        values: list[tuple[Path, Any, T]] = []
        _collect(self, value, at, values)
        return values

    def below(self, name: str) -> "Tree[T]":
        """Return the tree of what is in one key."""
        return Tree(self._enough, {step: tree for step, tree in self.inner.items() if name in step.names})

    def by_key(self) -> "dict[str, _Branches[T]]":
        """Return what is said of values by their keys."""
        if self._by_key is None:
            self._by_key = {name: self._branches(name) for step in self.inner for name in step.names}
        return self._by_key

    def is_silent(self, value: Any) -> bool:
        """Fast check: True only if nothing is said of what is in a value."""
        by_key = self.by_key()
        return type(value) is dict and "*" not in by_key and by_key.keys().isdisjoint(value)

    def _branches(self, name: str) -> "_Branches[T]":
        branches = [(step, tree) for step, tree in self.inner.items() if not step.names.isdisjoint((name, "*"))]
        of_value = [tree for step, tree in branches if not step.each]
        of_entries = [pair for pair in branches if pair[0].each]
        said = [self._enough(one) for tree in of_value for one in tree.said]
        if any(step.is_conditional for step, _ in of_entries):
            said.append(frozenset())
        return of_value, _Entries(of_entries) if of_entries else None, _SCALARS.intersection(*said)


class _Entries(Generic[T]):
    """What is said of the entries of a list, or of the value where it is none; kept for each type of entry."""

    __slots__ = ("_every", "_kept", "_key", "_steps", "conditional")

    def __init__(self, steps: list[tuple[_Step, Tree[T]]]) -> None:
        conditional = [pair for pair in steps if pair[0].is_conditional]
        keys = {step.key for step, _ in conditional}
        self._steps = steps
        self._key = next(iter(keys)) if len(keys) == 1 else ""  # by which alone entries are told apart
        self._every = [tree for _, tree in steps] if not conditional else None  # taken by each entry
        self._kept: dict[str, list[Tree[T]]] = {}
        self.conditional: _Entries[T] = self if len(conditional) == len(steps) else _Entries(conditional)

    def of(self, value: Any) -> list[Tree[T]]:
        """Return the trees of what is said of an entry."""
        if self._every is not None:
            return self._every
        word = value.get(self._key) if self._key and type(value) is dict else None
        if type(word) is not str or len(word) > _MOST_KEPT:
            return [tree for step, tree in self._steps if step.takes(value)]
        trees = self._kept.get(word)
        if trees is None:
            trees = [tree for step, tree in self._steps if step.takes(value)]
            if len(self._kept) < _MOST_KEPT:
                self._kept[word] = trees
        return trees


_MOST_KEPT = 64  # characters of a type, and types of entries; more there are not, but in data that is wrong
_SCALARS: frozenset[type] = frozenset((str, int, float, bool, type(None)))
# said of a value itself, and of the entries of a list; the types of values that nothing need be said of
_Branches = tuple[list[Tree[T]], _Entries[T] | None, frozenset[type]]


def _collect(tree: Tree[T], value: Any, at: Path, values: list[tuple[Path, Any, T]]) -> None:
    for one in tree.said:
        values.append((at, value, one))  # noqa: PERF401 (mostly one or none: a list of them takes twice as long)
    if not tree.inner or not isinstance(value, OBJECT):
        return
    by_key = tree.by_key()
    others = by_key.get("*")
    for key, inner in value.items():
        branches = by_key.get(key, others)
        if branches is None or type(inner) in branches[2]:
            continue
        path = (*at, key)
        of_value, of_entries, _ = branches
        for branch in of_value:
            _collect(branch, inner, path, values)
        if of_entries is not None:
            _collect_entries(of_entries, inner, path, values)


def _collect_entries(of_entries: _Entries[T], value: Any, at: Path, values: list[tuple[Path, Any, T]]) -> None:
    if isinstance(value, LIST):
        for i, one in enumerate(value):
            for tree in of_entries.of(one):
                if tree.said or not tree.is_silent(one):
                    _collect(tree, one, (*at, i), values)
        return
    for tree in of_entries.conditional.of(value):
        _collect(tree, value, at, values)


def _nothing(_: object) -> frozenset[type]:
    return frozenset()


def tree_of(said: Iterable[tuple[str, T]], enough: Enough[T] = _nothing) -> Tree[T]:
    """Return what is said of paths as a tree; *enough* gives the types of values that agree with it by being such."""
    tree: Tree[T] = Tree(enough)
    for path, one in said:
        branch = tree
        for step in steps(path):
            branch = branch.inner.setdefault(step, Tree(enough))
        branch.said.append(one)
    return tree


def values_at(body: Mapping[str, Any], path: str) -> list[Any]:
    """Return the values of a body at a path."""
    return [value for _, value, _ in lone(path).values(body)]


@lru_cache(maxsize=256)
def lone(path: str) -> Tree[None]:
    """Return the tree of one path."""
    return tree_of([(path, None)])


def steps(path: str) -> tuple[_Step, ...]:
    """Return the steps of a path; raise ValueError where it is none."""
    if not path or _STEP.sub("", path):
        raise ValueError(f"expected a path such as 'tools[type=function].name', got {path!r}")
    return tuple(_step(*match) for match in _STEP.findall(path))


def _step(names: str, brackets: str, key: str, values: str) -> _Step:
    wanted = values.split("|") if "=" in brackets else []
    patterns = tuple(value for value in wanted if "*" in value or "?" in value)
    return _Step(_spellings(names), bool(brackets), key, frozenset(wanted) - {*patterns}, patterns, bool(wanted))


def _spellings(names: str) -> frozenset[str]:
    return frozenset(one for name in names.split("|") for one in (name, re.sub(r"(?<=[a-z])[A-Z]", _lower, name)))


def _lower(capital: re.Match[str]) -> str:
    return f"_{capital[0].lower()}"


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool | int) else "\0"
