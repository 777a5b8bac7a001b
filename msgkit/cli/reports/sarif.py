"""Issues as SARIF 2.1.0, which code hosts and editors show; results are written as they come, so memory stays flat."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO
from urllib.parse import quote

from msgkit import __version__, rules
from msgkit.errors import Issue

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
