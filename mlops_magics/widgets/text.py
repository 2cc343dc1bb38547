"""Every record in one line for a person: the event, and the next command."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.sizes import readable_size

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session.records import AliasMove, Endpoint, EndpointTable, ModelVersion


def metrics(found: Mapping[str, float]) -> str:
    """Return metrics as `accuracy 0.971, f1 0.968`."""
    return ", ".join(f"{name} {value:.4g}" for name, value in found.items())


def version(record: ModelVersion) -> str:
    """Return the pinned version with its board, metrics, format and size."""
    told = [metrics(record.metrics), record.format, readable_size(record.size)]
    why = record.runs_code_because
    code = f" Reading it runs code, so that others have to trust the board ({why})." if why else ""
    return f"Pinned {record.ref} on {record.board}: " + ", ".join(part for part in told if part) + "." + code


def endpoint(record: Endpoint) -> str:
    """Return the address at which a version answers, or the state of its endpoint."""
    ref = f"{record.name}@{record.version}"
    if record.state == "running":
        others = "".join(
            f"; {name}@{number} at /{name}" for name, number in record.models.items() if name != record.name
        )
        rivals = "".join(f"; {challenger.text}" for challenger in record.challengers.values())
        return f"{ref} answers at {record.url} (process {record.pid}){others}{rivals}."
    if record.state == "stopped":
        return f"The endpoint of {ref} was stopped: `%deploy {record.name}` starts another."
    return f"The endpoint of {ref} has {record.state}: `%deploy {record.name}` starts it again on port {record.port}."


def next_step(record: AliasMove) -> str:
    """Return the command that undoes a move."""
    if record.version is None:
        return f"`%promote {record.name}@VERSION {record.alias}` names one again."
    if record.event == "rollback":
        return f"`%rollback {record.name}` goes one further back."
    return f"`%rollback {record.name}` takes it back."


def versions(table: pd.DataFrame) -> str:
    """Return the number of versions of a model, and the newest."""
    name, count = table.attrs["name"], len(table)
    newest = f", newest {table['version'].iloc[0]}" if count else ""
    return f"{name}: {_with_noun(count, 'version')}{newest} on {table.attrs['board']}."


def models(table: pd.DataFrame) -> str:
    """Return the number of models on a board."""
    if table.empty and table.attrs.get("query"):
        return f"No model on {table.attrs['board']} fits {table.attrs['query']}: `%models` lists all."
    if table.empty:
        return f"No model on {table.attrs['board']} yet: `%%pin_model NAME` above the cell that trains pins the first."
    return f"{_with_noun(len(table), 'model')} on {table.attrs['board']}: {', '.join(table['name'].head(8))}."


def history(table: pd.DataFrame) -> str:
    """Return the number of events of a model."""
    return f"{table.attrs['name']}: {_with_noun(len(table), 'event')} on {table.attrs['board']}."


def verdicts(table: pd.DataFrame) -> str:
    """Return the number of verdicts on a model, and the last one."""
    name = table.attrs["name"]
    if table.empty:
        return f"{name} was not monitored yet: `%monitor {name}` does it."
    return f"{name}: {_with_noun(len(table), 'verdict')} on {table.attrs['board']}. Last: {table['verdict'].iloc[0]}"


def endpoints(table: EndpointTable) -> str:
    """Return which endpoints there are."""
    if table.empty:
        return table.title
    listed = [f"{row['name']} ({row['state']}) at {row['url']}" for row in table.to_dict("records")]
    return f"{table.title}: {'; '.join(listed)}."


def policies(table: pd.DataFrame) -> str:
    """Return for each policy whether it is due, else why not, and its next time."""
    if table.empty:
        return "No policies: `%retrain NAME --every week` keeps one."
    return "; ".join(map(_policy, table.to_dict("records"))) + "."


def _policy(row: Mapping[Hashable, Any]) -> str:
    following = row["next"]
    later = "" if following is None or following != following else f", next at {following:%Y-%m-%d %H:%M} UTC"
    return f"{row['model']} ({row['policy']}): {'due' if row['due'] else row['why_not']}{later}"


def _with_noun(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
