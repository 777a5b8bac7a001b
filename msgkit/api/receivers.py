"""Who receives a row: the target and the model that the caller names, or that the row itself tells."""

from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import NamedTuple

import attrs

from msgkit import formats, targets
from msgkit.formats.batch import MODEL_KEYS
from msgkit.model.messages import Conversation
from msgkit.targets import Target

_LONGEST = 200  # characters of the name of a model that are looked at


class Receiver(NamedTuple):
    """A target and a model; what is None, each row tells by its format and its own ``model``."""

    target: str | None = None  # a name or a TOML file, as ``targets.get`` takes it
    model: str | None = None  # as providers and gateways write it

    @property
    def name(self) -> str:
        """What reports call it; empty where the rows decide."""
        return " ".join(filter(None, (self.target, self.model)))

    def check(self) -> None:
        """Read the target, if one is named."""
        if self.target is not None:
            targets.get(self.target)

    def of(self, conversation: Conversation) -> Target:
        """Return the target that a row goes to."""
        envelope = conversation.envelope
        format_name = envelope.format if envelope is not None else formats.DEFAULT
        own = model_of(conversation) if conversation.extra else None
        find = _find if self.target is not None and self.target.endswith(".toml") else _find_once  # files may change
        return find(self.target, self.model, format_name, own)


def _find(name: str | None, model: str | None, format_name: str, row_model: str | None) -> Target:
    likely = formats.get(format_name).target
    if name is None and model is None and row_model is not None:
        name = _elsewhere(targets.get(likely), row_model)
    any_ = likely if model is None else target_with(model, likely)
    chosen = any_ if name is None else _endpoint(name, format_name)
    if model is not None:
        return targets.get(chosen, model)
    target = targets.get(chosen)
    if target.models and (chosen == likely or target.format == format_name or format_name in target.also):
        target = targets.get(chosen, row_model)  # else the row's model is one of another API
    if name in (None, chosen) or target.extends == name:
        return target
    own = targets.get(name)  # a server of its own numbers its own items, and has settings of its own
    return attrs.evolve(
        target, items=own.items, settings=own.settings if own.request.closed is None else target.settings
    )


_find_once = lru_cache(maxsize=4_096)(_find)


def _elsewhere(likely: Target, model: str) -> str | None:
    """Return who receives a row whose model is not that of its format's own receiver, None where it may be."""
    called = model[:_LONGEST].lower()
    takes = (name for name, models in likely.elsewhere.items() if any(fnmatchcase(called, one) for one in models))
    return next(takes, None)


def _endpoint(name: str, format_name: str) -> str:
    """Return a target, or the one of another API of the same receiver, where the format is that one's."""
    target = targets.get(name)
    is_other = format_name in target.also and name in targets.NAMES  # a file of one's own holds for all its formats
    return target.apis.get(format_name, name) if is_other else name


def model_of(conversation: Conversation) -> str | None:
    """Return the model that a request body names."""
    for key in MODEL_KEYS:
        model = conversation.extra.get(key)
        if isinstance(model, str) and model:
            return model
    return None


def target_with(model: str, likely: str) -> str:
    """Return the target that knows a model: *likely* if it does or none does, else the first."""
    return next((name for name in (likely, *_by_format()) if targets.get(name, model).model is not None), likely)


@cache
def _by_format() -> tuple[str, ...]:
    """Every target, those that a format is named like first."""
    return tuple(sorted(targets.NAMES, key=lambda name: targets.get(name).format != name))


def receivers(names: list[str], models: list[str]) -> tuple[Receiver, ...]:
    """Return who receives the rows: each target with those of the models that it knows, or alone if it knows none."""
    if not names:
        return tuple(Receiver(None, model) for model in dict.fromkeys(models)) or (Receiver(),)
    chosen: list[Receiver] = []
    strange = [model for model in models if all(targets.get(name, model).model is None for name in names)]
    for name in dict.fromkeys(names):
        own = [model for model in models if model in strange or targets.get(name, model).model is not None]
        chosen += [Receiver(name, model) for model in dict.fromkeys(own)] or [Receiver(name)]
    return tuple(chosen)
