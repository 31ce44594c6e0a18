"""Generated from book/keras/tour.ipynb. Edit the chapter, not this file."""

import argparse
import sys
import time

import numpy as np

from minikeras import layers, ops, optimizers, utils
from minikeras.datasets import digits
from minikeras.layers.input_layer import Input
from minikeras.models.model import Model
from minikeras.models.sequential import Sequential


def load_digits():
    """((x_train, y_train), (x_test, y_test)) with pixels from 0 to 1."""
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    return (x_train / 16.0, y_train), (x_test / 16.0, y_test)


INK = np.array([" ", "·", "░", "▒", "▓", "█"])


def draw(images, captions):
    """Images side by side as text, each with its caption below.

    >>> print(draw([np.array([[0.0, 1.0]])], ["one"]))
      ██
    one
    """
    shades = [INK[np.round(np.asarray(image) * 5).astype(int)] for image in images]
    width = max(2 * shades[0].shape[1], *(len(caption) for caption in captions))
    rows = [
        "  ".join(
            "".join(2 * ink for ink in shade[row]).ljust(width) for shade in shades
        )
        for row in range(len(shades[0]))
    ]
    rows.append("  ".join(caption.ljust(width) for caption in captions))
    return "\n".join(row.rstrip() for row in rows)


def sequential_classifier():
    """A list of layers."""
    return Sequential(
        [
            Input((8, 8), name="pixels"),
            layers.Flatten(),
            layers.Dense(192, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="in_a_line",
    )


def functional_classifier():
    """A graph of calls: the pixels also take a short way to the answer."""
    pixels = Input((8, 8), name="pixels")
    flat = layers.Flatten()(pixels)
    hidden = layers.Dense(192, activation="relu")(flat)
    hidden = layers.Dense(64, activation="relu")(layers.Dropout(0.3)(hidden))
    both = ops.concatenate([flat, hidden], axis=-1)
    answer = layers.Dense(10, activation="softmax")(both)
    return Model(pixels, answer, name="with_a_short_cut")


def train(model, data, epochs, verbose):
    """Compile, fit and evaluate; gives the accuracy on the test set."""
    (x_train, y_train), (x_test, y_test) = data
    model.compile(
        optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(
        x_train, y_train, batch_size=64, epochs=epochs, validation_split=0.1,
        verbose=verbose,
    )  # fmt: skip
    return model.evaluate(x_test, y_test, verbose=0)[1]


def show_guesses(model, x, y, count=6):
    """Some digits with the model's guess: first the ones it gets wrong."""
    guesses = model.predict(x, verbose=0).argmax(axis=-1)
    order = np.argsort(guesses == y, kind="stable")[:count]
    captions = [
        f"{guesses[i]}" + ("" if guesses[i] == y[i] else f" (is {y[i]})") for i in order
    ]
    print(draw(x[order], captions))
    print(f"\nwrong: {int(np.sum(guesses != y))} of {len(y)}")


READ_ON = """Where to read on:
  book/intro.ipynb or the rendered book: how all of this is built, from zero
  minikeras.where(obj): the chapter that builds any public object"""


def parse(arguments=None):
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m minikeras",
        description="A short tour: train two classifiers on 1,797 handwritten digits.",
    )
    add = parser.add_argument
    add("--epochs", type=int, default=24, help="passes over the data (24)")
    add("--seed", type=int, default=1, help="seed of everything random (1)")
    add("--quiet", action="store_true", help="one line per epoch, no bar")
    return parser.parse_args(arguments)


def main(arguments=None):
    """The tour; gives 0 when both models reach 96 % on the test set."""
    options = parse(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    utils.set_random_seed(options.seed)
    start, data, reached = time.perf_counter(), load_digits(), {}
    (x_train, _), (x_test, y_test) = data
    print(f"Digits: {len(x_train)} to learn from, {len(x_test)} held out.\n")
    for make in (sequential_classifier, functional_classifier):
        model = make()
        model.summary()
        verbose = 2 if options.quiet else 1
        reached[model.name] = train(model, data, options.epochs, verbose)
        print(f"\n{model.name}: accuracy on new digits {reached[model.name]:.3f}\n")
    print("Guesses, the wrong ones first:\n")
    show_guesses(model, x_test, y_test)
    print(f"\nTime: {time.perf_counter() - start:.1f} s\n\n{READ_ON}")
    return 0 if min(reached.values()) >= 0.96 else 1


if __name__ == "__main__" and "ipykernel" not in sys.modules:
    sys.exit(main())
