"""The variables that a line after a magic may name: those of the notebook, or of the function that holds the magic."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from mlops_magics.errors import InvalidInput, NotFound
from mlops_magics.magics.file_values import FileValues


class Variables:
    """The workspace of one line in a notebook.

    Parameters
    ----------
    shell
        IPython's shell.
    local
        The variables of the function that the line is in. They come before the notebook's. None at the top level.
    """

    def __init__(self, shell: Any, local: Mapping[str, Any] | None = None) -> None:
        self._shell = shell
        self._local = {} if local is None or local is shell.user_ns else dict(local)

    @property
    def names(self) -> dict[str, Any]:
        """Every name with its value, as the line sees them."""
        return {**self._shell.user_global_ns, **self._shell.user_ns, **self._local}

    def value(self, text: str) -> Any:
        """Evaluate a variable or an expression. A word that is neither may be the path of a file.

        Raises
        ------
        NotFound
            A name that does not exist.
        InvalidInput
            The expression is not valid, or fails.
        """
        try:
            return self._evaluate(text)
        except Exception as fault:
            if FileValues.exists(text):
                return FileValues().value(text)
            raise self._error(text, fault) from fault

    def rows(self, text: str) -> Any:
        """Return the same, except that a path which the core reads by itself stays a path.

        Raises
        ------
        NotFound, InvalidInput
        """
        try:
            return self._evaluate(text)
        except Exception:
            return text if FileValues.is_source(text) else self.value(text)

    def holds(self, text: str) -> bool:
        """Return whether the word is a variable or an expression. One comes before a file of the same spelling."""
        try:
            self._evaluate(text)
        except Exception:
            return False
        return True

    def _evaluate(self, text: str) -> Any:
        ast.parse(text, mode="eval")
        # one mapping for all names: the body of a comprehension would not see a second one
        return eval(text, self.names)  # noqa: S307 - the user's own words, in the user's own kernel

    def _error(self, text: str, fault: Exception) -> InvalidInput | NotFound:
        if FileValues.looks_like_file(text):
            return InvalidInput(f"{text} is neither a variable of the notebook nor a file.")
        if isinstance(fault, SyntaxError):
            return InvalidInput(f"{text!r} is neither a variable nor an expression.")
        if isinstance(fault, NameError):
            return NotFound("variable", fault.name or text, self.variables())
        return InvalidInput(f"{text} fails: {type(fault).__name__}: {fault}")

    def variables(self) -> list[str]:
        """Return the names that the user made, frames first, then in alphabetical order."""
        hidden, values = self._shell.user_ns_hidden, {**self._shell.user_ns, **self._local}
        names = (name for name, value in values.items() if not name.startswith("_") and hidden.get(name) is not value)
        return sorted(names, key=lambda name: (not hasattr(values[name], "columns"), name))

    def columns(self, text: str) -> list[str]:
        """Return the columns of a variable, none where it is not a frame."""
        return [str(name) for name in getattr(self.names.get(text), "columns", ())]
