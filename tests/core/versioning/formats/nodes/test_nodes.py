"""Nodes: what skops does not trust is stored as plain data, and comes back as it was."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
import skops.io

from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.nodes.node import KEY
from mlops_magics.core.versioning.formats.skops_format import SkopsFormat
from tests.core.versioning.formats import safe_models

pytestmark = pytest.mark.filterwarnings("ignore")


def _written(model: Any) -> io.BytesIO:
    stream = io.BytesIO()
    SkopsFormat().write(model, stream)
    stream.seek(0)
    return stream


@pytest.mark.parametrize("kind", safe_models.BUILDERS)
def test_a_model_is_read_without_trust_and_predicts_the_same(kind: str) -> None:
    """Nothing in its file is on no list, and all of its methods answer bit for bit as before."""
    model, rows = safe_models.build(kind)
    before = safe_models.answers(model, rows)
    handler, stream = registry.candidates(model)[0], io.BytesIO()
    handler.write(model, stream)

    assert registry.read_without_trust(handler.name)
    assert handler.untrusted(stream) == []
    stream.seek(0)
    loaded = handler.read(stream)
    assert type(loaded) is type(model)
    assert before
    for answer, expected in zip(safe_models.answers(loaded, rows), before, strict=True):
        np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize("kind", ["forest", "stack", "lightgbm"])
def test_the_model_itself_is_not_changed(kind: str) -> None:
    """Nodes are put into a copy."""
    model, rows = safe_models.build(kind)
    before = safe_models.answers(model, rows)
    parts = {name: id(value) for name, value in vars(model).items()}
    _written(model)

    assert {name: id(value) for name, value in vars(model).items()} == parts
    for answer, expected in zip(safe_models.answers(model, rows), before):
        np.testing.assert_array_equal(answer, expected)


def test_a_file_without_nodes_is_one_of_skops() -> None:
    """A model that skops trusts is written as skops writes it, and skops alone reads it."""
    model, rows = safe_models.build("support vectors")
    stream = _written(model)

    np.testing.assert_array_equal(skops.io.load(stream).predict(rows), model.predict(rows))
    with zipfile.ZipFile(stream) as archive:
        assert KEY not in archive.read("schema.json").decode()


def test_skops_alone_reads_a_file_with_nodes_without_trust() -> None:
    """The nodes come back as dictionaries: data that can be looked at."""
    model, _ = safe_models.build("forest")
    found = skops.io.load(_written(model))

    assert found.estimators_[KEY] == "trees"
    assert found.estimators_["nodes"]["left_child"].min() == -1


def test_an_object_in_two_places_stays_one_object() -> None:
    """A voting ensemble names its members twice."""
    model, _ = safe_models.build("vote")
    loaded = SkopsFormat().read(_written(model))

    assert loaded.named_estimators_["a"] is loaded.estimators_[0]
