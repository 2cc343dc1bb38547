"""Neural networks on a board, each library in a process of its own: JAX and PyTorch start threads that never end."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.session import Session
from mlops_magics.core.versioning import Board, Facts, Prototype, open_board
from mlops_magics.core.versioning.formats import registry
from mlops_magics.errors import DataMismatch, NotTrusted, SerializationError
from tests.core.versioning.other_people import start

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["width", "length"])


def run(task: Callable[..., None], *arguments: Any) -> None:
    """Run a task in a process of its own; the test fails where it does."""
    person = start(task, *arguments)
    person.join(timeout=200)

    assert person.exitcode == 0, "see the traceback that its process printed"


def keras_comes_back(place: str) -> None:
    """A trained network predicts the same after a load; the file is Keras' own."""
    os.environ["KERAS_BACKEND"] = "jax"
    warnings.simplefilter("ignore")
    import keras

    layers = [keras.layers.Input((2,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)]
    network = keras.Sequential(layers)
    network.compile(loss="mse")
    network.fit(ROWS, ROWS.sum(axis=1), verbose=0)
    board = open_board(place)
    version = board.publish(network, "network", Facts(example=ROWS))

    assert version.format == "keras"
    np.testing.assert_array_equal(board.load(version).predict(ROWS), network.predict(ROWS))
    assert {"keras", "jax"} <= set(version.lineage.packages), version.lineage.packages
    _nothing_is_read_from_a_strangers_board(board, version.ref)


def torch_comes_back(place: str, packages: str) -> None:
    """State, classes of the user's own and the proof on the example rows; what is torch's own is read restricted."""
    sys.path.append(packages)
    import torch

    class Scaled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor([2.0]))
            self.inner = torch.nn.Linear(2, 1)

        def forward(self, rows: Any) -> Any:
            return self.inner(rows) * self.scale

    board = open_board(place)
    normal = [torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Dropout(0.5), torch.nn.Linear(3, 1)]
    for network in (torch.nn.Sequential(*normal), Scaled()):
        before = {name: value.clone() for name, value in network.state_dict().items()}
        version = board.publish(network, "network", Facts(example=ROWS, prototype=Prototype.from_data(ROWS)))
        loaded = board.load(version)
        assert version.format == "torch"
        assert network.training, "the proof left the network in another mode"
        _same_state(before, network.state_dict())
        _same_state(before, loaded.state_dict())
        assert not loaded.training
        asked = torch.from_numpy(ROWS.to_numpy(dtype="float32"))
        assert torch.equal(loaded(asked), network.eval()(asked))
        assert version.lineage.packages["torch"] == torch.__version__
        answers = np.asarray(Session(board=board).predict("network", ROWS)).reshape(-1)
        np.testing.assert_allclose(answers, network(asked).detach().numpy().reshape(-1), atol=1e-5)
    assert _restricted(board, torch) == [True, False]
    _nothing_is_read_from_a_strangers_board(board, "network")
    _a_network_that_forgets_is_not_published(board, torch)
    _code_in_an_archive_runs_only_when_trusted(board, torch)


def _same_state(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert {name: value.tolist() for name, value in a.items()} == {name: value.tolist() for name, value in b.items()}


def _restricted(board: Board, torch: Any) -> list[bool]:
    """Tell for each version, oldest first, whether torch's restricted unpickler reads it."""
    from mlops_magics.core.versioning.formats.torch_format import torchs_own

    found = []
    for version in reversed(board.versions("network")["version"].tolist()):
        with (Path(board.url) / "network" / version / "network.pt").open("rb") as stream:
            found.append(torchs_own(stream))
    return found


def _a_network_that_forgets_is_not_published(board: Board, torch: Any) -> None:
    class Forgetful(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.times = 3.0

        def forward(self, rows: Any) -> Any:
            return rows * self.times

        def __getstate__(self) -> dict[str, Any]:
            return {**self.__dict__, "times": 4.0}

    with pytest.raises(SerializationError, match="predicts something else"):
        board.publish(Forgetful(), "forgetful", Facts(example=ROWS))
    assert "forgetful" not in board.names()


def _code_in_an_archive_runs_only_when_trusted(board: Board, torch: Any) -> None:
    """A stranger's archive with a pickle that makes a folder: refused unread; the restricted reader refuses it too."""
    marker = Path(board.url).parent / "ran"

    class Exploding(torch.nn.Linear):
        def __reduce__(self) -> Any:
            return os.mkdir, (str(marker),)

    version = board.publish(Exploding(2, 1), "gift", Facts(format="torch"))
    board.distrust()
    with pytest.raises(NotTrusted, match="--trust"):
        board.load(version)
    with pytest.raises(pickle.UnpicklingError):
        torch.load(Path(board.url) / "gift" / version.version / version.file, weights_only=True)
    assert not marker.exists()


def spacy_comes_back(place: str) -> None:
    """What was found in the texts is found again; equal pipelines have equal bytes; the proof runs on the texts."""
    warnings.simplefilter("ignore")
    import spacy

    language = spacy.blank("en")
    language.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Acme"}])
    texts = pd.DataFrame({"text": ["We buy at Acme.", "We sell."]})
    board = open_board(place)
    version = board.publish(language, "names", Facts(example=texts))

    assert version.format == "spacy"
    assert [(found.text, found.label_) for found in board.load(version)("They work at Acme").ents] == [("Acme", "ORG")]
    assert board.publish(language, "names", Facts(example=texts)).hash == version.hash
    with pytest.raises(DataMismatch, match="none of the columns 'width' has only texts"):
        registry.with_predict(language).predict(pd.DataFrame({"width": [1.0]}))
    _nothing_is_read_from_a_strangers_board(board, version.ref)
    _a_pipeline_that_forgets_is_not_published(spacy)


def _a_pipeline_that_forgets_is_not_published(spacy: Any) -> None:
    calls: list[int] = []

    @spacy.Language.component("forgets_itself")
    def label(document: Any) -> Any:
        document.ents = [] if calls else [spacy.tokens.Span(document, 0, 1, label="ORG")]
        return document

    language = spacy.blank("en")
    language.add_pipe("forgets_itself")
    original = language.to_disk

    def to_disk(*arguments: Any, **options: Any) -> None:
        calls.append(1)
        original(*arguments, **options)

    language.to_disk = to_disk
    board = open_board("memory://forgetful")
    with pytest.raises(SerializationError):
        board.publish(language, "names", Facts(example=pd.DataFrame({"text": ["Acme sells"]})))
    assert board.names() == []


def _nothing_is_read_from_a_strangers_board(board: Board, ref: str) -> None:
    board.distrust()
    with pytest.raises(NotTrusted):
        board.load(ref)
    board.trust()
