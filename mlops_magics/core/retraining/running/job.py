"""The folder of one run in the state folder: its record, the rows for the recipe, and the output of the recipe."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pickle
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_magics.core import json_text, state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.retraining.recipe import process_options, value_fingerprint
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.core.retrainings import FOLDER
from mlops_magics.core.versioning.describing.secrets import redaction
from mlops_magics.core.versioning.names import FileName, ModelName
from mlops_magics.errors import Cancelled, InvalidInput

RECORD, ORDER, STEPS, LOG, EXECUTED = "retraining.json", "order.json", "steps.jsonl", "log.txt", "executed.ipynb"
STOP = "stop"
"""The file that requests a run to stop. It holds the name of the user."""
MOST_KEPT = 20
"""Runs of a model whose folders are kept."""
WATCH_SECONDS = 0.5
"""Time between two checks of the process that started this one."""
ORPHANED = 70
"""Exit status of a process whose starter is gone."""
KILLED = "Its process was killed. A later run began anew."
ROWS = ".rows"
"""Ending of the files that hold rows, which are removed when the run has ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """The folder of a run."""

    folder: Path

    @classmethod
    def of(cls, board: str, name: str, run: str) -> Job:
        """Return the folder of a run, which need not exist."""
        return cls(models_folder(board, name) / str(FileName(run)))

    @property
    def log(self) -> Path:
        """The file with the output of the recipe."""
        return self.folder / LOG

    @property
    def exists(self) -> bool:
        """Whether the run has a record."""
        return (self.folder / RECORD).is_file()

    def create(self) -> None:
        """Make the folder, for its owner only, without the files of an earlier attempt of the run."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=state.PRIVATE_FOLDER, parents=True)

    def write(self, record: Retraining) -> None:
        """Replace the record in one step."""
        state.write_private(self.folder / RECORD, json.dumps(record.to_json()).encode())

    def read(self) -> Retraining:
        """Return the record.

        Raises
        ------
        InvalidInput
            There is none, or it is not valid.
        """
        try:
            return Retraining.from_json(json_text.parse(state.read_private(self.folder / RECORD)))
        except (OSError, ValueError) as fault:
            raise InvalidInput(f"The record of the run {self.folder.name} cannot be read: {fault}") from None

    def write_order(self, order: Mapping[str, Any]) -> None:
        """Write the order to the recipe's process."""
        state.write_private(self.folder / ORDER, json.dumps(order).encode())

    def order(self) -> dict[str, Any]:
        """Return the order to the recipe's process."""
        return dict(json_text.parse(state.read_private(self.folder / ORDER)))

    def write_rows(self, name: str, value: Any) -> None:
        """Keep rows for a process of this user, in a folder that only this user may read."""
        state.write_private(self.folder / f"{name}{ROWS}", pickle.dumps(value, protocol=5))

    def rows(self, name: str) -> Any:
        """Return rows that `write_rows` kept."""
        return pickle.loads((self.folder / f"{name}{ROWS}").read_bytes())  # noqa: S301 - written by this user's own run

    def ask_to_stop(self, by: str) -> None:
        """Ask the run to stop, whichever process it is in."""
        state.write_private(self.folder / STOP, by.encode())

    def check_not_stopped(self) -> None:
        """Check that the run was not cancelled.

        Raises
        ------
        Cancelled
        """
        with contextlib.suppress(OSError):
            by = state.read_private(self.folder / STOP).decode("utf-8", "replace")
            raise Cancelled(self.cancelled_words(by))

    def cancelled_words(self, by: str) -> str:
        """Return the sentence about a run that was cancelled."""
        return f"{by} cancelled the retraining of {self.folder.parent.name}. Nothing was promoted."

    def report(self, step: str, **facts: Any) -> None:
        """Add a line for the process that watches."""
        with (self.folder / STEPS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": step, **facts}) + "\n")

    def reports(self) -> list[dict[str, Any]]:
        """Return the lines so far, without one that is still being written."""
        try:
            # without what follows the last line break: a line that is being written
            lines = (self.folder / STEPS).read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return []
        return [json_text.parse(line) for line in lines]

    @staticmethod
    def end_with(pid: int, started: float) -> None:
        """End this process when the one that started it is gone: nothing would continue the run."""
        while processes.runs(pid, started):
            time.sleep(WATCH_SECONDS)
        # from a thread: sys.exit would end that thread alone
        os._exit(ORPHANED)

    @staticmethod
    def without_secrets(document: Any) -> Any:
        """Return a JSON document with secrets in its texts replaced."""
        return redaction.redact_document(document)

    @staticmethod
    def restore_import_folders(order: Mapping[str, Any]) -> None:
        """Let this process find the user's own modules where the notebook found them."""
        process_options.restore_import_folders(order.get("import_folders", {}))

    @staticmethod
    def restore_process(order: Mapping[str, Any]) -> None:
        """Set random generators and options of libraries as they were when the version was pinned."""
        process_options.restore_library_options(order["options"])
        process_options.restore_random_state(order["random_state"])

    @staticmethod
    def check_values(order: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        """Compare the values that earlier cells made with those of the pin.

        Raises
        ------
        InvalidInput
            One differs: the model would be another one.
        """
        for name, wanted in order.get("values", {}).items():
            if value_fingerprint.of(found.get(name)) != wanted:
                raise InvalidInput(f"{name} is not what it was when the version was pinned")

    def clear(self) -> None:
        """Remove the rows, and keep record and log."""
        for path in self.folder.glob(f"*{ROWS}"):
            path.unlink(missing_ok=True)


def models_folder(board: str, name: str) -> Path:
    """Return the folder with the runs of a model."""
    return state.directory(FOLDER, key_of(board), str(ModelName(name)))


def runs(board: str, name: str) -> list[Retraining]:
    """Return the runs of a model that this user started on this machine, newest first."""
    return sorted(_records(models_folder(board, name)), key=lambda each: each.started, reverse=True)


def _records(folder: Path) -> Iterator[Retraining]:
    for path in folder.glob(f"*/{RECORD}"):
        with contextlib.suppress(InvalidInput):
            yield Job(path.parent).read()


def prune(board: str, name: str, run: str) -> None:
    """Remove the files of runs before ``run``: the rows of those that were killed, and the folders of old ones.

    The run had the claim on the model, so no other one is still at work.
    """
    others = [each for each in runs(board, name) if each.run != run]
    for each in others:
        if each.status == "running":
            folder = Job.of(board, name, each.run)
            folder.clear()
            folder.write(dataclasses.replace(each, status="cancelled", error=KILLED, ended=each.started))
    for each in others[MOST_KEPT - 1 :]:
        shutil.rmtree(Job.of(board, name, each.run).folder, ignore_errors=True)
