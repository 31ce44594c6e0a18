"""A small Sphinx extension: what the rendered book adds to the chapters.

- An exported cell loses its `#| ...` lines and gains a caption: the file it lands
  in, the class it grows, links to the reference, and arrows to the pieces of the
  same class or module before and after it, in whichever chapter they are.
- An error in an output is shown as its message, without the traceback.
- The solution of an exercise is folded, text and code (`solutions.py`).
- Every page shows where it stands in the system (`layers.py`).
- `{api} NAMESPACE` writes a page of the reference from `minikeras/_origin.json`,
  each entry with a link back to the section that builds it; `{modules}` lists all
  modules of the package with the same links.

The package knows the origin of its definitions; nothing here is written by hand
twice.
"""

from __future__ import annotations

import inspect
import json
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

sys.path.append(str(Path(__file__).parents[1]))
from _tools import layers
from _tools.docstrings import as_rst
from _tools.origins import Origins
from _tools.solutions import fold_solutions

log = logging.getLogger(__name__)
EXTENDS = re.compile(r"^@extends\((\w+)\)", re.MULTILINE)
SHOWN = 4  # public names in a caption
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)


def setup(app):
    """Connect everything to the build."""
    sys.path.insert(0, str(app.srcdir))  # the reference imports the package
    app.connect("builder-inited", load_origins)
    app.connect("doctree-read", find_pieces)
    app.connect("doctree-read", fold_solutions)
    app.connect("env-purge-doc", forget_pieces)
    app.connect("env-check-consistency", number_by_chapter)
    app.connect("env-check-consistency", documented)
    app.connect("doctree-resolved", write_captions)
    app.connect("doctree-resolved", size_figures)
    app.connect("html-page-context", add_map)
    app.connect("autodoc-process-docstring", docstring_with_origin)
    app.connect("autodoc-process-signature", signature_of_constructor)
    app.add_directive("api", Api)
    app.add_directive("modules", Modules)
    app.add_directive("layers", LayersPicture)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}


def load_origins(app):
    """Read the map of origins once."""
    app.origins = Origins.read(app.srcdir)


# Exported cells ---------------------------------------------------------------


@dataclass
class Piece:
    """An exported cell: where it is, the module it goes to, the class it grows."""

    page: str
    id: str
    module: str
    into: str | None = None  # it extends this class
    defines: list[str] = field(default_factory=list)  # classes that begin here

    @property
    def threads(self):
        """The classes this is a piece of, or else the module."""
        classes = [self.into] if self.into else self.defines
        return [(self.module, name) for name in classes] or [(self.module, None)]


def find_pieces(app, doctree):
    """Strip the directives from exported cells, and note what each one exports."""
    page = app.env.docname
    path = Path(app.env.doc2path(page))
    if path.suffix != ".ipynb":
        return
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for node in list(doctree.findall(nodes.container)):
        if node.get("nb_element") == "cell_code":
            cell = cells[node["cell_index"]]
            anchor_cell(app, node, f"cell-{cell['id']}")
            shorten_errors(node, cell.get("outputs", []))


def shorten_errors(node, outputs):
    """Of an error show what it says; the notebook has the whole traceback."""
    said = [f"{o['ename']}: {o['evalue']}" for o in outputs if "ename" in o]
    blocks = [
        b for b in node.findall(nodes.literal_block) if "traceback" in b["classes"]
    ]
    for block, text in zip(blocks, said, strict=False):
        shown = nodes.literal_block(
            text, text, language="text", classes=block["classes"]
        )
        block.replace_self(shown)


def anchor_cell(app, node, anchor):
    """Give a cell an id that links can use, and a caption if it is exported."""
    node["ids"].append(anchor)
    if "tag_bootstrap" in node["classes"]:
        node["prompt_show"] = "How this notebook gets its minikeras"
    app.env.get_domain("std").anonlabels[anchor] = app.env.docname, anchor
    code = next(iter(node.findall(nodes.literal_block)), None)
    lines = code.astext().split("\n") if code is not None else []
    words = [line[2:].split() for line in lines if line.startswith("#|")]
    target = next((rest[0] for word, *rest in words if word == "export"), None)
    if target is None:
        return
    text = "\n".join(line for line in lines if not line.startswith("#|")).strip("\n")
    into = EXTENDS.search(text)
    piece = Piece(
        app.env.docname, anchor, target, into and into[1], CLASS.findall(text)
    )
    pieces_of(app.env).setdefault(piece.page, []).append(piece)
    shown = nodes.literal_block(text, text, **code.attributes)
    code.replace_self(shown)
    node["classes"].append("exported")
    node.insert(0, nodes.paragraph(classes=["exported-to"], piece=piece))


def pieces_of(env) -> dict[str, list[Piece]]:
    if not hasattr(env, "minikeras_pieces"):
        env.minikeras_pieces = {}
    return env.minikeras_pieces


def forget_pieces(app, env, page):
    pieces_of(env).pop(page, None)


def reading_order(env) -> list[str]:
    """All pages in the order of the table of contents."""
    order = []

    def visit(page):
        order.append(page)
        for child in env.toctree_includes.get(page, []):
            visit(child)

    visit(env.config.root_doc)
    return order


def write_captions(app, doctree, page):
    """Fill the captions; by now every page has been read."""
    captions = [n for n in doctree.findall(nodes.paragraph) if "piece" in n]
    if not captions:
        return
    order = [p for q in reading_order(app.env) for p in pieces_of(app.env).get(q, [])]
    for caption in captions:
        piece = caption.attributes.pop("piece")
        caption += nodes.Text("exported to ")
        file = f"minikeras/{piece.module}"
        caption += link(app, page, "book/api/modules", module_id(piece.module), file)
        if piece.into:
            caption += nodes.Text(", into class ")
            owner = app.origins.definitions.get((piece.module, piece.into))
            caption += reference_to(app, page, owner, piece.into)
        for i, definition in enumerate(app.origins.in_cell(piece.id)[:SHOWN]):
            caption += nodes.Text(", " if i else ": ")
            caption += reference_to(app, page, definition, definition.name)
        caption += arrows(app, piece, order)


def module_id(module):
    """The anchor of a module on the page of all modules."""
    words = re.findall("[a-z0-9]+", module.removesuffix(".py"))
    return "-".join(["module", *words])


def link(app, page, to, anchor, text, classes=(), **attributes):
    """A reference from one page to an anchor on another, the text set as code."""
    uri = app.builder.get_relative_uri(page, to) + f"#{anchor}"
    code = nodes.literal(text, text) if not classes else nodes.Text(text)
    node = nodes.reference("", "", code, refuri=uri, internal=True, **attributes)
    node["classes"] += classes
    return node


def reference_to(app, page, definition, name):
    """A name as code, linked to its entry in the reference if it is public."""
    entry = definition and app.env.get_domain("py").objects.get(definition.home)
    if not entry:
        return nodes.literal(name, name)
    return link(app, page, entry.docname, entry.node_id, name)


def arrows(app, piece, order):
    """Links to the neighbouring pieces of the same class or module."""
    box = nodes.inline(classes=["pieces"])
    thread = piece.threads[0]
    chain = [p for p in order if thread in p.threads]
    place = next(i for i, p in enumerate(chain) if p.id == piece.id)
    what = thread[1] or f"minikeras/{thread[0]}"
    for step, sign, word in ((-1, "\N{LEFTWARDS ARROW}", "previous"), (1, "→", "next")):
        if not 0 <= place + step < len(chain):
            continue
        other = chain[place + step]
        hint = f"{word} piece of {what}"
        if other.page != piece.page:
            hint += f", in {app.env.titles[other.page].astext()}"
        box += link(
            app, piece.page, other.page, other.id, sign, ["piece"], reftitle=hint
        )
    return box


def number_by_chapter(app, env):
    """Begin each chapter with figure 1, so that a new one moves no other numbers."""
    for kinds in env.toc_fignumbers.values():
        for figures in kinds.values():
            figures.update({name: (i,) for i, name in enumerate(figures, 1)})


def size_figures(app, doctree, page):
    """Show a notebook's PNG at half its pixels when its metadata do not say."""
    for node in doctree.findall(nodes.image):
        path = Path(app.srcdir) / node["uri"].lstrip("/")
        if "width" in node or path.suffix != ".png" or not path.is_file():
            continue
        if "jupyter_execute" in path.parts:
            width = struct.unpack(">I", path.read_bytes()[16:20])[0]
            node["width"] = f"{width // 2}px"


# The map ----------------------------------------------------------------------


def add_map(app, page, template, context, doctree):
    """Put the strip of the system's layers under the title of a chapter."""
    if doctree is None or not (place := layers.place(page)):
        return
    strip = layers.strip(place, addresses(app, page))
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{strip}", 1)


def addresses(app, page):
    """A function from pages to their addresses as seen from this page."""

    def uri(to):
        known = to in app.env.found_docs
        return app.builder.get_relative_uri(page, to) if known else None

    return uri


class LayersPicture(SphinxDirective):
    """`{layers}`: all layers with all their rooms, for the landing page."""

    def run(self):
        html = layers.picture(addresses(self.env.app, self.env.docname))
        return [nodes.raw("", html, format="html")]


# The reference ----------------------------------------------------------------


class Written(SphinxDirective):
    """A directive whose content is computed, then read as reStructuredText."""

    def parse(self, text):
        self.env.note_dependency(str(self.env.app.origins.path))
        fenced = ["``````{eval-rst}", *text.splitlines(), "``````"]
        box = nodes.container()
        self.state.nested_parse(
            StringList(fenced, "reference"), self.content_offset, box
        )
        return box.children


class Api(Written):
    """`{api} NAMESPACE`: the reference of one public namespace."""

    required_arguments = 1

    def run(self):
        namespace, origins = self.arguments[0], self.env.app.origins
        here, elsewhere = origins.published(namespace)
        rows = [table_row(d, d.path(namespace)) for d in [*here, *elsewhere]]
        entries = [entry(d, d.path(namespace)) for d in here]
        return self.parse("\n".join([*TABLE, *rows, "", *entries])) if rows else []


TABLE = [".. list-table::", "   :class: api", "   :widths: 35 65", ""]
AUTO = {"class": "autoclass", "def": "autofunction", "assign": "autodata"}


def table_row(definition, path):
    role = {"class": "class", "def": "func"}.get(definition.kind, "data")
    name = f":py:{role}:`~{definition.home}`"
    if definition.home != path:
        name = f":py:{role}:`{path.split('.')[-1]} <{definition.home}>`"
    return f"   * - {name}\n     - {as_rst(definition.summary, inline=True)}"


def entry(definition, path):
    lines = [f".. {AUTO[definition.kind]}:: {path}"]
    if definition.kind == "class":
        lines += ["   :members:", "   :member-order: bysource"]
    if definition.kind == "assign":
        lines += ["   :no-value:"]
    return "\n".join([*lines, ""])


class Modules(Written):
    """`{modules}`: every module, and the section that builds each part of it."""

    def run(self):
        text = []
        for module, definitions in self.env.app.origins.by_module().items():
            text += [f".. rubric:: minikeras/{module}"]
            text += [f"   :name: {module_id(module)}", ""]
            places: dict[str, list] = {}
            for definition in definitions:
                places.setdefault(definition.place, []).append(definition)
            for found in places.values():
                names = ", ".join(f"``{definition.name}``" for definition in found)
                text += [f"* {found[0].link()}: {names}"]
            text += [""]
        return self.parse("\n".join(text))


def documented(app, env):
    """Warn of public names that no page of the reference shows."""
    objects = env.get_domain("py").objects
    for definition in app.origins.definitions.values():
        if definition.paths and definition.home not in objects:
            hint = "add a page with {api} to book/api/ and _toc.yml"
            log.warning("%s is on no page of the reference: %s", definition.home, hint)


def docstring_with_origin(app, what, name, obj, options, lines):
    """Make a docstring safe to read as reStructuredText; add where it is built."""
    lines[:] = as_rst("\n".join(lines)).split("\n")
    if origin := app.origins.of(name):
        built = f"   Built in {origin.link()}."
        lines += ["", ".. container:: built-in", "", built, ""]


def signature_of_constructor(app, what, name, obj, options, signature, returns):
    """Show a class with the arguments of `__init__` where `__new__` takes anything."""
    if what == "class" and signature == "(*args, **kwargs)":
        return str(inspect.signature(obj)), returns
    return None
