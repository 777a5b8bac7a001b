"""Paths in a body, as targets write them."""

import pytest

from msgkit.targets.body_paths import steps, tree_of, values_at

BODY = {
    "stream": True,
    "generation_config": {"topP": 1},
    "tools": [{"type": "function", "name": "f"}, {"type": "web_search_2025", "name": "s"}, {"name": "g"}, "h"],
    "stop": ["a", "b"],
    "metadata": {"a": 1, "b": 2},
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("stream", [True]),
        ("absent.key", []),
        ("generationConfig.topP", [1]),
        ("tools[].name", ["f", "s", "g"]),
        ("tools[type=function|web_*].name", ["f", "s"]),
        ("tools[type=].name", ["g"]),
        ("tools[type=|function].name|type", ["f", "function", "g"]),
        ("tools.name", []),
        ("stop[]", ["a", "b"]),
        ("stop[=b]", ["b"]),
        ("stream[=true]", [True]),
        ("stream[=false]", []),
        ("stream[]", []),
        ("metadata.*", [1, 2]),
        ("metadata[a=1].b", [2]),
    ],
)
def test_a_path_stands_for_these_values(path, values):
    assert sorted(values_at(BODY, path), key=str) == sorted(values, key=str)


@pytest.mark.parametrize("path", ["", "a..b", "a[", "a]", "a[b]", "[a=b]", ".a", "a."])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="expected a path such as"):
        steps(path)


def test_a_tree_says_where_each_value_is():
    tree = tree_of([("tools[].name", 1), ("tools[type=function].name", 2)])
    assert sorted(tree.values(BODY), key=str) == sorted(
        [(("tools", 0, "name"), "f", 1), (("tools", 1, "name"), "s", 1), (("tools", 2, "name"), "g", 1),
         (("tools", 0, "name"), "f", 2)], key=str)  # fmt: skip
