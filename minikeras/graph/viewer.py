"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

import json
from html import escape

from minikeras.graph.drawing import COLORS, boxes_of, color_of, placed
from minikeras.graph.film import Film, changes
from minikeras.graph.graph import DRAWN, constant


def rows_of(frame):
    """(name, text, place, colour) of what comes in, of all lines, of what comes out."""
    graph, grey = frame.graph, COLORS["grey"]
    for kind, nodes in (("input", graph.inputs), ("state", graph.state.values())):
        for x in nodes:
            yield x.attributes["name"], f"{kind} : {x.spec}", "", grey
    for node in graph.nodes:
        name = frame.names[id(node)]
        yield name, frame.lines[name], node.place, color_of(node.op)
    yield "return", frame.lines["return"], "", grey


def picture(frame):
    """Where everything stands in the drawing of a frame: size, boxes, arrows."""
    graph, names = frame.graph, frame.names
    lines = [names[id(x)] for x in graph.nodes if x.op is not constant]
    boxes = boxes_of(graph)
    called = [*(names[id(x)] for x in graph.inputs), *graph.state, *lines]
    called += ["return"] * (len(boxes) - len(called))
    points, ways, size = placed(boxes)
    spots = [[round(x), round(y)] for x, y in points]
    return {
        "size": [round(n) for n in size],
        "boxes": [
            [name, box.text, box.color, *spot]
            for name, box, spot in zip(called, boxes, spots)
        ],
        "ways": [[n for i in way for n in spots[i]] for way in ways],
    }


def pictures(frames):
    """The drawings of all frames, or None for each if one is too large to be drawn."""
    try:
        small = all(len(frame.graph.nodes) <= DRAWN for frame in frames)
        return [picture(frame) if small else None for frame in frames]
    except ImportError:  # without igraph the lines have to do
        return [None for _ in frames]


def alike(old, new):
    """How many of their first items two lists share."""
    pairs = enumerate(zip(old, new))
    return next((i for i, (a, z) in pairs if a != z), min(len(old), len(new)))


def patch(old, new):
    """What makes one list of another: how much start to keep, what then, how much end.

    >>> patch([1, 2, 3, 4, 5], [1, 2, 9, 5])
    [2, [9], 1]
    """
    start = alike(old, new)
    end = alike(old[start:][::-1], new[start:][::-1])
    return [start, new[start : len(new) - end], end]


def data_of(film):
    """All that the script needs to know of a film, ready for JSON."""
    numbers, frames, last = {}, [], []
    drawn = pictures(film.frames)
    for before, frame, drawing in zip((None, *film.frames), film.frames, drawn):
        rows = [numbers.setdefault(row, len(numbers)) for row in rows_of(frame)]
        known = {
            "step": frame.step,
            "what": frame.what,
            "caveat": frame.caveat,
            "time": f"{frame.elapsed_ms:.1f} ms" if before else "",
            "size": len(frame.graph.nodes),
            "rows": patch(last, rows),
            "unread": frame.unread,
            "marks": changes(before, frame) if before else {},
            "joined": frame.joined,
            "picture": drawing,
        }
        frames.append({key: x for key, x in known.items() if x})
        last = rows
    return {"rows": list(numbers), "frames": frames}


FRAME = """
.mk-film { color-scheme: light dark; color: light-dark(#2b3036, #d5dae1);
  --line: light-dark(#d9dde3, #39424f); --gone: #d94f5c; --new: #1a936f;
  --other: #a67c00; --here: light-dark(#1b6ca8, #6fb1e6);
  font: 0.84rem/1.45 system-ui, sans-serif; margin: 0.5rem 0; padding: 0.5rem;
  background: light-dark(#fff, #14181e); border-radius: 0.3rem; }
[data-theme=light] .mk-film, [data-jp-theme-light=true] .mk-film { color-scheme: light; }
[data-theme=dark] .mk-film, [data-jp-theme-light=false] .mk-film { color-scheme: dark; }
.mk-film p { margin: 0.3rem 0; }
.mk-film code, .mk-film pre, .mk-film .rows, .mk-film text {
  font: 0.78rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; color: inherit;
  background: none; border: 0; padding: 0; margin: 0; }
.mk-film .strip { display: flex; align-items: flex-end; gap: 1px; height: 3.2rem;
  cursor: pointer; touch-action: none; }
.mk-film .strip i { flex: 1 1 0; max-width: 2rem; background: var(--line);
  min-height: 2px; border-radius: 2px 2px 0 0; }
.mk-film .strip i.first { margin-left: 3px; }
.mk-film .strip i:hover, .mk-film .strip i.now { background: var(--here); }
.mk-film .tools { display: flex; gap: 0.4rem; align-items: center; margin: 0.4rem 0; }
.mk-film button { font: inherit; color: inherit; background: none; cursor: pointer;
  border: 1px solid var(--line); border-radius: 0.3rem; padding: 0.1rem 0.7rem; }
.mk-film button:disabled { opacity: 0.4; cursor: default; }
.mk-film .tools span { min-width: 4.5rem; text-align: center; }
.mk-film :focus-visible { outline: 2px solid var(--here); outline-offset: 1px; }
.mk-film small { color: light-dark(#5f6670, #9aa3af); font-size: 1em; }
"""

PANES = """
.mk-film .panes { display: grid; grid-template-columns: 1fr 2.2rem 1fr; }
.mk-film .pane { position: relative; overflow: auto; max-height: 22rem;
  border: 1px solid var(--line); border-radius: 0.3rem; }
.mk-film .joins { width: 100%; height: 100%; overflow: hidden; }
.mk-film .joins path { fill: none; stroke-width: 1.5; }
.mk-film.single .panes { grid-template-columns: 1fr; }
.mk-film.single .before, .mk-film.single .joins, .mk-film.live .still { display: none; }
.mk-film .row { display: grid; grid-template-columns: 1.2rem 1fr; cursor: default;
  white-space: pre-wrap; overflow-wrap: anywhere; padding: 0 0.4rem 0 0.2rem; }
.mk-film .gone { --mark: var(--gone); } .mk-film .new { --mark: var(--new); }
.mk-film .other { --mark: var(--other); }
.mk-film .row[class*=" "] { background: color-mix(in srgb, var(--mark) 18%, #0000); }
.mk-film .row > b { color: var(--mark); text-align: center; }
.mk-film .row.unread > span { opacity: 0.55; text-decoration: line-through; }
.mk-film .row.on { box-shadow: inset 0 0 0 1.5px var(--here); }
.mk-film .row.feed { box-shadow: inset 2px 0 0 var(--here); }
.mk-film svg.drawing { display: block; margin: auto; height: auto; }
.mk-film svg.drawing text { fill: currentColor; text-anchor: middle; font-size: 12px; }
.mk-film g rect { stroke: var(--fill); fill: var(--fill); fill-opacity: 0.14; }
.mk-film g.unread { opacity: 0.45; }
.mk-film g:is(.gone, .new, .other) rect { stroke: var(--mark); stroke-width: 3;
  fill: var(--mark); fill-opacity: 0.25; }
.mk-film g.on rect { stroke: var(--here); stroke-width: 3; }
.mk-film g.feed rect { stroke: var(--here); stroke-width: 2; stroke-dasharray: 4 2; }
.mk-film .about { min-height: 4.6em; overflow-wrap: anywhere; }
@media (max-width: 560px) {
  .mk-film .panes { grid-template-columns: 1fr; gap: 0.4rem; }
  .mk-film .joins { display: none; } .mk-film .pane { max-height: 15rem; } }
"""

HELPERS = """
const SVG = "http://www.w3.org/2000/svg";
const make = (tag, about, ...inside) => {
  const drawn = ["svg", "g", "rect", "text", "path"].includes(tag);
  const element = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(about)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
};
const SIGNS = {gone: "\\u2212", new: "+", other: "~"};
const named = (pane, name) =>
  [...pane.querySelectorAll("[data-name]")].filter(x => x.dataset.name === name);
const feeds = ([name, text]) => {
  const words = text.split("\\n")[0].split(" : ")[0].split(/[ ,;]+/);
  return new Set(name === "return" ? words : words.slice(1));
};
"""

LIST = """
const look = (frame, marks, i, name) => ({
  class: [marks[name] || "", (frame.unread || []).includes(name) ? "unread" : ""]
    .filter(Boolean).join(" "), "data-name": name, tabindex: i ? -1 : 0});
const list = (rows, frame, marks) => make("div", {class: "rows", role: "list"},
  ...rows.map(([name, text, place, color], i) => {
    const about = look(frame, marks, i, name);
    about.class = ("row " + about.class).trim();
    const start = name === "return" ? "return " : name + " = ";
    const [word, ...rest] = name === "return" ? [text] : text.split(" ");
    return make("div", {...about, role: "listitem"},
      make("b", {}, SIGNS[marks[name]] || ""),
      make("span", {}, start, make("span", {style: "color:" + color}, word),
        rest.length ? " " + rest.join(" ") : ""));
  }));
"""

DRAWING = """
const drawing = (picture, frame, marks) => {
  const [width, height] = picture.size;
  const svg = make("svg", {class: "drawing", viewBox: `0 0 ${width} ${height}`,
    style: `width:min(100%,${width}px);min-width:${Math.round(0.55 * width)}px`});
  for (const way of picture.ways) {
    const [x, y, ...rest] = way, v = rest.pop(), u = rest.pop(), points = [[x, y + 12]];
    while (rest.length) points.push(rest.splice(0, 2));
    const d = "M" + [...points, [u, v - 19]].map(p => p.join(" ")).join("L");
    svg.append(make("path", {d, fill: "none", stroke: "#777c85"}),
      make("path", {d: `M${u} ${v - 12}l-4 -8h8z`, fill: "#777c85"}));
  }
  picture.boxes.forEach(([name, text, color, x, y], i) => {
    const w = 7.3 * text.length + 16, box = {x: x - w / 2, y: y - 12, width: w, height: 24};
    svg.append(make("g", {...look(frame, marks, i, name), style: "--fill:" + color,
      role: "img", "aria-label": text}, make("rect", {...box, rx: 5}),
      make("text", {x, y: y + 4}, text)));
  });
  return svg;
};
"""

ALIGN = """
const scroll = (pane, row) => {
  if (row) pane.scrollTop += row.getBoundingClientRect().top
    - pane.getBoundingClientRect().top - pane.clientHeight / 3;
};
const align = (before, after) => {
  const panes = [before, after].map(pane => [...pane.querySelectorAll("[data-name]")]);
  const marked = panes.map(all => all.findIndex(x => /gone|new|other/.test(x.className
    .baseVal ?? x.className)));
  const partner = (i, here, there) => {
    const place = new Map(there.map((x, j) => [x.dataset.name, j]));
    while (i > 0 && !place.has(here[i].dataset.name)) i--;
    return place.get(here[i]?.dataset.name) ?? 0;
  };
  let [i, j] = marked;
  const over = i < 0 ? Infinity : partner(i, ...panes);
  if (j >= 0 && j < over) i = partner(j, ...panes.toReversed());
  else if (i >= 0) j = over;
  scroll(before, panes[0][i]), scroll(after, panes[1][j]);
};
"""

JOINS = """
const join = (joins, before, after, frame) => {
  const {top, width, height} = joins.getBoundingClientRect();
  const middle = element => {
    const box = element.getBoundingClientRect();
    return Math.max(2, Math.min(height - 2, box.top + box.height / 2 - top));
  };
  joins.replaceChildren();
  for (const [name, mark] of Object.entries(frame.marks || {})) {
    const left = named(before, name)[0];
    const right = named(after, (frame.joined || {})[name] || name)[0];
    if (!left || !right || left.tagName === "g") continue;
    const [y, v] = [middle(left), middle(right)], half = width / 2;
    joins.append(make("path", {stroke: `var(--${mark})`, "data-join": name,
      d: `M0 ${y}C${half} ${y} ${half} ${v} ${width} ${v}`}));
  }
};
"""

STAGE = """
const play = root => {
  const film = JSON.parse(root.querySelector("script[type]").textContent);
  const {rows, frames} = film, last = frames.length - 1;
  frames.reduce((old, frame) => {
    const [start, between, end] = frame.rows;
    const kept = old.slice(old.length - end);
    return frame.rows = [...old.slice(0, start), ...between, ...kept];
  }, []);
  const most = Math.max(1, ...frames.map(frame => frame.size || 0));
  const bars = frames.map((frame, i) => make("i", {"data-step": i, style:
    `height:${100 * (frame.size || 0) / most}%`, title: `${i}: ${frame.step}`,
    class: i && frame.step !== frames[i - 1].step ? "first" : ""}));
  const strip = make("div", {class: "strip", role: "slider", tabindex: 0,
    "aria-label": "step", "aria-valuemin": 0, "aria-valuemax": last}, ...bars);
  const button = (label, text) =>
    make("button", {"aria-label": label, type: "button"}, text);
  const [first, back, next, end] = [button("first step", "\\u00ab"),
    button("step back", "\\u2039"), button("step forward", "\\u203a"),
    button("last step", "\\u00bb")];
  const count = make("span", {}), mode = button("show lines", "lines");
  const what = make("p", {class: "what", "aria-live": "polite"});
  const before = make("div", {class: "pane before", role: "group", "aria-label": "before"});
  const after = make("div", {class: "pane after", role: "group", "aria-label": "after"});
  const joins = make("svg", {class: "joins", "aria-hidden": "true"});
  const about = make("p", {class: "about"});
  root.append(strip, make("div", {class: "tools"}, first, back, count, next, end, mode),
    what, make("div", {class: "panes"}, before, joins, after), about);
  root.classList.add("live");
  let now = 0, drawn = frames.every(frame => frame.picture);
  mode.hidden = !drawn;
"""

POINT = """
  const rest = "Point at a line, or walk with the arrow keys, to see its source.";
  const point = (pane, name) => {
    const frame = frames[pane === before ? now - 1 : now];
    const row = frame.rows.map(i => rows[i]).find(row => row[0] === name);
    const fed = row ? feeds(row) : new Set();
    for (const x of root.querySelectorAll(".panes [data-name]")) {
      x.classList.toggle("on", x.dataset.name === name);
      x.classList.toggle("feed", pane.contains(x) && fed.has(x.dataset.name));
    }
    if (!row) return about.replaceChildren(make("small", {}, rest));
    const now_is = pane === before && (frames[now].joined || {})[name];
    about.replaceChildren(
      make("code", {}, name === "return" ? "return " + row[1] : `${name} = ${row[1]}`),
      make("br", {}), make("small", {}, row[2] ? "at " : "", make("code", {}, row[2]),
        now_is ? ` (its value is now read from ${now_is})` : ""));
  };
"""

SHOW = """
  const show = step => {
    now = Math.max(0, Math.min(last, step));
    const frame = frames[now], old = frames[now - 1], marks = frame.marks || {};
    const view = (frame, kinds) => {
      const own = Object.fromEntries(
        Object.entries(marks).filter(([_, kind]) => kinds.includes(kind)));
      return drawn ? drawing(frame.picture, frame, own)
        : list(frame.rows.map(i => rows[i]), frame, own);
    };
    root.classList.toggle("single", !old);
    before.replaceChildren(...(old ? [view(old, ["gone", "other"])] : []));
    after.replaceChildren(view(frame, ["new", "other"]));
    bars.forEach((bar, i) => bar.classList.toggle("now", i === now));
    say(frame, old);
    align(before, after);
    point(after, null);
    join(joins, before, after, frame);
  };
"""

SAY = """
  const say = (frame, old) => {
    const size = n => n === 1 ? "1 line" : `${n || 0} lines`;
    const sizes = old ? `${old.size || 0} to ${size(frame.size)}` : size(frame.size);
    what.replaceChildren(make("b", {}, frame.step), " ", make("code", {}, frame.what || ""),
      make("small", {}, frame.caveat ? ` (${frame.caveat})` : "", ` \\u00b7 ${sizes}`,
        frame.time ? `, the pass took ${frame.time}` : ""));
    count.textContent = `${now} / ${last}`;
    strip.setAttribute("aria-valuenow", now);
    strip.setAttribute("aria-valuetext", `${now} of ${last}: ${what.textContent}`);
    for (const x of [first, back]) x.disabled = now === 0;
    for (const x of [next, end]) x.disabled = now === last;
  };
"""

KEYS = """
  const walk = (from, by) => {
    const all = [...from.closest(".pane").querySelectorAll("[data-name]")];
    const to = all[all.indexOf(from) + by];
    if (!to) return;
    from.setAttribute("tabindex", -1), to.setAttribute("tabindex", 0), to.focus();
  };
  root.addEventListener("keydown", event => {
    const row = event.target.closest("[data-name]");
    const steps = {ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last};
    const ways = {ArrowUp: -1, ArrowDown: 1};
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (row && event.key in ways) walk(row, ways[event.key]);
    else if (event.key in steps) show(steps[event.key]);
    else return;
    event.preventDefault(), event.stopPropagation();
  });
  for (const kind of ["pointerover", "focusin"]) root.addEventListener(kind, event => {
    const row = event.target.closest(".pane [data-name]");
    if (row) point(row.closest(".pane"), row.dataset.name);
  });
"""

PRESSES = """
  [[first, () => 0], [back, () => now - 1], [next, () => now + 1], [end, () => last]]
    .forEach(([x, to]) => x.addEventListener("click", () => show(to())));
  strip.addEventListener("pointerdown", event => {
    const gaps = bars.map(bar => Math.abs(event.clientX - bar.getBoundingClientRect().left
      - bar.offsetWidth / 2));
    show(gaps.indexOf(Math.min(...gaps)));
  });
  mode.addEventListener("click", () => {
    drawn = !drawn, mode.textContent = drawn ? "lines" : "drawing", show(now);
    mode.setAttribute("aria-label", "show " + mode.textContent);
  });
  const again = () => join(joins, before, after, frames[now]);
  [before, after].forEach(pane => pane.addEventListener("scroll", again));
  new ResizeObserver(again).observe(root);
  show(Math.min(1, last));
};
document.querySelectorAll(".mk-film:not(.live)").forEach(play);
"""


STYLE = FRAME + PANES

PARTS = HELPERS, LIST, DRAWING, ALIGN, JOINS, STAGE, SAY, POINT, SHOW, KEYS, PRESSES

SCRIPT = f"(() => {{{''.join(PARTS)}}})();"


def still(frame, title):
    """A frame as a page shows it that runs no scripts."""
    rows = [f"{name} = {text}" for name, text, *_ in rows_of(frame)]
    text = "\n".join(rows).replace("return = ", "return ")
    return f"<p>{title}</p><pre>{escape(text)}</pre>"


def page_element(film):
    """A film as a piece of HTML that needs nothing else, and disturbs nothing."""
    data = json.dumps(data_of(film), ensure_ascii=False, separators=(",", ":"))
    first, last = film.frames[0], film.frames[-1]
    stills = still(first, "as it was traced") + still(last, "after all passes")
    steps = "1 step" if len(film.frames) == 2 else f"{len(film.frames) - 1} steps"
    sizes = f"{len(first.graph.nodes)} lines, {len(last.graph.nodes)} after {steps}"
    label = f"the passes over {escape(film.name)}"
    return (
        f'<div class="mk-film" role="group" aria-label="{label}">'
        f"<style>{STYLE}</style><p><b>{escape(film.name)}</b>: {sizes}</p>"
        f'<div class="still">{stills}</div><script type="application/json">'
        + data.replace("<", "\\u003c")
        + f"</script><script>{SCRIPT}</script></div>"
    )


LONG = 2000  # lines, above which a page would be too heavy


class Viewer(Film):
    """A film that a notebook shows as a page element, to be stepped through."""

    def _repr_html_(self):
        small = len(self.frames[0].graph.nodes) <= LONG
        return page_element(self) if small else None


def film(graph, final=False, rounding=False, without=()):
    """The passes over a graph, rule by rule, to print or to step through in a notebook.

    final, rounding, without: as for `optimize`. Source: chapter "Every level, on one page".

    >>> from minikeras.core.specs import TensorSpec
    >>> from minikeras.graph.graph import trace
    >>> print(film(trace(lambda x: -(-x), TensorSpec((3,)), name="f")))
    f: 2 lines, 0 after 2 steps
    simplify: -(-x) >> x
      - %1 = negative %0 : f32[3]   (now x)
      ~ return = x
    prune: unread line
      - %0 = negative x : f32[3]
    """
    return Viewer(graph, final, rounding, without)
