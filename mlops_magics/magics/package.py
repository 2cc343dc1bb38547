"""`%package`: a copy of a version for those who do not have its library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import OnnxCopy


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    option("--to", "the form of the copy", choices=("onnx",), default="onnx"),
    option("--output", "the file to write; NAME-VERSION.onnx by default", metavar="PATH"),
    option("--data", "rows to compare on; the stored example rows by default", "value", metavar="FRAME"),
    examples=(
        "%package penguins --to onnx",
        "%package penguins@champion --to onnx --output penguins.onnx",
        "%package penguins --to onnx --data X_test",
    ),
    commands=(
        "mlops-magics package penguins --to onnx",
        "mlops-magics package penguins@champion --to onnx --output penguins.onnx",
        "mlops-magics package penguins --to onnx --data rows.csv",
    ),
    kept="No file was written; the version on the board is as it was.",
)
def package(session: Session, ref: str, to: str, output: str | None, data: object = None) -> OnnxCopy:
    """Write a version as an ONNX graph, where it converts, and say how far the graph's answers are from the model's.

    What does not convert is refused in one line, and nothing is written.
    """
    return session.package(ref, to=to, path=output, data=data)
