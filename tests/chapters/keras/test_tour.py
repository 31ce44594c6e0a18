"""The tour: drawing, options, the promise of 96 %, output into a file."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest

from minikeras.__main__ import (
    draw,
    functional_classifier,
    load_digits,
    main,
    parse,
    sequential_classifier,
    show_guesses,
)


def test_digits_from_zero_to_one():
    (x, y), (x_test, y_test) = load_digits()
    assert x.min() == 0.0 and x.max() == 1.0 and x.shape[1:] == (8, 8)
    assert len(x) == len(y) == 1438 and len(x_test) == len(y_test) == 359


def test_drawing():
    text = draw([np.array([[0.0, 1.0], [0.2, 0.6]]), np.ones((2, 2))], ["a", "bc"])
    assert text.splitlines() == ["  ██  ████", "··▒▒  ████", "a     bc"]


def test_options():
    assert vars(parse([])) == {"epochs": 24, "seed": 1, "quiet": False}
    assert parse(["--seed", "3", "--quiet"]).seed == 3
    with pytest.raises(SystemExit):
        parse(["--epochs", "many"])


def test_two_models_of_one_kind_of_answer():
    for make in (sequential_classifier, functional_classifier):
        model = make()
        found = model.predict(np.ones((3, 8, 8)), verbose=0)
        np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)


def test_mistakes_come_first():
    class Answers:
        def predict(self, x, verbose):
            return np.eye(10)[[1, 1, 1]]

    paper = io.StringIO()
    with redirect_stdout(paper):
        show_guesses(Answers(), np.zeros((3, 8, 8)), np.array([1, 2, 1]), count=2)
    captions, _, count = paper.getvalue().splitlines()[-3:]
    assert captions.split() == ["1", "(is", "2)", "1"] and count == "wrong: 1 of 3"


def test_the_promise_and_a_readable_file():
    "Both models reach 96 % with the default seed; a file gets finished lines only."
    done = subprocess.run(
        [sys.executable, "-m", "minikeras"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "90"}
        | {"PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "\r" not in text and "\x1b" not in text
    assert text.count("Epoch 24/24") == 2 and text.count("21/21") == 48
    assert "Where to read on" in text


def test_too_few_epochs_break_the_promise():
    paper = io.StringIO()
    with redirect_stdout(paper):
        assert main(["--epochs", "1", "--quiet"]) == 1
    assert "accuracy on new digits" in paper.getvalue()


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1, 11))
def test_every_seed_keeps_the_promise(seed):
    with redirect_stdout(io.StringIO()):
        assert main(["--quiet", "--seed", str(seed)]) == 0
