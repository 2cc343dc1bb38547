"""Long work is seen, short work is not, and an interruption says what is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.utils.capture import capture_output

from mlops_magics.core.progress import Step
from mlops_magics.magics import progress


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Lines:
    """A face that remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, float | None]] = []
        self.last: str | None = None

    def present(self, record: Any) -> None:
        """Remember nothing."""

    def fail(self, words: str) -> None:
        """Remember the last line."""
        self.end(words)

    def show(self, words: str, share: float | None) -> None:
        self.shown.append((words, share))

    def end(self, words: str) -> None:
        self.last = words


@pytest.fixture
def clock() -> Clock:
    """A clock at zero."""
    return Clock()


def worked(clock: Clock, face: Lines, steps: list[tuple[float, Step]]) -> progress.Bar:
    """Let a bar hear steps at these seconds."""
    bar = progress.Bar(face, clock)
    for second, step in steps:
        clock.now = second
        bar(step)
    return bar


def test_short_work_shows_nothing(clock: Clock) -> None:
    """Nothing flickers for what takes less than a second."""
    face = Lines()

    worked(clock, face, [(0.1, Step("writing", 5, 10)), (0.9, Step("writing", 10, 10))]).done()

    assert (face.shown, face.last) == ([], None)


def test_long_work_tells_what_how_much_how_fast_and_how_long(clock: Clock) -> None:
    """A few times a second; at the end what took longest."""
    face = Lines()
    steps = [
        (0.0, Step("reading", 0, 400, "rows")),
        *((k / 10, Step("reading", k, 400, "rows")) for k in range(1, 201)),
    ]
    bar = worked(clock, face, [*steps, (21.0, Step("drawing"))])
    clock.now = 22.0
    bar.done()

    assert face.shown[0][0] == "reading: 10 of 400 rows, 10 rows/s, 39 s left"
    assert face.shown[0][1] == pytest.approx(10 / 400)
    assert len(face.shown) < 110
    assert face.last == "Took 22.0 s: reading 21.0 s, drawing 1.0 s."


def test_a_step_that_is_silent_for_long_is_shown_with_its_time(clock: Clock) -> None:
    """Some work cannot say how much of it is done."""
    face = Lines()
    bar = worked(clock, face, [(0.1, Step("converting the model"))])
    for clock.now in (0.3, 4.1, 4.2):
        bar.look()

    assert face.shown == [("converting the model … 4 s", None)]


def test_an_interruption_says_where_it_was_and_what_is_kept(clock: Clock) -> None:
    """Even of short work."""
    face = Lines()

    worked(clock, face, [(0.1, Step("writing big.skops", 1))]).interrupted("No version was stored.")

    assert face.last == "Interrupted after 0.1 s, while writing big.skops. No version was stored."


def test_a_pin_tells_its_steps_in_the_cell_s_output(birds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real writer, in a notebook: a bar of the browser's own, and text behind it."""
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1.0)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    birds.run("model = LogisticRegression().fit(X, y)")

    with capture_output() as told:
        birds.run("%pin_model penguins model --data X --truth y;")

    words = [output.data["text/plain"] for output in told.outputs if "text/plain" in output.data]
    assert words[-1].startswith("Took ")
    assert any("learning distributions: 3 of 3 features" in each for each in words)
    assert any(each.startswith("writing penguins") for each in words)
    assert all("<progress" in output.data["text/html"] for output in told.outputs[:-1])


def test_a_cell_that_trains_long_says_so_and_an_interrupt_is_one_sentence(
    birds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first second on; the shell writes the name of the interrupt, and no traceback."""
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1.0)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)

    with capture_output() as told, pytest.raises(KeyboardInterrupt) as raised:
        birds.run("%%pin_model penguins\nraise KeyboardInterrupt")

    words = [output.data["text/plain"] for output in told.outputs if "text/plain" in output.data]
    assert any(each.startswith("running the cell") for each in words)
    assert words[-1].startswith("Interrupted after ")
    assert raised.value._render_traceback_() == ["KeyboardInterrupt"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line", ["%predict penguins stop()", "%pin_model penguins stop()", "%%pin_model penguins\nstop()"]
)
def test_an_interrupt_while_a_line_is_read_is_one_sentence_too(birds: Any, line: str) -> None:
    """A value of the line may take long, such as a large file."""
    birds.run("def stop():\n    raise KeyboardInterrupt")
    with capture_output() as told, pytest.raises(KeyboardInterrupt) as raised:
        birds.run(line)

    words = [output.data["text/plain"] for output in told.outputs if "text/plain" in output.data]
    assert [each.split(" after ")[0] for each in words] == ["Interrupted"]
    assert raised.value._render_traceback_() == ["KeyboardInterrupt"]  # type: ignore[attr-defined]


def test_an_interrupted_pin_leaves_the_board_as_it_was(birds: Any, tmp_path: Any) -> None:
    """Ctrl-C while the model is written: no version, nothing half, and one line that says so."""
    birds.run("class Interrupted:\n    def predict(self, X):\n        return [0] * len(X)\n    fitted_ = 1\n"
              "    def __reduce__(self):\n        raise KeyboardInterrupt\nmodel = Interrupted()")  # fmt: skip

    with capture_output() as told, pytest.raises(KeyboardInterrupt):
        birds.run("%pin_model penguins model --data X")

    assert "No version was stored" in told.outputs[-1].data["text/plain"]
    assert list(birds.session.board.names()) == []
    assert [path for path in (tmp_path / "models").rglob("penguins*") if path.is_file()] == []


def test_monitoring_many_rows_tells_how_many_features_are_compared(birds: Any) -> None:
    """Both ways of comparing count features: one after the other, and in threads."""
    from mlops_magics.core import monitoring
    from mlops_magics.core import progress as told

    for rows in (100, 60_000):
        frame = {f"f{k}": np.random.default_rng(k).normal(size=rows) for k in range(4)}
        heard: list[Step] = []
        with told.listen(heard.append):
            monitoring.monitor(monitoring.profile(pd.DataFrame(frame)), pd.DataFrame(frame))

        compared = [step.done for step in heard if step.what == "comparing with the reference"]
        assert compared == [0, 1, 2, 3, 4]
