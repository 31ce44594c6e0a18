"""Finding the imports of each module from the names its blocks use.

A chapter runs in one namespace; its export splits that namespace into modules. So the
exporter looks up every outside name the way the notebook would and writes the import.
"""

from __future__ import annotations

import builtins
from collections import defaultdict

from _tools.blocks import KEPT, Block, Import
from _tools.cells import ExportError
from _tools.names import LATER, NOTE, NOW
from _tools.package import Module, Package, dotted

SPELLING = "check the spelling, or build the chapter that defines it first"
BUILTIN = {*dir(builtins), "__name__", "__file__", "__doc__", "__class__"}


class Resolver:
    def __init__(self, package: Package):
        self.package = package
        self.modules = {module.dotted: module for module in package.modules.values()}
        self.homes = defaultdict(list)  # name: modules that define it
        self.bindings = defaultdict(list)  # slug, name: [(place, Import or Module)]
        self.edges = defaultdict(set)  # target: targets it imports
        self.used = defaultdict(list)  # target: [(block, name, when, Import)]
        self.index()

    def index(self):
        for module in self.package.modules.values():
            for block in module.blocks:
                for name in block.names:
                    self.homes[name].append(module)
                    key = block.cell.slug, name
                    self.bindings[key].append((block.cell.place, module))
        for chapter in self.package.chapters:
            for cell in chapter.cells:
                for one in self.package.imports[cell.slug, cell.id]:
                    self.bindings[cell.slug, one.name].append((cell.place, one))

    def run(self):
        for module in self.package.modules.values():
            for block in pieces_with_class(module):
                for name, when in block[0].needs.items():
                    self.need(module, *block, name, when)
            self.keep(module)
        for module in self.package.modules.values():
            self.write(module)

    def need(self, module: Module, block: Block, owner: Block | None, name, when):
        "Decide where `name` comes from when `block` uses it."
        members = {n for member in owner.members for n in member.names} if owner else ()
        if set(when) == {NOW} and name in members:
            return
        found = self.find(module, block, name, when)
        if isinstance(found, Import):
            found = self.checked(module, found)
        if isinstance(found, Import):
            self.used[module.target].append((block, name, when, found))
            source = self.source(found)
            if source and source is not module:
                self.edges[module.target].add(source.target)
        elif found is module:
            self.check_order(module, block, owner, name, when)

    def source(self, one: Import) -> Module | None:
        "The module that importing `one` loads."
        room = f"{one.module}.{one.attribute}"
        return self.modules.get(room) or self.modules.get(one.module)

    def find(self, module: Module, block: Block, name, when):
        "An Import, the module itself, or None for a built-in name."
        if any(one.name == name for one in self.package.imports[self.key(block)]):
            imports = self.package.imports[self.key(block)]
            return next(one for one in imports if one.name == name)
        home = module.defines(name)
        if home and self.time(home) <= self.time(block):
            return module
        here = self.notebook(module, block, name, when)
        if here is not None:
            return here
        if name in BUILTIN:
            if home:
                problem = f"`{name}` means the built-in here, but {module.target} "
                problem += f"defines its own in chapter {home.cell.slug}"
                raise block.error(name, problem, f"write `builtins.{name}`")
            return None
        return self.earlier(block, name, home)

    def notebook(self, module: Module, block: Block, name, when):
        "What the chapter's own cells bind `name` to."
        bindings = self.bindings[block.cell.slug, name]
        bindings = sorted(bindings, key=lambda binding: binding[0])
        before = [what for place, what in bindings if place <= block.cell.place]
        after = [what for place, what in bindings if place > block.cell.place]
        choices = before[-1:] if NOW in when else before + after
        modules = {what.target for what in choices if isinstance(what, Module)}
        if module.target in modules:
            return module
        if len(modules) > 1:
            fix = "use another name for one of them"
            targets = ", ".join(sorted(modules))
            raise block.error(name, f"`{name}` is ambiguous: {targets}", fix)
        if modules:
            target = modules.pop()
            return Import(block.cell, 0, name, dotted(target), name)
        return choices[-1] if choices else None

    def earlier(self, block: Block, name, home):
        "A name of an earlier chapter that the cell did not import."
        homes = self.homes[name]
        known = [m for m in homes if self.time(m.defines(name)) <= self.time(block)]
        if len(known) == 1:
            return Import(block.cell, 0, name, known[0].dotted, name)
        if known:
            targets = ", ".join(module.target for module in known)
            fix = "import the one you mean in the cell"
            raise block.error(name, f"`{name}` is ambiguous: {targets}", fix)
        if homes:
            raise self.circular(block, name, homes[0].defines(name))
        fix = "import it, or export the cell that defines it"
        raise block.error(name, f"`{name}` is not defined by any exported cell", fix)

    def circular(self, block: Block, name, later: Block):
        problem = f"`{name}` is defined only later, in chapter {later.cell.slug}"
        fix = "move it, or let the later chapter plug into this one"
        return block.error(name, problem, fix)

    def time(self, block: Block) -> int:
        return self.package.order.index(block.cell.slug)

    def key(self, block: Block):
        return block.cell.slug, block.cell.id

    def checked(self, module: Module | None, one: Import) -> Import | Module:
        "The import with its name's own module; the module itself for a self-import."
        if not one.module.startswith("minikeras") or one.attribute is None:
            return one
        name, source = one.attribute, self.modules.get(one.module)
        if f"{one.module}.{name}" in self.package.public:
            target, name = self.package.public[f"{one.module}.{name}"]
            source = self.package.modules[target]
        if source is None:
            return self.checked_room(one)
        if source is module and name == one.name:
            return module
        block = source.defines(name)
        if block is None:
            problem = f"{source.target} does not export `{name}`"
            raise one.cell.error(one.number, problem, SPELLING)
        if self.time(block) > self.package.order.index(one.cell.slug):
            problem = f"`{name}` is defined only later, in chapter {block.cell.slug}"
            fix = "move it, or let the later chapter plug into this one"
            raise one.cell.error(one.number, problem, fix)
        return Import(one.cell, one.number, one.name, source.dotted, name, one.kept)

    def checked_room(self, one: Import) -> Import:
        "`from minikeras import ops`: a room or a module, not a name."
        full = f"{one.module}.{one.attribute}"
        if "._" in full:  # written by hand, there from the start
            return one
        homes = {name: module.target for name, module in self.modules.items()}
        homes |= {name: target for name, (target, _) in self.package.public.items()}
        inside = [
            self.package.modules[target]
            for name, target in homes.items()
            if f"{name}.".startswith(f"{full}.")
        ]
        now = self.package.order.index(one.cell.slug)
        if not inside:
            problem = f"no chapter builds `{full}`"
            raise one.cell.error(one.number, problem, SPELLING)
        if all(self.time(module.blocks[0]) > now for module in inside):
            problem = f"`{full}` is built only later"
            raise one.cell.error(one.number, problem, "move the chapter, or the import")
        return one

    def check_order(self, module: Module, block: Block, owner, name, when):
        "What runs at import must stand above; a merged member runs with its class."
        home, place = module.defines(name), owner or block
        if NOW not in when or home is place:
            return
        if module.blocks.index(home) > module.blocks.index(place):
            problem = f"`{name}` runs at import, but stands below in {module.target}"
            raise block.error(name, problem, "export it in an earlier cell")

    def keep(self, module: Module):
        "Imports marked `# noqa` stay although nothing uses them."
        for chapter in self.package.chapters:
            for cell in chapter.cells:
                if cell.target == module.target:
                    for one in self.package.imports[cell.slug, cell.id]:
                        if one.kept:
                            block = Block(cell, "statement", [], None, {}, one.number)
                            self.note(module, one.line + KEPT, block, only_note=False)

    def prerequisites(self) -> dict[str, list[str]]:
        "The chapters whose work each chapter uses directly."
        found = defaultdict(set)
        for module in self.package.modules.values():
            for block, _, _, one in self.used[module.target]:
                found[block.cell.slug].add(self.maker(one))
            for block in module.blocks:
                for member in block.members:
                    found[member.cell.slug].add(block.cell.slug)
        for cell, one in self.loose():
            try:
                found[cell.slug].add(self.maker(self.checked(None, one)))
            except ExportError as error:
                if "raises-exception" not in cell.tags:
                    self.package.late.append(error)
        order = self.package.order
        return {
            slug: sorted(found[slug] - {slug, None}, key=order.index)
            for slug in order
            if slug in found
        }

    def loose(self):
        "What the cells that stay in the book import."
        for chapter in self.package.chapters:
            for cell in chapter.cells:
                if cell.target is None:
                    for one in self.package.imports[cell.slug, cell.id]:
                        yield cell, one

    def maker(self, one: Import) -> str | None:
        "The chapter that defines what `one` imports."
        module = self.modules.get(one.module)
        block = module.defines(one.attribute) if module and one.attribute else None
        return block.cell.slug if block else None

    # -- writing the imports down ------------------------------------------------

    def write(self, module: Module):
        bound = {}
        for block, name, when, one in self.used[module.target]:
            line, source = one.line, self.source(one)
            if bound.setdefault(name, line) != line:
                problem = f"`{name}` is both `{bound[name]}` and `{line}` here"
                raise block.error(name, problem, "use one meaning in one module")
            home = module.defines(name)
            if home:
                problem = f"`{name}` is imported, and defined by {module.target} too"
                raise block.error(name, problem, "rename one of them")
            if source and self.closes_a_circle(module, source):
                self.write_local(module, block, name, when, line)
            else:
                self.note(module, line, block, only_note=False)

    def note(self, module: Module, line, block: Block, only_note: bool):
        old = module.imports.get(line)
        slug = block.cell.slug
        if old is None:
            module.imports[line] = [slug, only_note]
            return
        first = min(old[0], slug, key=self.package.order.index)
        module.imports[line] = [first, old[1] and only_note]

    def closes_a_circle(self, module: Module, source: Module) -> bool:
        "Modules load in reading order; one that starts later may need this one."
        return source.position > module.position and self.reaches(source, module)

    def reaches(self, source: Module, goal: Module) -> bool:
        seen, waiting = set(), [source.target]
        while waiting:
            target = waiting.pop()
            if target == goal.target:
                return True
            if target not in seen:
                seen.add(target)
                waiting += self.edges[target]
        return False

    def write_local(self, module: Module, block: Block, name, when, line):
        if NOW in when or (LATER in when and block.kind != "def"):
            problem = f"a circle of imports: {module.target} needs `{name}` at import, "
            problem += "and the module of that name needs this one"
            raise block.error(name, problem, "use the name inside a function only")
        if LATER in when and line not in block.local:
            block.local.append(line)
        if NOTE in when:
            self.note(module, line, block, only_note=True)


def pieces_with_class(module: Module):
    "Blocks and members, each with the class it is a member of."
    for block in module.blocks:
        yield block, None
        for member in block.members:
            yield member, block


def resolve(package: Package) -> Package:
    resolver = Resolver(package)
    resolver.run()
    package.prerequisites = resolver.prerequisites()
    return package
