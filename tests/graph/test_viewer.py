"""The viewer of passes in a real browser: what a person does, and then sees."""

import json

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.variable import Variable
from minikeras.graph.film import SIGNS, changes
from minikeras.graph.graph import trace
from minikeras.graph.viewer import film
from tests import browser as browsers

pytestmark = pytest.mark.skipif(
    browsers.PATH is None, reason=f"none of {', '.join(browsers.NAMES)} is here"
)
HEAD = "<!doctype html><html{}><meta charset=utf-8><title>films</title><body>"


def small():
    def f(x):  # a drawing
        return ops.softmax((x * 1.0 + 0.0) / 1.0)  # </script><b>no tag</b>

    return film(trace(f, TensorSpec((None, 3)), name="<i>small</i>"), final=True)


def large():
    w = Variable(np.ones((8, 8), "float32"), name="w")

    def step(x):  # more lines than a drawing takes
        with GradientTape() as tape:
            y = x
            for _ in range(4):
                y = ops.tanh(y @ w * 1.0) + 0.0
            loss = ops.mean(ops.square(y))
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    return film(trace(step, TensorSpec((None, 8)), name="large"), final=True)


@pytest.fixture(scope="module")
def films():
    return small(), large()


@pytest.fixture(scope="module")
def chromium():
    with browsers.Browser() as browser:
        yield browser


@pytest.fixture
def page(chromium, films, tmp_path):
    """A page with both films, just loaded."""
    path = tmp_path / "page.html"
    elements = "<hr>".join(one._repr_html_() for one in films)
    path.write_text(HEAD.format("") + elements, encoding="utf-8")
    chromium.screen(900, 1400)
    chromium.open(path)
    yield chromium
    assert chromium.errors() == []
    assert chromium.requests() == [path.as_uri()]


def at(number, selector):
    """An element of one of the films, as an expression."""
    return (
        f"document.querySelectorAll('.mk-film')[{number}].querySelector({selector!r})"
    )


def text(page, number, selector):
    return page.run(f"{at(number, selector)}.textContent")


def rows(page, number, pane):
    """[sign, line] of all lines that a pane shows."""
    found = f"document.querySelectorAll('.mk-film')[{number}]"
    found += f".querySelectorAll('.{pane} .row')"
    return json.loads(
        page.run(
            f"JSON.stringify([...{found}].map(r => [r.children[0].textContent,"
            " r.children[1].textContent]))"
        )
    )


def wanted(frame, marks, kinds):
    """What a pane should show for a frame."""
    graph, lines = frame.graph, []
    for kind, nodes in (("input", graph.inputs), ("state", graph.state.values())):
        lines += [["", f"{x.attributes['name']} = {kind} : {x.spec}"] for x in nodes]
    for name, said in frame.lines.items():
        sign = SIGNS[marks[name]] if marks.get(name) in kinds else ""
        start = "return " if name == "return" else f"{name} = "
        lines.append([sign.replace("-", "\u2212"), start + said])
    return lines


def agrees(page, number, story, step):
    """Whether what is on the page is the frame of this step, and the one before it."""
    before, after = story.frames[step - 1 : step + 1]
    marks = changes(before, after)
    assert rows(page, number, "before") == wanted(before, marks, ("gone", "other"))
    assert rows(page, number, "after") == wanted(after, marks, ("new", "other"))
    said = text(page, number, ".what")
    assert said.startswith(f"{after.step} {after.what}") and after.caveat in said
    count = f"{step} / {len(story.frames) - 1}"
    assert text(page, number, ".tools span") == count
    now = page.run(f"{at(number, 'i.now')}.dataset.step")
    assert int(now) == step


def test_forward_and_back_through_all_steps(page, films):
    story, last = films[1], len(films[1].frames) - 1
    agrees(page, 1, story, 1)
    for step in range(2, last + 1):
        page.click(at(1, "[aria-label='step forward']"))
        agrees(page, 1, story, step)
    forward = at(1, "[aria-label='step forward']")
    assert page.run(f"{forward}.disabled")
    for step in range(last - 1, 0, -1):
        page.click(at(1, "[aria-label='step back']"))
        agrees(page, 1, story, step)
    page.click(at(1, "[aria-label='step back']"))
    assert rows(page, 1, "after") == wanted(story.frames[0], {}, ())
    assert page.run(f"getComputedStyle({at(1, '.before')}).display") == "none"
    page.click(at(1, "[aria-label='last step']"))
    agrees(page, 1, story, last)


def test_keys_step_and_walk(page, films):
    story, last = films[1], len(films[1].frames) - 1
    page.run(f"{at(1, '.strip')}.focus()")
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.press(key)
        agrees(page, 1, story, step)
    page.press("End")
    agrees(page, 1, story, last)
    value = page.run(f"{at(1, '.strip')}.getAttribute('aria-valuetext')")
    assert value.startswith(f"{last} of {last}: {story.frames[last].step}")
    page.run(f"{at(1, '.after .row')}.focus()")
    page.press("ArrowDown")
    page.press("ArrowDown")
    node = [*story.frames[last].graph.inputs, *story.frames[last].graph.state.values()]
    name = list(story.frames[last].lines)[2 - len(node)]
    assert page.run("document.activeElement.dataset.name") == name
    assert text(page, 1, ".about").startswith(f"{name} = ")
    page.press("ArrowUp")
    assert page.run("document.activeElement.previousElementSibling.dataset.name") == "x"


def test_the_tabulator_reaches_bars_buttons_and_both_panes(page):
    page.run(f"{at(1, '.strip')}.focus()")
    seen = []
    for _ in range(6):
        seen.append(page.run("document.activeElement.className"))
        seen[-1] = seen[-1] or page.run("document.activeElement.ariaLabel")
        page.press("Tab")
    assert seen[:5] == ["strip", "first step", "step back", "step forward", "last step"]
    assert seen[5].startswith("row")  # a line of the pane before
    page.run(f"{at(1, '.after .row')}.focus()")
    stops = f"{at(1, '.after')}.querySelectorAll(\"[tabindex='0']\")"
    assert page.run(f"{stops}.length") == 1


def test_a_line_under_the_mouse_tells_spec_and_source(page, films):
    frame = films[1].frames[1]
    name, said = next(x for x in frame.lines.items() if x[1].startswith("tanh"))
    page.hover(at(1, f".after [data-name='{name}']"))
    about = text(page, 1, ".about")
    assert about.startswith(f"{name} = {said}") and "f32[?,8]" in said
    assert "test_viewer.py:" in about and "y = ops.tanh(y @ w * 1.0) + 0.0" in about
    both = page.run(
        "[...document.querySelectorAll('.row.on')].map(x => x.dataset.name).join()"
    )
    assert both == f"{name},{name}"
    fed = page.run("document.querySelector('.row.feed').dataset.name")
    assert fed == said.split()[1]


def test_rows_that_change_are_joined(page, films):
    story = films[1]
    step = next(i for i, f in enumerate(story.frames) if f.what == "x * 1 >> x")
    page.click(f"{at(1, '.strip')}.children[{step}]")
    agrees(page, 1, story, step)
    joins = page.run(
        "JSON.stringify([...document.querySelectorAll('.mk-film')[1]"
        ".querySelectorAll('.joins path')].map(x => x.dataset.join))"
    )
    marks = changes(*story.frames[step - 1 : step + 1])
    assert sorted(json.loads(joins)) == sorted(n for n in marks if marks[n] != "new")
    gone = next(n for n, mark in marks.items() if mark == "gone")
    assert gone in json.loads(joins)
    page.hover(at(1, f".before [data-name='{gone}']"))
    kept = story.frames[step].joined[gone]
    assert f"its value is now read from {kept}" in text(page, 1, ".about")


def test_a_small_graph_is_drawn_and_can_be_read_as_lines(page, films):
    story = films[0]
    boxes = "[...{}.querySelectorAll('g')].map(g => g.dataset.name).join()"
    drawn = page.run(boxes.format(at(0, ".after")))
    frame, constants = story.frames[1], ("constant",)
    lines = [n for n, said in frame.lines.items() if not said.startswith(constants)]
    assert drawn == ",".join(["x", *lines])
    name = next(n for n, said in frame.lines.items() if said.startswith("exp"))
    page.hover(at(0, f".after g[data-name='{name}']"))
    about = text(page, 0, ".about")
    assert about.startswith(f"{name} = exp")
    assert "</script><b>no tag</b>" in about
    assert page.run("document.querySelectorAll('.mk-film b i, .about b').length") == 0
    page.click(at(0, "[aria-label='show lines']"))
    agrees(page, 0, story, 1)
    page.click(at(0, "[aria-label='show drawing']"))
    assert page.run(boxes.format(at(0, ".after"))) == drawn


def test_two_films_do_not_disturb_each_other(page, films):
    first = page.run("document.querySelector('.mk-film .panes').innerHTML")
    page.click(at(1, "[aria-label='step forward']"))
    page.hover(at(1, ".after .row"))
    assert page.run("document.querySelector('.mk-film .panes').innerHTML") == first
    assert text(page, 0, ".tools span").startswith("1 /")
    agrees(page, 1, films[1], 2)


@pytest.mark.parametrize("theme", [None, "light", "dark"])
@pytest.mark.parametrize("dark", [False, True])
def test_it_can_be_read_on_light_and_on_dark(chromium, films, tmp_path, theme, dark):
    path, told = tmp_path / "page.html", f' data-theme="{theme}"' if theme else ""
    path.write_text(HEAD.format(told) + films[1]._repr_html_(), encoding="utf-8")
    chromium.screen(900, 900, dark)
    chromium.open(path)
    style = "getComputedStyle(document.querySelector('.mk-film'))"
    ink, paper = (
        sum(map(int, chromium.run(f"{style}.{key}")[4:-1].split(",")))
        for key in ("color", "backgroundColor")
    )
    is_dark = theme == "dark" or (theme is None and dark)
    assert (ink > paper) is is_dark and abs(ink - paper) > 400


def test_on_a_telephone_nothing_is_wider_than_the_page(page):
    page.screen(380, 800)
    assert page.run("document.documentElement.scrollWidth") <= 380
    top, under = (
        page.run(f"{at(1, pane)}.getBoundingClientRect().top")
        for pane in (".before", ".after")
    )
    assert under > top


def test_without_scripts_the_first_and_the_last_graph_are_there(
    chromium, films, tmp_path
):
    path = tmp_path / "page.html"
    path.write_text(HEAD.format("") + films[1]._repr_html_(), encoding="utf-8")
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(path)
        shown = chromium.run("document.body.innerText")
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    for frame in (films[1].frames[0], films[1].frames[-1]):
        for name, said in list(frame.lines.items())[:-1]:
            assert f"{name} = {said}" in shown
