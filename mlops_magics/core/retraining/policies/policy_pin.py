"""Policies on the board: one pin for each model that has some, such as ``penguins.policies``."""

from __future__ import annotations

import json
from collections.abc import Callable

from mlops_magics.core import json_text
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.versioning import Board, companions
from mlops_magics.errors import Ambiguous, InvalidInput, NotFound

COMPANION = "policies"
DESCRIPTION = "When and how the model is retrained"


def read(board: Board, model: str) -> list[Policy]:
    """Return the policies of a model, by name."""
    return _parsed(companions.read(board, model, COMPANION), model)


def one(board: Board, model: str, name: str | None) -> Policy:
    """Return a policy of a model: the named one, or the only one.

    Raises
    ------
    NotFound, Ambiguous
    """
    kept = {each.name: each for each in read(board, model)}
    if name is None and len(kept) > 1:
        raise Ambiguous(f"{model} has several policies. Name one with `--policy`: {', '.join(kept)}.", kept)
    wanted = name if name is not None else next(iter(kept), "default")
    if wanted not in kept:
        raise NotFound(f"policy of {model}:", wanted, kept, hint=f"Make one: `%retrain {model} --every week`.")
    return kept[wanted]


def models(board: Board) -> list[str]:
    """Return the models that have policies."""
    ending = f".{COMPANION}"
    listed = set(board.store.names())
    return sorted(name.removesuffix(ending) for name in listed if name.endswith(ending))


def put(board: Board, policy: Policy) -> None:
    """Keep a policy, in place of the one of its name."""
    _change(board, policy.model, lambda kept: [*(each for each in kept if each.name != policy.name), policy])


def remove(board: Board, model: str, name: str) -> None:
    """Remove a policy.

    Raises
    ------
    NotFound
    """
    known = [each.name for each in read(board, model)]
    if name not in known:
        raise NotFound(f"policy of {model}:", name, known)
    _change(board, model, lambda kept: [each for each in kept if each.name != name])


def _change(board: Board, model: str, change: Callable[[list[Policy]], list[Policy]]) -> None:
    def write(before: bytes | None) -> bytes:
        kept = sorted(change(_parsed(before, model)), key=lambda each: each.name)
        return json.dumps([each.to_json() for each in kept], indent=1).encode()

    companions.update(board, model, COMPANION, write, DESCRIPTION)


def _parsed(data: bytes | None, model: str) -> list[Policy]:
    if data is None:
        return []
    try:
        return [Policy.from_json({**each, "model": model}) for each in json_text.parse(data)]
    except (ValueError, TypeError, AttributeError) as fault:
        raise InvalidInput(f"The policies of {model} cannot be read: {fault}") from None
