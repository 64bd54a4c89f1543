"""The files that the layers of an image show together, as overlayfs stacks them."""

import os
from pathlib import Path

import pytest

from provenv import layers


def tree(root: Path, *names: str) -> Path:
    """A layer with these files; a name that ends with `=` is what stands for a deletion, a name with `>` a link."""
    for name in names:
        path = root / name.rstrip("=").partition(">")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("="):
            os.mkfifo(path)  # the device that overlayfs makes needs root; that it is no file is what counts
        elif ">" in name:
            path.symlink_to(name.partition(">")[2])
        else:
            path.write_text(root.name)
    return root


@pytest.mark.parametrize(
    ("lower", "upper", "shown"),
    [
        (["a/x"], ["a/bx"], {"a/x": "lower", "a/bx": "upper"}),
        (["a/x"], ["a/x"], {"a/x": "upper"}),
        (["a/x", "b/x"], ["a/x="], {"b/x": "lower"}),
        (["a/b/x", "ab/x"], ["a="], {"ab/x": "lower"}),
        (["a/x"], ["a"], {}),
        (["a/x"], ["a>ab"], {}),
        (["x"], ["x/x"], {"x/x": "upper"}),
        (["a/other"], ["b/other"], {}),
    ],
)
def test_what_an_upper_layer_has_hides_what_is_below(tmp_path: Path, lower: list[str], upper: list[str], shown: dict[str, str]):
    stack = [tree(tmp_path / "lower", *lower), tree(tmp_path / "upper", *upper)]
    found = layers.files(stack, lambda name: name.endswith("x"))
    assert {name: path.read_text() for name, path in found.items()} == shown


def test_an_image_elsewhere_has_no_layers_here(tmp_path: Path):
    there = {"Name": "overlay2", "Data": {"UpperDir": str(tmp_path / "u"), "LowerDir": f"{tmp_path}/l2:{tmp_path}/l1"}}
    assert layers.of({"GraphDriver": there}) == []
    for name in ("u", "l1", "l2"):
        (tmp_path / name).mkdir()
    assert [each.name for each in layers.of({"GraphDriver": there})] == ["l1", "l2", "u"]
    assert layers.of({"GraphDriver": {"Name": "overlay2", "Data": {"UpperDir": str(tmp_path / "u")}}}) == [tmp_path / "u"]
    assert layers.of({"GraphDriver": {"Name": "btrfs", "Data": None}}) == []
    assert layers.of({}) == []
