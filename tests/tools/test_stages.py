"""Staging: the package before and after each chapter, and where names come from."""

import sys

import pytest
from _tools import tangle

from tests.tools.conftest import ROOT
from tests.tools.test_tangle import python


@pytest.fixture
def library(shelf):
    shelf.add(
        "arrays/one",
        "# Boxes of numbers",
        "## The box",
        "#| export core/tensor.py\n#| public .\nimport numpy as np\n\nclass Tensor:\n"
        '    "Numbers."\n\n    def __init__(self, data):\n'
        "        self.data = np.asarray(data)\n\n"
        "    # still early\n    kind = 'early'",
    )
    shelf.add(
        "arrays/two",
        "# Picking",
        "#| export core/picking.py\n#| public ops\nimport operator\n"
        "def pick(x, i):\n    return operator.getitem(x.data, i)",
        "#| export core/tensor.py\nimport math\n@extends(Tensor)\n@property\n"
        "def size(self):\n    return math.prod(self.data.shape)",
        "#| export core/tensor.py\n@extends(Tensor)\ndef __getitem__(self, i):\n"
        "    return pick(self, i)\n\nZERO = Tensor(0)",
    )
    shelf.add(
        "gradients/three",
        "# Slopes",
        "#| export grad.py\n#| public .\ndef slope(): pass",
    )
    shelf.export()
    return shelf


def stage(shelf, slug, end=False):
    return tangle.origin(shelf.book).stage(slug, end)


def test_before_a_chapter_its_names_are_not_there(library):
    folder = stage(library, "arrays/two")
    text = (folder / "minikeras/core/tensor.py").read_text()
    assert "import numpy" in text and "kind = 'early'" in text.replace('"', "'")
    for late in ("math", "size", "__getitem__", "ZERO"):
        assert late not in text
    done = python(
        library,
        "from minikeras import Tensor\n"
        "assert not hasattr(Tensor, 'size') and Tensor(3).data == 3",
        folder,
    )
    assert done.returncode == 0, done.stderr


def test_at_its_end_they_are(library):
    folder = stage(library, "arrays/two", end=True)
    code = "from minikeras import Tensor, ops; t = Tensor([4, 5])\nassert t[1] == 5 == ops.pick(t, 1) and t.size == 2"
    done = python(library, code, folder)
    assert done.returncode == 0, done.stderr
    assert folder == stage(library, "gradients/three")


def test_the_last_stage_is_the_package(library):
    folder = stage(library, "gradients/three", end=True)
    done = python(
        library, "from minikeras import slope, Tensor; Tensor([1])[0]", folder
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "from minikeras.core.tensor import ZERO",
        "from minikeras.core.picking import pick",
        "import minikeras.core.picking",
        "from minikeras.ops import pick",
        "import minikeras; minikeras.ops.pick",
    ],
)
def test_what_comes_later_is_an_import_error_that_says_where(library, line):
    done = python(library, line, stage(library, "arrays/two"))
    assert "ImportError: minikeras." in done.stderr, done.stderr
    assert "is not built yet" in done.stderr
    assert 'chapter "Picking", which builds it (book/arrays/two.ipynb)' in done.stderr


def test_a_name_that_nobody_builds_is_an_attribute_error(library):
    folder = stage(library, "arrays/two")
    done = python(library, "import minikeras; minikeras.nothing", folder)
    assert (
        "AttributeError: module 'minikeras' has no attribute 'nothing'" in done.stderr
    )


def test_the_bootstrap_switches_packages(library):
    done = python(
        library,
        "import minikeras; assert minikeras.slope\n"
        "from minikeras._origin import chapter\n"
        "for slug, late in [('arrays/two', True), ('gradients/three', False)]:\n"
        "    chapter(slug)\n"
        "    from minikeras import Tensor, where\n"
        "    assert hasattr(Tensor, 'size') is not late\n"
        "    print(where(Tensor))\n"
        "chapter('arrays/one')\n"
        "try: from minikeras import Tensor\n"
        "except ImportError as e: print(e)\n"
        "try: chapter('arrays/four')\n"
        "except ValueError as e: print(e)\n",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("minikeras/core/tensor.py:") == 2
    assert "minikeras.Tensor is not built yet" in done.stdout
    assert (
        "no chapter 'arrays/four'\n  try   one of arrays/one, arrays/two" in done.stdout
    )


def test_data_files_come_along(library):
    (library.root / "minikeras/data").mkdir()
    (library.root / "minikeras/data/a.txt").write_text("seven")
    assert (
        stage(library, "arrays/one") / "minikeras/data/a.txt"
    ).read_text() == "seven"


def test_a_package_edited_by_hand_is_not_staged(library, monkeypatch):
    path = library.root / "minikeras/core/tensor.py"
    path.write_text(path.read_text() + "x = 1\n")
    origin = tangle.origin(library.book)
    monkeypatch.setattr(origin.time, "sleep", lambda seconds: None)
    with pytest.raises(origin.NotConsistent, match="differs from its map"):
        origin.stage("arrays/two")


def test_a_stage_with_a_missing_file_is_made_again(library):
    folder = stage(library, "arrays/two")
    (folder / "minikeras/core/tensor.py").unlink()
    assert (stage(library, "arrays/two") / "minikeras/core/tensor.py").exists()


def test_where_names_chapter_section_and_line(library):
    done = python(
        library,
        "import minikeras as mk\nfrom minikeras import Tensor, where\n"
        "print(where(Tensor)); print(where(Tensor.size)); print(where('Tensor.__getitem__'))\n"
        "print(where('minikeras.ops.pick')); print(where(mk.ops.pick))\n"
        "for wrong in (len, 'minikeras.nothing', 3):\n"
        "    try: where(wrong)\n"
        "    except ValueError as e: print(e)",
    )
    assert done.returncode == 0, done.stderr
    tensor = library.text("core/tensor.py").splitlines()
    line = 1 + next(i for i, text in enumerate(tensor) if "class Tensor" in text)
    assert done.stdout.startswith(
        'Tensor: chapter "Boxes of numbers", section "The box"\n'
        "  book     book/arrays/one.ipynb (cell c2)\n"
        f"  package  minikeras/core/tensor.py:{line}\n"
        'Tensor.size: chapter "Picking"\n'
        "  book     book/arrays/two.ipynb (cell c2)\n"
    )
    assert done.stdout.count('pick: chapter "Picking"\n') == 2
    assert done.stdout.count("where: no chapter builds") == 3


def test_every_line_of_a_module_has_an_origin(library):
    _, origins, _ = library.export()
    for name, module in origins["modules"].items():
        lines = library.text(name).splitlines()
        for block in module["blocks"]:
            first = lines[block["start"] - 1]
            assert first.strip(), (name, block["name"])
            for member in block["members"]:
                span = "\n".join(lines[member["start"] - 1 : member["end"]])
                assert member["name"] in span or member["name"] == "__doc__"
    tensor = origins["modules"]["core/tensor.py"]["blocks"][0]
    cells = {m["name"]: m["chapter"] for m in tensor["members"]}
    assert cells["__init__"] == "arrays/one" and cells["size"] == "arrays/two"


# -- extends ---------------------------------------------------------------------------


@pytest.fixture
def extends(shelf):
    return tangle.origin(shelf.book).extends


def test_extends_patches_the_live_class(extends):
    class Box:
        pass

    box = Box()

    @extends(Box)
    def twice(self):
        return 2 * self.value

    @extends(Box)
    @property
    def value(self):
        return getattr(self, "_value", 1)

    @extends(Box)
    @Box.value.setter
    def value(self, new):  # noqa: F811
        self._value = new

    @extends(Box)
    @staticmethod
    def make():
        return Box()

    box.value = 4
    assert box.twice() == 8 and isinstance(Box.make(), Box)
    assert Box.twice.__qualname__.endswith("Box.twice")


def test_extends_leaves_the_names_of_the_notebook_alone(extends):
    names = {"extends": extends}
    exec(
        "class Box: pass\n"
        "def size(x): return 'mine'\n"
        "@extends(Box)\ndef size(self): return 3\n"
        "@extends(Box)\n@property\ndef value(self): return 1\n"
        "@extends(Box)\n@value.setter\ndef value(self, new): self.new = new\n"
        "box = Box(); box.value = 5",
        names,
    )
    assert names["size"](0) == "mine"
    assert names["box"].size() == 3 and names["box"].new == 5


def test_extends_may_be_run_again(extends):
    names = {"extends": extends}
    code = "@extends(Box)\ndef f(self): return {}\n"
    exec("class Box: pass\n" + code.format(1), names)
    exec(code.format(2), names)
    assert names["Box"]().f() == 2


def test_stages_need_no_third_party_package_but_numpy():
    text = (ROOT / "minikeras" / "_origin.py").read_text()
    names = {
        line.split()[1] for line in text.splitlines() if line.startswith("import ")
    }
    assert names and names <= set(sys.stdlib_module_names)
