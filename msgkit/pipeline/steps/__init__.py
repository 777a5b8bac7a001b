"""
Steps: picklable callables, row -> row. Every engine maps them: ``map``, datasets, Ray Data, msgkit's own pipeline.

What a step needs is imported with its first row, so that steps are cheap to make and to send.
They raise only MsgkitError; with ``errors="column"`` they raise nothing and put a row's issues beside it, under
``msgkit_issues``.
"""
