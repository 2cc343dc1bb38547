"""A worker process of batch scoring: tasks as JSON lines come in, events as JSON lines go out."""

from __future__ import annotations

import json
import os
import sys

from mlops_magics.core.deploying.batch.batch_task import BatchTask
from mlops_magics.core.deploying.batch.score_part import score_part


def main() -> None:
    """Score parts until the input ends. The model's printed output goes to the error stream."""
    events = os.fdopen(os.dup(1), "w")
    # also what C code in a model writes to descriptor 1: a line of it between the events would not be JSON
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def send(event: dict[str, object]) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    for line in sys.stdin:
        result = score_part(BatchTask.from_json(json.loads(line)), lambda rows: send({"rows": rows}))
        send({"result": result.to_json()})


if __name__ == "__main__":
    main()
