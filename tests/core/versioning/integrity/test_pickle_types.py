"""The names that a pickle would import are found however it is packed, and nothing of it runs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from mlops_magics.core.versioning.integrity import pickle_types


class Hostile:
    """An object whose pickle calls a function that was never called here."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("1/0",))


PICKLE = pickle.dumps({"model": Hostile(), "size": np.float64(3)})


def archive(name: str, data: bytes) -> bytes:
    """Return a zip archive of one file and a text."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("config.json", "content of a text")
        written.writestr(name, data)
    return packed.getvalue()


def array(*values: Any) -> bytes:
    """Return a file of NumPy with an array of objects."""
    packed = io.BytesIO()
    np.save(packed, np.array(values, dtype=object), allow_pickle=True)
    return packed.getvalue()


FORMS = {
    "alone": PICKLE,
    "protocol 0": pickle.dumps(Hostile(), protocol=0),
    "gzip": gzip.compress(PICKLE),
    "zlib": zlib.compress(PICKLE),
    "bzip2": bz2.compress(PICKLE),
    "xz": lzma.compress(PICKLE),
    "gzip within xz": lzma.compress(gzip.compress(PICKLE)),
    "in an archive": archive("data.pkl", PICKLE),
    "in an archive, under another name": archive("weights.bin", PICKLE),
    "in an archive in an archive": archive("inner.zip", archive("data.pkl", PICKLE)),
    "compressed in an archive": archive("model.joblib", zlib.compress(PICKLE)),
    "an array of objects": array(Hostile()),
    "an array of objects in an archive": archive("a.npy", array(Hostile())),
}


@pytest.mark.parametrize("form", FORMS)
def test_T01_a_name_is_found_however_its_pickle_is_packed(form: str) -> None:
    """T1: who is asked for trust sees what the file would import, also within archives and compressed files."""
    assert pickle_types.names_in(io.BytesIO(FORMS[form]))[0] in {"builtins.eval", "__builtin__.eval"}


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"])
def test_T01_a_name_is_found_in_every_file_of_joblib(compress: int | str, tmp_path: Path) -> None:
    """T1: in each of the compressions that joblib writes."""
    joblib.dump([np.arange(5), Hostile()], tmp_path / "m.joblib", compress=compress)  # type: ignore[arg-type]

    assert pickle_types.names_in(io.BytesIO((tmp_path / "m.joblib").read_bytes()))[0] == "builtins.eval"


def test_T09_a_bomb_is_searched_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """T9: no more than a limit of a compressed file, and of all files of an archive together, is unpacked."""
    monkeypatch.setattr(pickle_types, "LARGEST", 1000)
    bomb = archive("a.pkl", b"\x80" + bytes(10_000))

    assert pickle_types.names_in(io.BytesIO(bomb)) == []
    assert pickle_types.names_in(io.BytesIO(gzip.compress(bytes(10_000) + PICKLE))) == []


@pytest.mark.parametrize("name", ["builtins.eval", "pandas.read_pickle", "joblib.load", "posix.system", "__main__.A"])
def test_T01_what_can_run_code_is_shown_first(name: str) -> None:
    """T1: functions within the known libraries too."""
    assert not pickle_types.is_usual(name)
