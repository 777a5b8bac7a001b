"""What all tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no fault of the code; continuous integration draws the same examples each time.
hypothesis.settings.register_profile("msgkit", deadline=None, max_examples=30, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("msgkit")

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True, scope="session")
def sigint() -> Iterator[None]:
    """Take SIGINT: a shell has it ignored in what it starts with ``&``, and processes that tests start inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return ROOT / "examples"


@pytest.fixture
def unreadable(monkeypatch):
    """Make every file named locked.png unreadable, also for root."""
    opening = os.open

    def refuse(path, *args, **kwargs):
        if str(path).endswith("locked.png"):
            raise PermissionError(13, "Permission denied")
        return opening(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "supports_dir_fd", os.supports_dir_fd | {refuse})
