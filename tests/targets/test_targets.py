"""Targets are data: complete, sourced, strict."""

import re
import tomllib
from pathlib import Path

import attrs
import pytest

from msgkit import targets
from msgkit.errors import InvalidMessageError, UnknownNameError
from msgkit.targets import Fact, Target

FOLDER = Path(targets.__file__).parent


def facts(value, path=""):
    if isinstance(value, Fact):
        yield path, value
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from facts(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from facts(inner, f"{path}[{key}]")


def test_there_is_a_target_for_each_place_that_requests_go_to():
    assert targets.NAMES == ("anthropic", "gemini", "harmony", "mistral", "openai", "vllm")


@pytest.mark.parametrize("name", targets.NAMES)
def test_each_value_names_its_source_and_date(name):
    found = list(facts(targets.get(name)))
    assert len(found) > 10
    for path, fact in found:
        assert len(fact.source) > 5, path
        assert not fact.source.endswith(".toml"), path
        assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", fact.as_of), path
        assert isinstance(fact.verified, bool), path


@pytest.mark.parametrize("name", targets.NAMES)
def test_each_pattern_compiles(name):
    target = targets.get(name)
    for fact in (target.names.author, target.names.tool, target.names.function, target.tools.id_pattern):
        assert fact is None or re.compile(fact.value)


@pytest.mark.parametrize("name", targets.NAMES)
def test_a_severity_is_set_only_for_a_code_that_there_is(name):
    from msgkit import rules

    assert set(targets.get(name).severity) <= set(rules.CODES)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [  # from the documents, see each source
        ("anthropic", "images.max_bytes", 5 * 1024 * 1024),
        ("anthropic", "images.max_width", 8000),
        ("anthropic", "images.many_count", 20),
        ("anthropic", "images.many_side", 2000),
        ("anthropic", "images.max_count", 100),
        ("anthropic", "images.best_side", 1568),
        ("anthropic", "request.max_bytes", 32 * 1024 * 1024),
        ("openai", "images.max_bytes", 20 * 1024 * 1024),
        ("openai", "images.max_count", 500),
        ("openai", "request.max_bytes", 50 * 1024 * 1024),
        ("openai", "tools.id_max", 40),
        ("openai", "audio.formats", ("wav", "mp3")),
        ("vllm", "audio.max_seconds", 600.0),
        ("mistral", "tools.id_pattern", "[a-zA-Z0-9]{9}"),
        ("harmony", "tools.author_name", True),
        ("gemini", "tokens.audio_per_second", 32.0),
    ],
)
def test_limits_are_those_of_the_documents(name, path, value):
    section, limit = path.split(".")
    assert getattr(getattr(targets.get(name), section), limit).value == value


def test_anthropic_counts_the_base64():
    assert targets.get("anthropic").images.bytes_as == "base64"


def test_what_nobody_confirmed_says_so():
    assert targets.get("openai").images.max_count.verified is False
    assert targets.get("anthropic").images.max_bytes.verified is True


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'anthropic'"):
        targets.get("antropic")


# a user's own target


def own(tmp_path, text, name="mine.toml"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_own_target_holds_only_what_differs(tmp_path):
    file = own(tmp_path, 'name = "mine"\nextends = "openai"\n[images]\nmax_bytes = 1000\nas_of = "2026"\n')
    mine, base = targets.get(str(file)), targets.get("openai")
    assert mine.name == "mine"
    assert mine.images.max_bytes == Fact(1000, "mine.toml", "2026")
    assert mine.images.media_types == base.images.media_types
    assert mine.parts == base.parts


def test_own_target_need_not_say_source_and_date(tmp_path):
    mine = targets.get(own(tmp_path, 'extends = "vllm"\n[images]\nmax_bytes = 1000\n'))
    assert mine.images.max_bytes == Fact(1000, "mine.toml", "")


def test_own_target_may_be_a_path(tmp_path):
    assert targets.get(own(tmp_path, 'extends = "openai"\ntitle = "T"\n')).title == "T"


def test_own_target_may_drop_limits(tmp_path):
    file = own(tmp_path, 'extends = "openai"\nwithout = ["images.max_count", "tools.id_max"]\n')
    mine = targets.get(file)
    assert mine.images.max_count is None
    assert mine.tools.id_max is None


def test_own_target_may_extend_another_own_one(tmp_path):
    own(tmp_path, 'extends = "anthropic"\n[images]\nas_of = "2026"\nmax_count = 5\n', "base.toml")
    mine = targets.get(own(tmp_path, 'extends = "base.toml"\n[images]\nas_of = "2026"\nmax_bytes = 7\n'))
    assert (mine.images.max_count.value, mine.images.max_bytes.value, mine.images.bytes_as) == (5, 7, "base64")


@pytest.mark.parametrize(
    ("text", "path", "word"),
    [
        ('extends = "openai"\n[images]\nas_of = "2026"\nmax_bytes = "big"', "images.max_bytes.value", "integer"),
        ('extends = "openai"\n[images]\nas_of = "2026"\nmax_bytes = true', "images.max_bytes.value", "integer"),
        ('extends = "openai"\n[images]\nas_of = "2026"\nmax_byts = 5', "images.max_byts", "unknown key"),
        ('extends = "openai"\n[picture]\nas_of = "2026"\nmax_bytes = 5', "picture", "unknown key"),
        ('extends = "openai"\n[images]\nbytes_as = "gross"', "images.bytes_as", ""),
        ('extends = "openai"\n[parts]\nas_of = "2026"\nuser = "text"', "parts.user.value", "array of strings"),
        ('extends = "openai"\n[images]\nmax_bytes = { value = 5, since = 3 }', "images.max_bytes", ""),
        ('extends = "openai"\nwithout = ["images.nothing"]', "without", "images.nothing"),
        ("extends = 5", "extends", "name of a target"),
        ("extends = [", "", "TOML"),
        ('name = "x"', "title", "missing"),
    ],
)
def test_a_bad_file_is_refused_with_the_path_of_the_fault(tmp_path, text, path, word):
    with pytest.raises(InvalidMessageError) as caught:
        targets.get(own(tmp_path, text))
    told = {issue.path: issue.message for issue in caught.value.issues}
    assert any(at == path or at.startswith(f"{path}.") for at in told), told
    assert word in " ".join(told.values())


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    text = (
        'extends = "openai"\n[images]\nas_of = "2026"\nmax_bytes = "big"\nmax_count = "many"\n[tools]\nid_max = -1.5\n'
    )
    with pytest.raises(InvalidMessageError) as caught:
        targets.get(own(tmp_path, text))
    assert len([issue for issue in caught.value.issues if issue.path.endswith("value")]) == 3


def test_a_missing_file_is_refused():
    with pytest.raises(InvalidMessageError, match=r"[Nn]o such file"):
        targets.get("nowhere.toml")


def test_files_that_extend_each_other_are_refused(tmp_path):
    own(tmp_path, 'extends = "b.toml"', "a.toml")
    with pytest.raises(InvalidMessageError, match="extends"):
        targets.get(own(tmp_path, 'extends = "a.toml"', "b.toml"))


def test_to_add_a_target_is_to_add_one_file():
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(targets.NAMES)
    for name in targets.NAMES:
        assert tomllib.loads((FOLDER / f"{name}.toml").read_text())["name"] == name
        assert isinstance(targets.get(name), Target)


# tokens


@pytest.mark.parametrize(
    ("model", "width", "height", "detail", "tokens"),
    [  # the examples of OpenAI's guide
        (None, 1024, 1024, "high", 765),
        (None, 2048, 4096, "high", 1105),
        (None, 4096, 8192, "low", 85),
        ("gpt-4o-mini", 1024, 1024, "low", 2833),
        ("o3", 1024, 1024, "high", 75 + 4 * 150),
        ("gpt-5", 1024, 1024, "high", 70 + 4 * 140),
    ],
)
def test_openai_tiles(model, width, height, detail, tokens):
    assert targets.image_tokens(targets.get("openai"), width, height, detail=detail, model=model) == tokens


def test_openai_patches_are_scaled_to_fit():
    # 1800 x 2400 -> 33 x 44 patches = 1452, times 1.62
    assert targets.image_tokens(targets.get("openai"), 1800, 2400, model="gpt-4.1-mini") == 2353
    assert targets.image_tokens(targets.get("openai"), 1024, 1024, model="gpt-4.1-mini") == 1659


def test_a_longer_model_name_wins():
    openai = targets.get("openai")
    mini = targets.image_tokens(openai, 512, 512, model="gpt-4o-mini-2024-07-18")
    assert mini == 2833 + 5667
    assert targets.image_tokens(openai, 512, 512, model="gpt-4o") == 85 + 170


def test_anthropic_counts_area_after_scaling_down():
    anthropic = targets.get("anthropic")
    assert targets.image_tokens(anthropic, 1000, 1000) == 1334
    assert targets.image_tokens(anthropic, 3136, 3136) == targets.image_tokens(anthropic, 1568, 1568)


def test_gemini_counts_tiles_and_seconds():
    gemini = targets.get("gemini")
    assert targets.image_tokens(gemini, 300, 300) == 258
    assert targets.image_tokens(gemini, 1000, 700) == 516
    assert targets.audio_tokens(gemini, 2.5) == 80


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 65535), (65535, 1), (1536 * 40, 7)])
@pytest.mark.parametrize("model", [None, "gpt-4.1-mini"])
def test_cve_2026_22773_odd_shapes_have_a_token_count(width, height, model):
    assert targets.image_tokens(targets.get("openai"), width, height, model=model) > 0


def test_no_formula_is_no_number():
    assert targets.image_tokens(targets.get("harmony"), 10, 10) is None
    assert targets.audio_tokens(targets.get("openai"), 10) is None


def test_a_limit_can_be_adjusted():
    small = targets.adjust(targets.get("openai"), {"request.max_messages": 1})
    assert small.request.max_messages.value == 1
    with pytest.raises(UnknownNameError, match=r"request\.max_messages"):
        targets.adjust(targets.get("openai"), {"request.max_mesages": 1})


def test_a_file_is_read_once_and_again_when_it_is_another(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "openai"\nname = "mine"\n')
    first = targets.get(str(path))
    assert targets.get(str(path)) is first
    path.write_text('extends = "anthropic"\nname = "mine too"\n')
    assert targets.get(str(path)).name == "mine too"
