"""Loading adds, unloading takes away, and neither costs much."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from mlops_magics.core.monitoring.charts import renderer
from mlops_magics.magics.notebook import FRONT_ENDS
from mlops_magics.magics.verbs import OVER_CELL, VERBS

HEAVY = (
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "altair",
    "anywidget",
    "ipywidgets",
    "pins",
    "pyarrow",
    "flask",
    "joblib",
    "psutil",
)
LOAD = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "mlops_magics")
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))
"""


def state(shell: Any) -> dict[str, Any]:
    """Return everything of a shell that an extension can touch."""
    manager, formatter = shell.magics_manager, shell.display_formatter.mimebundle_formatter
    return {
        "line": dict(manager.magics["line"]),
        "cell": dict(manager.magics["cell"]),
        "user": set(vars(manager.user_magics)),
        "matchers": list(shell.Completer.custom_matchers),
        "configurables": list(shell.configurables),
        "formatters": (dict(formatter.type_printers), dict(formatter.deferred_printers)),
        "texts": set(shell.display_formatter.formatters["text/plain"].deferred_printers),
        "attributes": set(vars(shell)),
        "names": set(shell.user_ns),
    }  # fmt: skip


@pytest.fixture
def plain(bare_shell: Any) -> Iterator[Any]:
    """The shell without the extension."""
    bare_shell.reset(new_session=True)
    bare_shell.find_line_magic("load_ext")  # IPython replaces its own magics when they are first looked up
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "mlops_magics")


def test_loading_imports_nothing_heavy() -> None:
    """Libraries come with the verb that needs them; bench/notebook.py measures what a fresh kernel pays."""
    command = [sys.executable, "-c", LOAD]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    assert "mlops_magics" in loaded
    assert not [name for name in HEAVY if name in loaded]


def test_unloading_undoes_loading(plain: Any) -> None:
    """Magics, matcher, settings, displays: nothing of ours is left."""
    before = state(plain)
    plain.run_line_magic("load_ext", "mlops_magics")
    loaded = state(plain)
    plain.run_line_magic("unload_ext", "mlops_magics")

    assert loaded != before
    assert set(VERBS) <= set(loaded["line"])
    assert "pin_model" in loaded["cell"]
    assert state(plain) == before


def test_a_verb_has_one_name_and_is_over_a_cell_as_it_declares() -> None:
    """`%load_ext` registers names, without importing the modules that declare the verbs."""
    assert {name: verb.name for name, verb in VERBS.items()} == {name: name for name in VERBS}
    assert [name for name, verb in VERBS.items() if verb.over_cell] == list(OVER_CELL)


def test_loading_starts_no_process_and_unloading_ends_those_of_the_session(
    plain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process is started by the verb that needs it, and ends with the extension."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    renderer.close()
    before = set(psutil.Process().children())
    plain.run_line_magic("load_ext", "mlops_magics")
    assert set(psutil.Process().children()) == before

    assert plain._mlops_magics_extension.notebook.session is not None
    renderer.prepare()
    (started,) = set(psutil.Process().children()) - before
    plain.run_line_magic("unload_ext", "mlops_magics")

    assert not started.is_running()


class Stopping:
    """A name at which the user interrupts whoever reads it."""

    def __format__(self, spec: str) -> str:
        raise KeyboardInterrupt

    __str__ = __hash__ = __format__  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        raise KeyboardInterrupt


def test_an_interrupt_while_a_view_is_drawn_is_one_sentence(birds: Any) -> None:
    """The line itself has ended then: it says so, without a traceback of ours."""
    birds.run("model = LogisticRegression().fit(X, y)\n%pin_model penguins model --data X")
    table = birds.session.versions("penguins")
    table.attrs["name"] = Stopping()
    with pytest.raises(KeyboardInterrupt) as raised:
        birds.ip._mlops_magics_extension._bundle(table)

    told = "KeyboardInterrupt: What was done is done; only its view was not drawn."
    assert raised.value._render_traceback_() == [told]  # type: ignore[attr-defined]


def test_a_magic_of_the_user_comes_back(plain: Any) -> None:
    """What our names covered is uncovered again."""

    def copy(line: str) -> str:
        return f"mine: {line}"

    plain.register_magic_function(copy, "line", "copy")
    plain.run_line_magic("load_ext", "mlops_magics")
    plain.run_line_magic("unload_ext", "mlops_magics")

    assert plain.run_line_magic("copy", "x") == "mine: x"
    del plain.magics_manager.magics["line"]["copy"]


def test_loading_twice_is_loading_once(plain: Any) -> None:
    """`%reload_ext` leaves one matcher and one set of settings."""
    plain.run_line_magic("load_ext", "mlops_magics")
    once = state(plain)
    plain.run_line_magic("reload_ext", "mlops_magics")

    assert len(state(plain)["matchers"]) == len(once["matchers"])
    assert len(state(plain)["configurables"]) == len(once["configurables"])


def test_unloading_what_was_never_loaded_does_nothing(plain: Any) -> None:
    """It is no error to be sure."""
    import mlops_magics

    mlops_magics.unload_ipython_extension(plain)


def test_config_reaches_the_session(shell: Any) -> None:
    """`%config MLOpsMagics` beats environment and pyproject, before the first verb and after it."""
    shell.run("%config MLOpsMagics.workers = 2")
    shell.run("%config MLOpsMagics.board = 'elsewhere'")
    assert shell.session.settings.workers == 2
    assert shell.run("%board").url.endswith("elsewhere")

    shell.run("%config MLOpsMagics.workers = 3")
    shell.run("%config MLOpsMagics.board = 'third'")
    assert shell.session.settings.workers == 3
    assert shell.run("%board").url.endswith("third")


def test_config_lists_every_setting_with_its_help(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The traits are derived from the settings."""
    from mlops_magics.core.settings import Settings

    shell.run("%config MLOpsMagics")

    text = " ".join(capsys.readouterr().out.split())
    for field in Settings.__dataclass_fields__.values():
        assert f"MLOpsMagics.{field.name}" in text
        assert " ".join(field.metadata["help"].split()) in text


def test_a_broken_setting_is_told_in_one_line(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading goes through; the first verb says what is wrong and where."""
    monkeypatch.setenv("MLOPS_MAGICS_WORKERS", "many")
    result = shell.ip.run_cell("%models")

    assert type(result.error_in_exec).__name__ == "UsageError"
    assert "'workers' in the environment wants int" in str(result.error_in_exec)


@pytest.mark.parametrize(
    ("chosen", "session", "live"),
    [("auto", None, False), ("auto", "a.ipynb", True), ("always", None, True), ("never", "a.ipynb", False)],
)
def test_live_views_are_made_where_somebody_may_use_them(
    shell: Any, chosen: str, session: str | None, live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that runs unattended names no session; `%config MLOpsMagics.widgets` says otherwise."""
    for name in FRONT_ENDS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if session is not None:
        monkeypatch.setenv("JPY_SESSION_NAME", session)
    shell.run(f"%config MLOpsMagics.widgets = {chosen!r}")
    shell.run("models = %models")

    data, _ = shell.ip.display_formatter.format(shell["models"])

    assert ("application/vnd.jupyter.widget-view+json" in data) is live
    assert {"text/html", "text/plain"} <= set(data)
