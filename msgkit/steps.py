"""
Steps: picklable callables, row -> row. Every engine maps them: ``map``, datasets, Ray Data, msgkit's own pipeline.

>>> rows = [{"messages": [{"role": "user", "content": "Hello"}]}, {"messages": [{"role": "usr", "content": "Hello"}]}]
>>> [row["msgkit_issues"] for row in map(Check(errors="column"), rows)]
[[], [{'path': 'messages[0].role', ...}]]
"""

from msgkit.pipeline.steps.base import COLUMN, Chain, Outcome, Step, issues_of
from msgkit.pipeline.steps.checking import Check, Convert
from msgkit.pipeline.steps.inlining import Extract, Inline

__all__ = ["COLUMN", "Chain", "Check", "Convert", "Extract", "Inline", "Outcome", "Step", "issues_of"]
