"""Completion of `mlops-magics` in bash, zsh and fish: each shell calls the command for the next words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mlops_magics.magics.file_values import FileValues
from mlops_magics.magics.kinds import Typed
from mlops_magics.magics.offers import expected_after, fits, offers
from mlops_magics.magics.verb import Argument, Verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session

FILES = "<files>"
"""The line by which a shell has to complete the names of files itself."""
OF_FILES = frozenset({"value", "rows", "request", "source", "column or value", "reference", "board"})
"""Kinds of argument that may be a file."""
SCRIPTS: Mapping[str, str] = {
    "bash": """_mlops_magics() {
    local cur line=${COMP_LINE:0:$COMP_POINT}
    local -a words
    cur=${line##* }
    read -ra words <<< "${line%"$cur"}"
    mapfile -t COMPREPLY < <(mlops-magics __complete "${words[@]:1}" "$cur" 2>/dev/null)
    if [[ ${COMPREPLY[-1]-} == '<files>' ]]; then
        unset 'COMPREPLY[-1]'
        compopt -o filenames
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
    fi
    COMPREPLY=("${COMPREPLY[@]#"${cur%"$2"}"}")
}
complete -F _mlops_magics mlops-magics
""",
    "zsh": """#compdef mlops-magics
_mlops_magics() {
    local -a found
    found=("${(@f)$(mlops-magics __complete "${(@)words[2,CURRENT-1]}" "${words[CURRENT]}" 2>/dev/null)}")
    if [[ ${found[-1]} == '<files>' ]]; then
        found[-1]=()
        _files
    fi
    compadd -U -Q -- "${found[@]}"
}
compdef _mlops_magics mlops-magics
""",
    "fish": """function __mlops_magics
    set -l words (commandline -opc)
    set -l found (mlops-magics __complete $words[2..] (commandline -ct) 2>/dev/null)
    if test "$found[-1]" = '<files>'
        set -e found[-1]
        __fish_complete_path (commandline -ct)
    end
    string join \\n -- $found
end
complete -c mlops-magics -f -a '(__mlops_magics)'
""",
}
"""The script of a shell. Bash splits words at @ and :, replaces only `$2`. Zsh drops what ends so without `-U`."""


def complete(
    words: Sequence[str], verbs: Mapping[str, Verb], more: Callable[[Verb], tuple[Argument, ...]]
) -> list[str]:
    """Return the words that fit in place of the last word, without ever raising.

    Parameters
    ----------
    words
        Everything after the program's name, the word that is being typed last.
    more
        Options that a verb has in a shell only.
    """
    *before, started = words or [""]
    if not before:
        return [name for name in verbs if name.startswith(started)]
    known = verbs.get(before[0])
    if known is None:
        return []
    verb = dataclasses.replace(known, arguments=(*known.arguments, *more(known)))
    typed = Typed(tuple(before[1:]), started)
    board = typed.behind("--board")
    found = [each for each in offers(verb, typed, lambda: _session(board), FileValues()) if fits(each, started)]
    expected = expected_after(verb, typed.words)
    of_files = expected is not None and expected.kind in OF_FILES and not started.startswith("-")
    return [*found, *([FILES] if of_files else [])]


def _session(board: str | None) -> Session:
    from mlops_magics.core.session import Session

    return Session(board=board)
