"""
Steps: picklable callables, row -> row. Every engine maps them: ``map``, datasets, Ray Data, msgkit's own pipeline.

>>> rows = [{"messages": [{"role": "user", "content": "Hello"}]}, {"messages": [{"role": "usr", "content": "Hello"}]}]
>>> [row["msgkit_issues"] for row in map(Check(errors="column"), rows)]
[[], [{'path': 'messages[0].role', ...}]]
"""

from msgkit.pipeline.steps import COLUMN, Chain, Check, Convert, Extract, Inline, Outcome, Step, issues_of

__all__ = ["COLUMN", "Chain", "Check", "Convert", "Extract", "Inline", "Outcome", "Step", "issues_of"]
