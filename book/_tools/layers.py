"""The layers of minikeras and their rooms: the map that every page shows.

A room is a few neighbouring chapters. A layer without chapters is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Layer:
    """One floor of the building, a part of the book."""

    key: str  # the folder of its chapters
    title: str
    part: str
    about: str
    rooms: dict[str, tuple[str, ...]]  # room: its chapters

    @property
    def planned(self) -> bool:
        return not any(self.rooms.values())


LAYERS = [
    Layer(
        "arrays",
        "Arrays",
        "Part I",
        "numbers in memory, and one table of operations behind one door",
        {
            "memory": ("buffers", "dtypes"),
            "the table": ("table", "specs"),
            "tensors": ("tensors", "indexing"),
            "operations": (
                "sentences",
                "movement",
                "catalogue",
                "activations",
                "pantry",
            ),
            "random": ("random",),
        },
    ),
    Layer(
        "gradients",
        "Gradients",
        "Part II",
        "a slope for every operation, and a tape that watches",
        {
            "rules": ("rules",),
            "the tape": ("tape", "orders"),
            "variables": ("variables",),
        },
    ),
    Layer(
        "graphs",
        "Graphs",
        "Part III",
        "the same calls, written down as a program and rewritten",
        {
            "tracing": ("tracing", "signatures", "function"),
            "control flow": ("choices", "loops", "autograph"),
            "rows": ("batching",),
            "rewriting": ("proofreading", "rewriting"),
            "passes": ("passes", "rounds", "worth"),
            "all levels": ("inside",),
            "memory": (),
        },
    ),
    Layer(
        "machines",
        "Machines",
        "Part IV",
        "graphs turned into loops for CPU cores and GPU threads",
        {"loops": (), "kernels": (), "devices": ()},
    ),
    Layer(
        "keras",
        "Keras",
        "Part V",
        "layers, losses, optimizers and models, as you know them",
        {
            "before layers": ("nests", "registry", "initializers", "regularizers"),
            "layers": ("holding", "layers", "masks", "precision"),
            "a shelf": (
                *("shelf", "bends", "shapes", "words", "noise"),
                *("merging", "normalizing", "preparing"),
            ),
            "scores": ("losses", "misfits", "metrics", "confusion", "agreement"),
            "optimizers": ("optimizers", "descents", "schedules", "steadying"),
            "models": ("functional", "sequential", "copies", "portraits"),
            "training": (
                "compiling",
                "feeding",
                "workers",
                "fit",
                "onegraph",
                "ownsteps",
            ),
            "around training": ("listening", "watchers", "logbook"),
            "at hand": ("fetching", "handy", "tour"),
        },
    ),
]


def place(page: str):
    """(layer, room) of a page such as `book/arrays/dtypes`; None for other pages."""
    _, _, rest = page.partition("book/")
    key, _, chapter = rest.partition("/")
    for layer in LAYERS:
        if layer.key == key:
            rooms = [r for r, chapters in layer.rooms.items() if chapter in chapters]
            return layer, rooms[0] if rooms else None
    return None


def strip(here, uri) -> str:
    """The map above a chapter: all layers in a row, the rooms of this one below.

    uri: from the name of a page to its address, or None if there is no such page.
    """
    layer, room = here
    row = [tag("li", one.title, state(one, one is layer)) for one in LAYERS]
    doors = [door(layer, name, uri, name == room) for name in layer.rooms]
    label = f"You are here: {layer.title}" + (f", {room}" if room else "")
    return (
        f'<nav class="layers strip" aria-label="{escape(label)}">\n'
        f'<ol class="floors">{"".join(row)}</ol>\n'
        f'<ul class="rooms">{"".join(doors)}</ul>\n</nav>'
    )


def picture(uri) -> str:
    """The map of the landing page: the layers on top of each other, with all rooms."""
    floors = []
    for layer in reversed(LAYERS):
        doors = "".join(door(layer, name, uri, False) for name in layer.rooms)
        part = layer.part + (", still to come" if layer.planned else "")
        head = tag("span", layer.title, "name") + tag("span", part, "part")
        text = tag("p", layer.about[0].upper() + layer.about[1:] + ".")
        inside = f'<div class="head">{head}</div>{text}<ul class="rooms">{doors}</ul>'
        floors.append(tag("li", inside, f"{layer.key} {state(layer, False)}", raw=True))
    return f'<ol class="layers picture">{"".join(floors)}</ol>'


def state(layer, current):
    return "here" if current else "planned" if layer.planned else ""


def door(layer, name, uri, current):
    """A room, linked to the first of its chapters that is in the book."""
    pages = [uri(f"book/{layer.key}/{chapter}") for chapter in layer.rooms[name]]
    to = next((page for page in pages if page is not None), None)
    if to is None:
        return tag("li", name, "planned")
    mark = ' aria-current="true"' if current else ""
    inside = f'<a href="{escape(to)}"{mark}>{escape(name)}</a>'
    return tag("li", inside, "here" if current else "", raw=True)


def tag(name, text, classes="", raw=False):
    """An HTML element; raw: its text is HTML already."""
    mark = f' class="{classes.strip()}"' if classes.strip() else ""
    return f"<{name}{mark}>{text if raw else escape(text)}</{name}>"
