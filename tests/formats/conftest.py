"""What the tests of formats share: openai-harmony with its vocabulary."""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

import pytest

VOCABULARY = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"  # whose hash names the file


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory):
    """The folder with the vocabulary that openai-harmony asks for, which an installed litellm brings along."""
    if "TIKTOKEN_ENCODINGS_BASE" not in os.environ:
        found = importlib.util.find_spec("litellm")
        if found is None or found.origin is None:
            pytest.skip("no vocabulary: set TIKTOKEN_ENCODINGS_BASE, or install litellm")
        name = hashlib.sha1(VOCABULARY.encode(), usedforsecurity=False).hexdigest()
        source = Path(found.origin).parent / "litellm_core_utils" / "tokenizers" / name
        if not source.is_file():
            pytest.skip("no vocabulary: this litellm has none")
        folder = tmp_path_factory.mktemp("vocabulary")
        shutil.copy(source, folder / "o200k_base.tiktoken")
        os.environ["TIKTOKEN_ENCODINGS_BASE"] = str(folder)
    return Path(os.environ["TIKTOKEN_ENCODINGS_BASE"])


@pytest.fixture(scope="session")
def harmony(vocabulary):  # noqa: ARG001 (what the encoding reads, in a folder that the environment names)
    """The encoding of openai-harmony: it renders and parses."""
    judge = pytest.importorskip("openai_harmony")
    return judge.load_harmony_encoding(judge.HarmonyEncodingName.HARMONY_GPT_OSS)
