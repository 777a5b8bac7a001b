"""Rows that the tests of pipelines share."""

import pytest


@pytest.fixture
def source(tmp_path):
    """A file of a thousand rows, written as msgkit writes them."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(b'{"n":%d}\n' % n for n in range(1000)))
    return path
