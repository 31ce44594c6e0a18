"""The exporter: what it writes, and what it refuses, with which words."""

import subprocess
import sys

import pytest
from _tools import tangle
from _tools.cells import ExportError

TENSOR = '''#| export core/tensor.py
#| public .
import numpy as np
import os

class Tensor:
    """Numbers."""

    # how it starts
    def __init__(self, data):
        self._data = np.asarray(data)  # a copy
'''


def python(shelf, code, folder=None):
    "Run code in a fresh interpreter that sees the exported package."
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder or shelf.root)},
        cwd="/",
    )


def test_a_module_reads_as_if_written_by_hand(shelf):
    shelf.add("arrays/one", "# One", TENSOR, "Tensor(3)")
    shelf.export()
    assert shelf.text("core/tensor.py") == (
        '"""Generated from book/arrays/one.ipynb. Edit the chapter, not this file."""\n'
        "\n"
        "import numpy as np\n"
        "\n"
        "\n"
        "class Tensor:\n"
        '    """Numbers."""\n'
        "\n"
        "    # how it starts\n"
        "    def __init__(self, data):\n"
        "        self._data = np.asarray(data)  # a copy\n"
    )


def test_comments_stay_with_what_they_explain(shelf):
    source = "#| export a.py\n# about x\nx = 1  # one\n\n# about f\ndef f():\n    # in\n    return x"
    shelf.add("arrays/one", "# One", source)
    shelf.export()
    text = shelf.text("a.py")
    assert "# about x\nx = 1  # one\n" in text
    assert "# about f\ndef f():\n    # in\n    return x\n" in text


def test_a_class_grows_and_exports_as_one(shelf):
    shelf.add("arrays/one", "# One", TENSOR)
    shelf.add(
        "arrays/two",
        "# Two",
        "from minikeras import Tensor",
        "#| export core/tensor.py\n"
        "@extends(Tensor)\n@property\ndef value(self) -> Tensor:\n    return self._data",
        "#| export core/tensor.py\n"
        "@extends(Tensor)\ndef twice(self):\n    return Tensor(self._data * 2)",
        "#| export core/tensor.py\n# now it can be set\n"
        "@extends(Tensor)\n@value.setter\ndef value(self, new):\n    self._data = new",
        "#| export core/tensor.py\n"
        "@extends(Tensor)\n@staticmethod\ndef zero():\n    return Tensor(0)\n"
        "@extends(Tensor)\n@classmethod\ndef one(cls):\n    return cls(1)\n"
        "@extends(Tensor)\n@Tensor.value.deleter\ndef value(self):\n    self._data = None",
    )
    shelf.export()
    text = shelf.text("core/tensor.py")
    assert text.count("class Tensor") == 1 and "extends" not in text
    setter = text.index("    # now it can be set\n    @value.setter\n")
    assert text.index("def value(self) -> Tensor") < setter < text.index("def twice")
    assert "@value.deleter" in text
    done = python(
        shelf,
        "from minikeras import Tensor\n"
        "t = Tensor.one().twice(); t.value = 7\n"
        "assert t.value == 7 and Tensor.zero().value == 0\n"
        "del t.value; assert t.value is None",
    )
    assert done.returncode == 0, done.stderr


def test_super_with_arguments_exports_as_plain_super(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export a.py\nclass A:\n    def f(self, n):\n        return [n]\nclass B(A): pass",
        "#| export a.py\n@extends(B)\ndef f(self, n):\n"
        "    more = [super(B, self).f(i) for i in range(n)]\n"
        "    return super(B, self).f(n) + more",
    )
    shelf.export()
    assert "return super().f(n) + more" in shelf.text("a.py")
    assert "[super(B, self).f(i) for" in shelf.text("a.py")
    done = python(shelf, "from minikeras.a import B; print(B().f(2))")
    assert done.stdout == "[2, [0], [1]]\n", done.stderr


def test_overloads_may_repeat_a_name(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export a.py\nfrom typing import overload\n"
        "@overload\ndef f(x: int) -> int: ...\n"
        "@overload\ndef f(x: str) -> str: ...\n"
        "def f(x):\n    return x",
    )
    shelf.export()
    assert shelf.text("a.py").count("def f(") == 3


def test_statements_keep_their_order(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export table.py\nrules = {}",
        "#| export table.py\nrules['a'] = 1; rules['b'] = 2",
        "#| export table.py\nrules |= {'c': 3}",
    )
    shelf.add("arrays/two", "# Two", "#| export table.py\nrules['d'] = len(rules)")
    shelf.export()
    done = python(shelf, "from minikeras.table import rules; print(rules)")
    assert done.stdout == "{'a': 1, 'b': 2, 'c': 3, 'd': 3}\n"


def test_names_of_other_modules_are_imported(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "import numpy as np",
        "#| export a.py\ndef first(x):\n    return np.sum(x)",
        "#| export b.py\ndef second(x):\n    return first(x) + first(x)",
    )
    shelf.add(
        "arrays/two",
        "# Two",
        "#| export c.py\ndef third(x):\n    return [second(y) for y in x]",
    )
    shelf.export()
    assert "import numpy as np" in shelf.text("a.py")
    assert "from minikeras.a import first\n" in shelf.text("b.py")
    assert "from minikeras.b import second\n" in shelf.text("c.py")


def test_public_names_are_imported_from_where_they_live(shelf):
    shelf.add(
        "arrays/one", "# One", "#| export core/a.py\n#| public ops .\ndef f(): pass"
    )
    shelf.add(
        "arrays/two", "# Two", "#| export b.py\nfrom minikeras.ops import f\ng = f"
    )
    shelf.export()
    assert "from minikeras.core.a import f\n" in shelf.text("b.py")


def test_imports_are_merged_sorted_and_dropped_when_unused(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export a.py\nimport sys, os\nx = os.sep",
        "#| export a.py\nimport os\nfrom math import pi, e\ny = os.sep * int(pi)",
        "#| export a.py\nfrom minikeras.a import x\nz = x",
        "#| export a.py\nimport zlib  # noqa: F401",
    )
    shelf.export()
    lines = [line for line in shelf.text("a.py").splitlines() if "import" in line]
    assert lines == ["import os", "import zlib  # noqa: F401", "from math import pi"]


def test_a_circle_of_imports_is_opened_inside_the_function(shelf):
    shelf.add("arrays/one", "# One", TENSOR)
    shelf.add(
        "arrays/two",
        "# Two",
        "#| export core/pick.py\n#| public ops\nfrom minikeras import Tensor\n"
        "def pick(x: Tensor, i):\n    return Tensor(x._data[i])",
        "#| export core/tensor.py\n@extends(Tensor)\ndef __getitem__(self, i):\n"
        '    "One of them."\n    return pick(self, i)',
    )
    shelf.export()
    inside = '        "One of them."\n        from minikeras.core.pick import pick\n\n'
    assert inside in shelf.text("core/tensor.py")
    for first in ("core.pick", "core.tensor", "ops"):
        code = (
            f"import minikeras.{first}\nfrom minikeras import Tensor\nTensor([1, 2])[1]"
        )
        done = python(shelf, code)
        assert done.returncode == 0, done.stderr


def test_annotations_may_name_what_cannot_be_imported_yet(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export core/a.py\nfrom dataclasses import dataclass\n"
        "from typing import ClassVar\n@dataclass\nclass A:\n"
        "    x: int\n    kinds: ClassVar[list] = []",
        "#| export core/b.py\nclass B(A):\n    def f(self) -> A: pass",
        "#| export core/a.py\n@extends(A)\ndef g(self, b: B) -> A:\n    return self",
    )
    shelf.export()
    text = shelf.text("core/a.py")
    assert "\nif TYPE_CHECKING:\n    from minikeras.core.b import B\n" in text
    code = "from minikeras.core.a import A\nassert A(3).g(None) == A(x=3) and A.kinds == []"
    done = python(shelf, code)
    assert done.returncode == 0, done.stderr


def test_namespaces_are_lazy_and_complete(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export core/a.py\n#| public . ops\ndef f(): pass\n_g = 1",
    )
    shelf.add(
        "arrays/two",
        "# Two",
        "#| export ops/numpy.py\n#| public ops ops.numpy\ndef h(): pass",
    )
    shelf.export()
    done = python(
        shelf,
        "import sys, minikeras\n"
        "assert not [m for m in sys.modules if m.startswith('minikeras.')]\n"
        "assert minikeras.f is minikeras.ops.f is minikeras.core.a.f\n"
        "assert minikeras.ops.h is minikeras.ops.numpy.h\n"
        "assert minikeras.__version__ == '9.8.7'\n"
        "assert {'f', 'ops', 'where'} <= set(dir(minikeras))\n"
        "assert '_g' not in dir(minikeras)\n"
        "try: minikeras.absent\n"
        "except AttributeError as e: print(e)",
    )
    assert done.stdout == "module 'minikeras' has no attribute 'absent'\n", done.stderr
    assert "    from minikeras.core.a import f as f\n" in shelf.text("__init__.py")


def test_type_checkers_see_the_lazy_names(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export core/a.py\n#| public .\ndef f(x: int) -> str:\n    return str(x)",
    )
    shelf.export()
    (shelf.root / "use.py").write_text(
        "import minikeras\nreveal_type(minikeras.f(1))\n"
    )
    command = [sys.executable, "-m", "mypy", "--no-incremental", "use.py"]
    done = subprocess.run(command, cwd=shelf.root, capture_output=True, text=True)
    assert 'Revealed type is "str"' in done.stdout.replace("builtins.", ""), done.stdout


def test_the_export_is_deterministic_and_touches_only_what_changed(shelf):
    shelf.add("arrays/one", "# One", TENSOR)
    shelf.add("arrays/two", "# Two", "#| export b.py\nx = 1")
    first, _, _ = shelf.export()
    before = {
        name: (shelf.root / "minikeras" / name).stat().st_mtime_ns for name in first
    }
    second, _, _ = shelf.export()
    after = {
        name: (shelf.root / "minikeras" / name).stat().st_mtime_ns for name in first
    }
    assert first == second and before == after


def test_modules_that_are_no_longer_exported_disappear(shelf):
    shelf.add("arrays/one", "# One", "#| export old.py\nx = 1")
    shelf.export()
    shelf.add("arrays/one", "# One", "#| export new.py\nx = 1")
    shelf.export()
    assert not (shelf.root / "minikeras/old.py").exists()
    assert (shelf.root / "minikeras/_origin.py").exists()


def test_a_broken_chapter_does_not_stop_the_others(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\nx = 1")
    shelf.add("arrays/two", "# Two", "#| export b.py\nfrom minikeras.a import x\ny = x")
    shelf.export()
    shelf.add("arrays/one", "# One", "#| export a.py\nx = = 1")
    shelf.add(
        "arrays/two", "# Two", "#| export b.py\nfrom minikeras.a import x\ny = x + 1"
    )
    with pytest.raises(ExportError, match="arrays/one"):
        shelf.export()
    _, _, notices = tangle.export(shelf.book, strict="arrays/two")
    assert "last good export of arrays/one" in notices[0]
    assert "x = 1\n" in shelf.text("a.py") and "y = x + 1" in shelf.text("b.py")


REFUSED = {
    "unknown directive": (
        ["#| exprot a.py\nx = 1"],
        r"cell c1, line 1: unknown directive `#\| exprot`",
    ),
    "directive below code": (
        ["x = 1\n#| export a.py"],
        r"cell c1, line 2: `#\| export a.py` stands below code",
    ),
    "target outside": (
        ["#| export ../evil.py\nx = 1"],
        r"line 1: the target `../evil.py` is not a module of minikeras",
    ),
    "no target": (["#| export\nx = 1"], r"line 1: the target `nothing`"),
    "generated target": (
        ["#| export ops/__init__.py\nx = 1"],
        r"`ops/__init__.py` is written by the tools",
    ),
    "public, not exported": (
        ["#| public ops\nx = 1"],
        r"`#\| public` in a cell that is not exported",
    ),
    "syntax error": (
        ["#| export a.py\nx = 1\ny = (1,, 2)"],
        r"cell c1, line 3: syntax error: invalid syntax",
    ),
    "magic": (["#| export a.py\n%matplotlib inline"], r"line 2: syntax error"),
    "duplicate definition": (
        ["#| export a.py\ndef f(): pass", "#| export a.py\nf = 3"],
        r"cell c2, line 2: `f` is already defined in a.py, by book/arrays/one.ipynb, cell c1",
    ),
    "duplicate method": (
        [TENSOR, "#| export core/tensor.py\n@extends(Tensor)\ndef __init__(self): pass"],
        r"cell c2, line 3: `Tensor.__init__` is already defined",
    ),
    "no such class": (
        ["#| export a.py\n@extends(Tensor)\ndef f(self): pass"],
        r"`@extends\(Tensor\)`, but a.py has no such class \(yet\)",
    ),
    "class elsewhere": (
        [TENSOR, "#| export a.py\n@extends(Tensor)\ndef f(self): pass"],
        r"the class lives in core/tensor.py: export this cell there",
    ),
    "extended too early": (
        ["#| export core/tensor.py\n@extends(Tensor)\ndef f(self): pass", TENSOR],
        r"cell c1, line 3: .* has no such class \(yet\)",
    ),
    "bare super": (
        [TENSOR, "#| export core/tensor.py\n@extends(Tensor)\ndef f(self):\n    super().f()"],
        r"cell c2, line 4: `super\(\)` without arguments(.|\n)*super\(Tensor, self\)",
    ),
    "mangled name": (
        [TENSOR, "#| export core/tensor.py\n@extends(Tensor)\ndef f(self):\n    self.__x = 1"],
        r"cell c2, line 4: `__x` would be mangled",
    ),
    "extending with a class": (
        [TENSOR, "#| export core/tensor.py\n@extends(Tensor)\nclass A: pass"],
        r"a class cannot extend `Tensor`",
    ),
    "undefined name": (
        ["#| export a.py\n\ndef f():\n    return helper()"],
        r"cell c1, line 4: `helper` is not defined by any exported cell",
    ),
    "name of a toy cell": (
        ["helper = 1", "#| export a.py\nx = helper"],
        r"cell c2, line 2: `helper` is not defined by any exported cell",
    ),
    "star import": (["#| export a.py\nfrom os import *"], r"relative or star import"),
    "ambiguous name": (
        [
            "#| export a.py\nx = 1",
            "#| export b.py\nx = 2",
            "#| export c.py\ndef f():\n    return x",
        ],
        r"cell c3, line 3: `x` is ambiguous: a.py, b.py",
    ),
    "module and folder": (
        ["#| export ops.py\nx = 1", "#| export ops/a.py\ny = 1"],
        r"ops.py is a module and a folder",
    ),
    "published into a module": (
        ["#| export a.py\nx = 1", "#| export b.py\n#| public a\ny = 1"],
        r"`minikeras.a.y` is published, but a.py is a module",
    ),
    "published twice": (
        ["#| export a.py\n#| public .\nx = 1", "#| export b.py\n#| public .\nx = 1"],
        r"`minikeras.x` is already published, from a.py",
    ),
    "hides a module": (
        ["#| export a.py\nx = 1", "#| export b.py\n#| public .\na = 1"],
        r"`minikeras.a` would hide the module a.py",
    ),
    "runs before it is defined": (
        [TENSOR, "#| export core/tensor.py\ndef deco(f): return f",
         "#| export core/tensor.py\n@extends(Tensor)\n@deco\ndef f(self): pass"],
        r"cell c3, line 3: `deco` runs at import, but stands below",
    ),
    "unknown import": (
        ["#| export a.py\nfrom minikeras.nowhere import f\ng = f"],
        r"line 2: no chapter builds `minikeras.nowhere.f`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_where_and_what_to_do(shelf, name):
    cells, message = REFUSED[name]
    shelf.add("arrays/one", "# One", *cells)
    with pytest.raises(ExportError, match=message) as caught:
        shelf.export()
    assert "\n  try   " in str(caught.value)
    assert not (shelf.root / "minikeras" / "__init__.py").exists()  # nothing written


def test_malformed_notebook(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\nx = 1")
    path = shelf.book.notebook("arrays/one")
    path.write_text(path.read_text()[:-40])
    with pytest.raises(ExportError, match=r"book/arrays/one.ipynb: not a notebook"):
        shelf.export()
    path.write_text('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(ExportError, match=r"book/arrays/one.ipynb: not a notebook"):
        shelf.export()


LATER = {
    "name": "#| export a.py\ndef f():\n    return later()",
    "import": "#| export a.py\nfrom minikeras.b import later\nf = later",
    "public import": "#| export a.py\nfrom minikeras import later\nf = later",
}


@pytest.mark.parametrize("name", LATER)
def test_no_chapter_uses_a_later_one(shelf, name):
    shelf.add("arrays/one", "# One", LATER[name])
    shelf.add("arrays/two", "# Two", "#| export b.py\n#| public .\ndef later(): pass")
    message = "arrays/one.ipynb, cell c1.*`later` is defined only later, in chapter arrays/two"
    with pytest.raises(ExportError, match=message):
        shelf.export()


def test_a_later_definition_in_the_same_module_is_no_excuse(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\ndef f():\n    return later()")
    shelf.add("arrays/two", "# Two", "#| export a.py\ndef later(): pass")
    with pytest.raises(ExportError, match="only later, in chapter arrays/two"):
        shelf.export()


def test_a_built_in_that_a_later_chapter_hides(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\ndef f(x):\n    return sum(x)")
    shelf.add("arrays/two", "# Two", "#| export a.py\ndef sum(x): pass")
    with pytest.raises(ExportError, match=r"write `builtins.sum`"):
        shelf.export()


def test_a_circle_at_import_is_refused(shelf):
    shelf.add(
        "arrays/one",
        "# One",
        "#| export a.py\nclass A: pass",
        "#| export b.py\nclass B(A): pass",
        "#| export a.py\nkinds = [B]",
    )
    with pytest.raises(ExportError, match=r"a circle of imports: a.py needs `B`"):
        shelf.export()
