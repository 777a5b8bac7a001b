"""Targets are data: complete, sourced, strict."""

import re
import tomllib
from pathlib import Path

import pytest

from msgkit import formats, targets
from msgkit.errors import InvalidMessageError, MsgkitError, UnknownNameError
from msgkit.targets import Fact, Target
from msgkit.targets.target import shown

FOLDER = Path(targets.__file__).parent


def facts(value, path=""):
    if isinstance(value, Fact):
        yield path, value
    elif isinstance(value, Target) or hasattr(value, "_fields"):
        for field in type(value).__annotations__:
            yield from facts(getattr(value, field), f"{path}.{field}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from facts(inner, f"{path}[{key}]")


def resolved(name):
    """A target of no particular model, and for each of its models."""
    yield targets.get(name)
    for pattern in targets.get(name).models:
        yield targets.get(name, shown(pattern))


@pytest.mark.parametrize("name", formats.FORMATS)
def test_there_is_a_target_for_each_format(name):
    target = formats.get(name).target
    assert targets.get(target).format == name or target == "generic"  # no receiver: what libraries keep


@pytest.mark.parametrize("name", targets.NAMES)
def test_each_pattern_of_a_model_is_the_longest_for_some_name(name):
    for pattern in targets.get(name).models:
        assert targets.get(name, shown(pattern)).model == pattern


@pytest.mark.parametrize("name", targets.NAMES)
def test_each_value_names_its_source_and_date(name):
    found = [item for target in resolved(name) for item in facts(target)]
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
        ("anthropic", "images.max_count", 600),
        ("anthropic", "images.best_side", 1568),
        ("anthropic", "request.max_bytes", 32 * 1024 * 1024),
        ("openai", "images.max_bytes", 20 * 1024 * 1024),
        ("openai", "images.max_count", 1500),
        ("azure", "images.max_count", 50),
        ("bedrock", "images.max_count", 20),
        ("openai", "request.max_bytes", 50 * 1024 * 1024),
        ("openai", "tools.id_max", 40),
        ("openai", "audio.formats", ("wav", "mp3")),
        ("vllm", "audio.max_seconds", 600.0),
        ("responses", "tools.id_max", 64),
        ("anthropic", "request.max_cache_control", 4),
        ("gemini", "request.max_bytes", 100 * 1024 * 1024),
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
    assert targets.get("openai").images.max_bytes.verified is False
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


# models of a user's own target


def test_a_model_overrides_what_differs(tmp_path):
    text = 'extends = "openai"\n[models."mine-*"]\nimages.max_bytes = 7\nwithout = ["images.max_count"]\n'
    file = own(tmp_path, text)
    mine, base = targets.get(file, "acme/Mine-1"), targets.get(file)
    assert (mine.model, mine.images.max_bytes.value, mine.images.max_count) == ("mine-*", 7, None)
    assert base.images.max_count is not None
    assert mine.images.media_types == base.images.media_types
    assert "mine-" in mine.title


def test_sections_of_one_pattern_add_up_and_groups_stand_for_their_models(tmp_path):
    text = 'extends = "openai"\n[groups]\n"@tiny" = ["tiny*", "wee*"]\n[settings]\nn.refused_by = ["@tiny"]\n'
    text += '[models."tiny* wee*"]\nrequest.context = 5\n[models."tiny*"]\nparts.user = ["text"]\n'
    tiny = targets.get(own(tmp_path, text), "tiny-1")
    assert (tiny.request.context.value, tiny.parts.user.value) == (5, ("text",))
    assert tiny.settings["n"].refused_by.value == ("tiny*", "wee*")


def test_an_unknown_model_has_the_targets_own_values_and_no_tokens():
    openai, unknown = targets.get("openai"), targets.get("openai", "no-such-model")
    assert (unknown.is_unknown_model, unknown.model) == (True, None)
    assert unknown.images == openai.images
    assert unknown.tokens.image(10, 10) is None


def test_a_target_without_models_knows_none_and_says_nothing():
    assert not targets.get("vllm", "anything").is_unknown_model


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[models.m]\nimages.max_bytes = 'big'", "models.m.images.max_bytes.value"),
        ("[models.m]\nimages.max_byts = 5", "models.m.images.max_byts"),
        ("[models.m]\nwithout = ['images.nothing']", "models.m.without"),
        ("models = 5", "models"),
        ("[models]\nm = 5", "models.m"),
        ("models_of = ['openia']", None),
        ("models_of = [5]", "models_of"),
    ],
)
def test_a_fault_in_a_model_is_told_with_its_place(tmp_path, text, path):
    file = own(tmp_path, text if text.startswith("models") else f'extends = "openai"\n{text}\n')
    if text.startswith("models"):
        file.write_text(f'{text}\nextends = "openai"\n' if "[models]" not in text else f'extends = "openai"\n{text}')
    if path is None:
        with pytest.raises(UnknownNameError, match="openai"):
            targets.get(file)
        return
    with pytest.raises(InvalidMessageError) as caught:
        targets.get(file)
    assert path in [issue.path for issue in caught.value.issues]


def test_models_of_another_target_bring_its_formula(tmp_path):
    mine = own(tmp_path, 'extends = "vllm"\nmodels_of = ["anthropic", "openai"]\n')
    for name, model in (("anthropic", "claude-opus-4-7"), ("openai", "gpt-5.4"), ("openai", "gpt-4o-mini")):
        assert targets.get(mine, model).tokens.image(800, 600) == targets.get(name, model).tokens.image(800, 600)


# targets of other packages


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A distribution on sys.path that brings targets by entry points."""
    folder = tmp_path / "site"
    info = folder / "acme_targets-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-targets\nVersion: 1.0\n")
    points = "acme = acme_targets:TARGET\nbroken = acme_targets:MISSING\nopenai = acme_targets:TARGET\n"
    (info / "entry_points.txt").write_text(f"[msgkit.targets]\n{points}")
    (folder / "acme.toml").write_text('name = "acme"\nextends = "openai"\n[images]\nmax_bytes = 5\n')
    (folder / "acme_targets.py").write_text(
        "from pathlib import Path\nTARGET = Path(__file__).with_name('acme.toml')\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    targets.forget()
    yield
    targets.forget()


@pytest.mark.usefixtures("package")
def test_a_target_of_another_package_is_found_by_its_entry_point():
    assert targets.get("acme").images.max_bytes.value == 5


@pytest.mark.usefixtures("package")
def test_a_built_in_target_is_not_replaced_by_an_entry_point():
    assert targets.get("openai").images.max_bytes.value > 5


@pytest.mark.usefixtures("package")
def test_a_broken_entry_point_is_named():
    with pytest.raises(MsgkitError, match=r"'broken' .* of acme-targets 1\.0 .*AttributeError"):
        targets.get("broken")


@pytest.mark.usefixtures("package")
def test_an_entry_points_name_is_among_those_that_are_offered():
    with pytest.raises(UnknownNameError, match="did you mean 'acme'"):
        targets.get("acmee")


def test_every_fact_of_a_target_is_read_by_something():
    """A key that nothing asks for says what no rule holds."""
    package = Path(targets.__file__).parent.parent
    classes = {"constraints.py", "limits.py", "target.py"}
    source = "".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py") if file.name not in classes)
    sections = {
        name: cls for name, cls in Target.__annotations__.items() if hasattr(cls, "_fields") and name != "parts"
    }
    keys = {f"{name}.{key}" for name, cls in sections.items() for key in cls._fields}
    assert {key for key in keys if not re.search(rf"\.{key.partition('.')[2]}\b", source)} == set()
