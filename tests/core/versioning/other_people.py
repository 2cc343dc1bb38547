"""What other people do to a board at the same time, each in a process of its own that starts from nothing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from mlops_magics.core.versioning import Facts, open_board
from mlops_magics.errors import Conflict, MlopsError, NotFound

PROCESSES = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks of whatever the test run loaded


class Constant:
    """A model that always answers the same."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def predict(self, data: Any) -> Any:
        """Answer."""
        return self.value


def start(task: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a person who does this."""
    person = PROCESSES.Process(target=task, args=arguments)
    person.start()
    return person


def promote_many(place: str, versions: list[str], barrier: Any, answers: Any) -> None:
    """Move the champion twenty times and tell what came of each."""
    board = open_board(place)
    barrier.wait()
    for turn in range(20):
        try:
            answers.put(("moved", board.promote(f"line@{versions[turn % 3]}", to="champion").sequence))
        except Conflict as conflict:
            answers.put(("conflict", conflict.current))


def read_many(place: str, answers: Any) -> None:
    """Load the newest version again and again; tell about everything but a clean NotFound."""
    board = open_board(place)
    answers.put("started")
    for _ in range(200):
        try:
            board.load("line")
        except NotFound:
            continue
        except (MlopsError, OSError) as error:
            answers.put(repr(error))
    answers.put("done")


def pin_many(place: str, seed: int, count: int, same: bool, barrier: Any, answers: Any) -> None:
    """Pin one name, with equal or with different bytes."""
    barrier.wait()
    board = open_board(place)
    for number in range(count):
        value = {"same": 1} if same else {"seed": seed, "number": number}
        answers.put(board.publish(Constant(value), "shared", Facts(format="joblib")).version)


def pin_values(place: str, seed: int, count: int, answers: Any) -> None:
    """Pin one name that exists already."""
    board = open_board(place)
    for number in range(count):
        answers.put(board.publish({"seed": seed, "number": number}, "shared", Facts(format="joblib")).version)
