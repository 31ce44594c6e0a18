"""The figure style: colours that read on both pages, and drawings that draw."""

import pytest

from minikeras import _figures as figures


@pytest.mark.parametrize("page", figures.PAGES.values(), ids=figures.PAGES)
@pytest.mark.parametrize("name", figures.COLORS)
def test_every_colour_reads_on_both_pages(name, page):
    assert figures.contrast(figures.COLORS[name], page) >= 3


@pytest.mark.parametrize("name", figures.COLORS)
def test_white_text_reads_on_every_solid_fill(name):
    assert figures.contrast(figures.COLORS[name], figures.ON_FILL) >= 3


@pytest.mark.parametrize("page", figures.PAGES.values(), ids=figures.PAGES)
@pytest.mark.parametrize("name", figures.COLORS)
def test_text_reads_on_a_tinted_fill(name, page):
    def channel(i):
        under, over = int(page[i : i + 2], 16), int(figures.COLORS[name][i : i + 2], 16)
        return round(under + figures.TINT * (over - under))

    tinted = "#" + "".join(f"{channel(i):02x}" for i in (1, 3, 5))
    assert figures.contrast(figures.TEXT, tinted) >= 3


def test_contrast_of_black_on_white():
    assert figures.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_layers_follow_the_longest_path():
    place = figures.layers_of([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    assert [place[n][0] for n in "abcd"] == [0, 1, 2, 0]


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        figures.layers_of([("a", "b"), ("b", "a")])


def test_boxes_return_their_centres():
    pytest.importorskip("matplotlib").use("agg")
    ax = figures.canvas(6, 3)
    assert figures.boxes(ax, [1, 2, 3], 1, 1).tolist() == [
        [1.5, 1.5],
        [2.5, 1.5],
        [3.5, 1.5],
    ]
    assert figures.boxes(ax, [[1, 2], [3, None]]).shape == (2, 2, 2)


def test_the_grid_reads_the_live_columns():
    pytest.importorskip("matplotlib").use("agg")

    class Column(dict):
        name = "evaluate"

    ax = figures.grid(["add", "exp"], [Column(add=max), "kernel"], blocks=1)
    filled = [p for p in ax.patches if p.get_facecolor()[3] > 0]
    assert len(ax.patches) == 4 and len(filled) == 1
