"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("msgkit", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("msgkit")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return ROOT / "examples"
