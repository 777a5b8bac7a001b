"""
Rules read values and report; they open nothing.

``run`` checks one loaded row. The table of rules explains each code; ``fix`` applies the safe fixes.

>>> CODES["audio-data-url"].severity, CODES["audio-data-url"].fixable
('error', True)
"""

from msgkit.rules.base import Rule
from msgkit.rules.batch import BatchFile, BatchLine, batch_line
from msgkit.rules.fixes import UNSAFE, fix
from msgkit.rules.runner import checks_for, order, run, run_across, unloaded
from msgkit.rules.table import CODES, FAMILIES, told

__all__ = [
    "CODES",
    "FAMILIES",
    "UNSAFE",
    "BatchFile",
    "BatchLine",
    "Rule",
    "batch_line",
    "checks_for",
    "fix",
    "order",
    "run",
    "run_across",
    "told",
    "unloaded",
]
