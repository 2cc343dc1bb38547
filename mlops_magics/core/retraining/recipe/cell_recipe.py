"""The recipe of a cell: its needs before it runs, and the roles of its data after it ran."""

from __future__ import annotations

import ast
import dataclasses
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.retraining.recipe import (
    history_slice,
    live_values,
    module_changes,
    module_files,
    process_options,
)
from mlops_magics.core.retraining.recipe.cell_names import CellNames
from mlops_magics.core.retraining.recipe.free_names import names_of
from mlops_magics.core.retraining.recipe.history_slice import Slice
from mlops_magics.core.retraining.recipe.needs import REFITS, Needs
from mlops_magics.core.retraining.recipe.recipe import DataName, History, Recipe
from mlops_magics.core.retraining.recipe.varying_calls import varying_calls
from mlops_magics.core.versioning.describing import packages
from mlops_magics.core.versioning.describing.secrets import redaction

SEEDS = ("random_state", "seed", "manual_seed", "set_seed", "random_seed")
"""Words by which code sets a seed."""
REMEDY = "To fix it: move the lines that make it into this cell, or tag a cell `parameters`: `%retrain --help`."
LEAVE_OUT = "To fix it: leave that out of the cell, or tag a cell `parameters`: `%retrain --help`."
"""The remedy where all obstacles are acts of the cell itself."""
NO_SECRETS = 'take it from the environment (os.environ["NAME"])'


@dataclass(frozen=True, slots=True)
class CellFacts:
    """A cell that is about to be run and pinned.

    Attributes
    ----------
    source
        The cell as the user wrote it.
    code
        The same as Python: IPython's magics are calls.
    line
        The words after the magic, without the name of the model.
    expressions
        Those of the words that are expressions, which are evaluated after the cell.
    test
        The expressions of the held-out rows and their truth.
    namespace
        The variables of the notebook.
    cells
        The Python code of the cells that ran before, oldest first.
    notebook, folder
        The notebook's path, and the folder in which it runs.
    """

    source: str
    code: str
    line: tuple[str, ...]
    expressions: tuple[str, ...]
    test: tuple[str, ...]
    namespace: Mapping[str, Any]
    cells: tuple[str, ...] = ()
    notebook: str | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The needs of a cell, collected before it ran.

    ``notebook`` is the recipe of its notebook, which comes first, and ``slice`` the earlier cells that make the values
    which no line of code rebuilds.
    """

    facts: CellFacts
    names: CellNames
    needs: Needs
    data: Mapping[str, DataName]
    random_state: str | None
    options: Mapping[str, Any]
    notebook: Recipe | None = None
    slice: Slice = field(default_factory=Slice)

    def finish(self, fits: Iterable[tuple[str | None, str | None]]) -> Recipe:
        """Return the recipe of the cell after it ran.

        Parameters
        ----------
        fits
            The spelling of the features and the truth: in the options of the magic, then in the model's ``.fit``.
        """
        facts, needs = self.facts, self.needs
        if self.notebook is not None:
            return dataclasses.replace(
                self.notebook,
                environment=_environment(needs.modules | {"ipykernel", "nbclient"}),
                python=platform.python_version(),
            )
        data = _with_roles(self.data, [*fits, *self.names.fits])
        obstacles = [*self.names.obstacles, *(f"{name} ({reason})" for name, reason in needs.unknown.items())]
        outside = self._changed_outside()
        obstacles += [each for each in outside if each not in obstacles]
        hidden = _hidden(facts, needs)
        past = self._history(data) if not (self.names.obstacles or outside or hidden) else Slice()
        obstacles += [past.problem] if past.problem else []
        recipe = Recipe(
            kind="cell",
            source="" if hidden else facts.source,
            line=() if hidden else facts.line,
            preamble="" if hidden else "\n".join(needs.lines),
            parameters={} if hidden else dict(needs.parameters),
            data=tuple(data.values()),
            obstacles=(*(["it holds a secret"] if hidden else []), *obstacles),
            remedy=f"To fix it: {NO_SECRETS}." if hidden else _remedy(obstacles),
            environment=_environment(needs.modules),
            python=platform.python_version(),
            random_state=self.random_state,
            seeded=_sets_seed([facts.code, *needs.lines, *facts.cells]),
            varies=varying_calls("\n".join([*needs.lines, facts.code]), _sets(facts.namespace)),
            options=dict(self.options),
            import_folders=process_options.import_folders(),
            notebook=facts.notebook,
            folder=facts.folder,
        )
        return recipe if past.history is None else _with_history(recipe, past.history)

    def _changed_outside(self) -> list[str]:
        """Return what a fresh process would find otherwise: the environment, modules, their files, another seed."""
        facts, needs = self.facts, self.needs
        code = "\n".join([facts.code, *needs.lines])
        variable = module_changes.environment_change(code, facts.cells)
        file, seed = module_files.edited(needs.modules), module_changes.seed_elsewhere(facts.cells)
        return [
            *([f"the environment, changed by {variable}"] if variable else []),
            *([f"{file}, edited after its import: restart the kernel"] if file else []),
            *([f"the seed of an earlier cell, {seed}"] if seed else []),
            *module_changes.changes_of_imports(code, facts.cells, facts.namespace),
        ]

    def _history(self, data: Mapping[str, DataName]) -> Slice:
        """Return the earlier cells that make the unknown values, or none where they would bring the old rows back."""
        if not any(each.role in ("features", "rows") for each in data.values()):
            return Slice()
        return self.slice


def _remedy(obstacles: Sequence[str]) -> str:
    if not obstacles:
        return ""
    return LEAVE_OUT if all(each.startswith("it ") for each in obstacles) else REMEDY


def prepare(facts: CellFacts) -> Prepared | None:
    """Return the needs of a cell before it runs, or None where the cell is not Python."""
    whole = "\n".join([facts.code, *(f"({text})" for text in facts.expressions if _parses(text))])
    try:
        names = names_of(whole)
    except (SyntaxError, ValueError, RecursionError):
        return None
    needs = Needs(facts.namespace, facts.cells, names.data_uses | set(facts.test))
    for name in names.reads:
        needs.add(name, refits=names.first_calls.get(name) in REFITS)
    needs.submodules(whole)
    needs.verify()
    needs.modules |= _imports(whole)
    data = {name: _data_name(name, value, facts.test) for name, value in needs.data.items()}
    state, options = process_options.random_state(), process_options.library_options()
    past = (
        history_slice.slice_of(facts.cells, needs.unknown, facts.namespace) if _made_earlier(facts, needs) else Slice()
    )
    return Prepared(facts, names, needs, data, state, options, slice=past)


def _made_earlier(facts: CellFacts, needs: Needs) -> bool:
    """Return whether earlier cells may make all the values that no line of code rebuilds."""
    return bool(needs.unknown and facts.cells) and all(name in facts.namespace for name in needs.unknown)


def _with_history(recipe: Recipe, history: History) -> Recipe:
    """Return a recipe that runs earlier cells first. A value that these cells use is not a parameter any more."""
    used = {name for cell in history.cells for name in [*names_of(cell).reads, *names_of(cell).binds]}
    fixed = {name: text for name, text in recipe.parameters.items() if name in used}
    lines = [recipe.preamble, *(f"{name} = {text}" for name, text in fixed.items())]
    return dataclasses.replace(
        recipe,
        preamble="\n".join(filter(None, lines)),
        parameters={name: text for name, text in recipe.parameters.items() if name not in fixed},
        environment={**recipe.environment, **_environment(set().union(*map(_imports, history.cells)))},
        history=history,
    )


def _parses(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _imports(source: str) -> set[str]:
    """Return the top-level modules that the code itself imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _environment(modules: Iterable[str]) -> dict[str, str]:
    """Return the distributions of modules, with their versions."""
    import importlib.metadata

    names = sorted({name for name in map(packages.distribution, modules) if name})
    return {name: importlib.metadata.version(name) for name in names}


def _hidden(facts: CellFacts, needs: Needs) -> bool:
    """Return whether the text holds a secret: then it is not kept, and a text that redaction changed is never run."""
    texts = (facts.source, " ".join(facts.line), "\n".join(needs.lines), *_assignments(needs.parameters))
    return any(redaction.redact(text) != text for text in texts)


def _assignments(parameters: Mapping[str, str]) -> list[str]:
    return [f"{name} = {text}" for name, text in parameters.items()]


def _sets(namespace: Mapping[str, Any]) -> list[str]:
    """Return the names of sets whose order differs from process to process: of texts, and of what has no order."""
    found = {name: value for name, value in namespace.items() if isinstance(value, set | frozenset) and len(value) > 1}
    return [name for name, value in found.items() if not all(isinstance(each, int | float) for each in value)]


def _sets_seed(sources: Iterable[str]) -> bool:
    return any(word in source for source in sources for word in SEEDS)


def _data_name(name: str, value: Any, test: Sequence[str]) -> DataName:
    shape = live_values.shape_of(value) or "list"
    role = "other"
    if name in test:
        role = "test features" if test.index(name) == 0 else "test truth"
    return DataName(name, role, shape, live_values.columns_of(value))  # type: ignore[arg-type]


def _with_roles(data: Mapping[str, DataName], fits: Sequence[tuple[str | None, str | None]]) -> dict[str, DataName]:
    """Give each name of data its role: by the arguments of ``.fit``, else the one frame is the rows."""
    roles: dict[str, str] = {}
    for features, truth in fits:
        if features in data:
            roles.setdefault(str(features), "features")
        if truth in data:
            roles.setdefault(str(truth), "truth")
    open_names = [name for name, each in data.items() if each.role == "other" and name not in roles]
    frames = [name for name in open_names if data[name].shape in ("frame", "polars", "arrow") and data[name].columns]
    if "features" not in roles.values() and len(frames) == 1:
        roles[frames[0]] = "features" if "truth" in roles.values() else "rows"
    return {
        name: DataName(name, roles.get(name, each.role), each.shape, each.columns)  # type: ignore[arg-type]
        for name, each in data.items()
    }
