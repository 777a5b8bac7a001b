"""What the package promises as a whole: its names, what importing it costs, and how its code is laid out."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import msgkit

ROOT = Path(__file__).parent.parent
MODULES = sorted(ROOT.joinpath("msgkit").rglob("*.py"))
HEAVY = [
    "PIL",
    "pydub",
    "pyarrow",
    "av",
    "numpy",
    "soxr",
    "lameenc",
    "attrs",
    "cattrs",
    "msgspec",
    "pybase64",
    "tqdm",
    "jinja2",
    "argparse",
]
PROMISED = [
    *("Conversation", "InvalidMessageError", "Issue", "LossError", "MediaError", "MsgkitError", "UnknownNameError"),
    *("assistant", "audio", "check", "convert", "developer", "dump", "dumps", "extract", "file", "from_dict", "image"),
    *(
        "inline",
        "load",
        "loads",
        "read",
        "restore",
        "run",
        "system",
        "to_dict",
        "to_pillow",
        "to_pydub",
        "tool",
        "user",
    ),
    *("validate", "write"),
]


@pytest.mark.parametrize("name", msgkit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(msgkit, name) is not None


def test_every_public_class_and_function_has_an_example():
    values = [getattr(msgkit, name) for name in msgkit.__all__]
    named = [value for value in values if inspect.isclass(value) or inspect.isfunction(value)]
    assert [value.__name__ for value in named if ">>> " not in inspect.getdoc(value)] == []


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_name_is_public(name):
    assert name in msgkit.__all__


def test_public_names_are_in_alphabetical_order():
    assert list(msgkit.__all__) == sorted(msgkit.__all__)


def test_dir_shows_the_public_names():
    assert set(msgkit.__all__) <= set(dir(msgkit))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'inlines'"):
        msgkit.inlines  # noqa: B018


@pytest.mark.parametrize(
    ("module", "names"), [("steps", "Check Convert Extract Inline"), ("arrow", "SCHEMA from_arrow_row to_arrow_row")]
)
def test_promised_modules_have_their_names(module, names):
    found = importlib.import_module(f"msgkit.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []


def loaded_by(statement: str, names: list[str]) -> list[str]:
    code = f"{statement}; import sys; print(*[name for name in {names!r} if name in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()


def test_importing_msgkit_imports_nothing_heavy():
    assert loaded_by("import msgkit", HEAVY) == []


def test_help_imports_nothing_heavy():
    code = "import sys; write, sys.stdout.write = sys.stdout.write, lambda text: len(text)"
    code += "; import msgkit.cli; msgkit.cli.main(['--help']); sys.stdout.write = write"
    assert loaded_by(code, HEAVY) == []


def test_loading_and_dumping_import_no_decoder():
    code = "import msgkit; msgkit.dump(msgkit.load([{'role': 'user', 'content': 'Hello'}]))"
    assert loaded_by(code, ["PIL", "pydub", "pyarrow", "av", "numpy"]) == []


def test_imports_keep_to_the_layers():
    linter = pytest.importorskip("importlinter.cli", reason="import-linter comes with the extra lint")
    assert linter.lint_imports(no_cache=True) == 0


def imports(path: Path, modules: dict[str, Path]) -> set[str]:
    """The modules of msgkit that a module imports, inside functions too."""
    lines = re.findall(
        r"^ *from (msgkit[\w.]*) import (\([^)]*\)|[^#\n]*)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    names = {
        (module, f"{module}.{name}") for module, listed in lines for name in re.findall(r"(\w+)(?: as \w+)?", listed)
    }
    return {name if name in modules else module for module, name in names} & modules.keys()


def test_no_modules_import_each_other_even_inside_functions():
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES
    }
    graph = {name: imports(path, modules) - {name} for name, path in modules.items()}
    graph["msgkit.model.base"].remove("msgkit.html")  # what notebooks show: asked for by a notebook alone
    TopologicalSorter(graph).prepare()


def test_no_module_is_longer_than_300_lines():
    assert [path.name for path in MODULES if path.read_text(encoding="utf-8").count("\n") > 300] == []


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_house_rules_hold(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    long = [node.name for node in functions(tree) if node.end_lineno - node.lineno > 50]
    assert long == [], "functions of more than 50 lines"
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), "assert in the package"
    assert "TYPE_CHECKING" not in text, "an import that only types see hides a wrong layer"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_public_name_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    nodes += [
        inner
        for node in nodes
        if isinstance(node, ast.ClassDef) and node.name[0] != "_"
        for inner in node.body
        if isinstance(inner, ast.FunctionDef)
    ]
    public = [node for node in nodes if not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
    assert ast.get_docstring(tree)
