"""Each chapter's own tests, on the package as of the end of that chapter.

`tests/chapters/PART/test_SLUG.py` runs in a fresh interpreter whose `minikeras` is the
stage at the end of PART/SLUG: what a later chapter adds cannot help it to pass.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minikeras import _origin

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "tests" / "chapters"
FILES = sorted(CHAPTERS.glob("*/test_*.py"))


def slug_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem.removeprefix('test_')}"


def run(path: Path, slug: str, marks: str = "not deep") -> subprocess.CompletedProcess:
    "Run one test file on the package at the end of chapter `slug`."
    stage = _origin.stage(slug, end=True, home=ROOT / "minikeras")
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["--import-mode=importlib", f"--rootdir={ROOT}", f"-c={os.devnull}"]
    options += ["-o", "markers=deep: large random counts", "-m", marks, str(path)]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {
        **{key: value for key, value in os.environ.items() if "PYTEST" not in key},
        **dict.fromkeys(threads, "1"),
        "PYTHONPATH": os.pathsep.join([str(stage), str(ROOT)]),
        "MINIKERAS_STAGE": str(stage),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(stage.parent / "hypothesis"),
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=stage,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.mark.parametrize("path", FILES, ids=slug_of)
def test_chapter_at_its_end(path, request):
    slug = slug_of(path)
    chapters = _origin.origin(ROOT / "minikeras")["chapters"]
    assert slug in chapters, f"{path} tests no chapter of _toc.yml"
    done = run(path, slug, request.config.option.markexpr or "not deep")
    if done.returncode == 5 and "deselected" in done.stdout:
        pytest.skip("no test of this file is selected")
    assert done.returncode == 0, f"{slug}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"


def test_chapter_tests_see_no_later_chapter(tmp_path):
    "The gate itself: a test that needs the whole package fails at an early stage."
    path = tmp_path / "test_stage.py"
    path.write_text(
        "import os, minikeras\n"
        "from minikeras._origin import origin\n"
        "def test_where_we_are():\n"
        "    assert minikeras.__file__.startswith(os.environ['MINIKERAS_STAGE'])\n"
        "    built = origin()['modules'].values()\n"
        "    assert {b['chapter'] for m in built for b in m['blocks']} <= {SLUG}\n"
    )
    first, *_, last = _origin.origin(ROOT / "minikeras")["chapters"]
    path.write_text(path.read_text().replace("SLUG", repr(first)))
    assert run(path, first).returncode == 0
    assert run(path, last).returncode == 1
