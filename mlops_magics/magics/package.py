"""`%package`: a copy of a version for those who do not have its library, or the files that deploy it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.target_options import SET
from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import OnnxCopy, Package


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    option("--to", "onnx, or a target: docker, kubernetes, sagemaker, …", "target", default="onnx"),
    option("--path", "the folder to write (default: NAME-TARGET)", metavar="DIR"),
    option("--output", "the file to write (default: NAME-VERSION.onnx)", metavar="PATH"),
    option("--data", "rows to compare on (default: the stored example rows)", "value", metavar="FRAME"),
    option("--base", "the base image (default: Python's slim one)", metavar="IMAGE"),
    option("--wheels", "a folder of wheels to install from, for networks without an index", metavar="DIR"),
    option("--build", "build the image too: with podman, buildah or docker", nargs="?", const="any", metavar="ENGINE"),
    SET,
    examples=(
        "%package penguins --to onnx",
        "%package penguins@champion --to docker --path serving",
        "%package penguins@champion --to kubernetes --set replicas=3",
    ),
    commands=(
        "mlops-magics package penguins --to onnx",
        "mlops-magics package penguins@champion --to docker --path serving --build podman",
        "mlops-magics package penguins --to kubernetes --set image=registry.example.org/penguins:1 --set replicas=3",
    ),
    kept="No file was written. The version on the board is as it was.",
)
def package(
    session: Session, ref: str, to: str, path: str | None, output: str | None, data: object = None, **options: Any
) -> OnnxCopy | Package:
    """Write a version as an ONNX graph, or as the files that deploy it at a target.

    An ONNX graph is compared with the model: what does not convert is refused in one line. A target gets everything
    that it needs in one folder: a Dockerfile, requirements with hashes, the version itself by its hash, and the files
    of the platform.
    """
    given = dict(options.pop("set") or ())
    settings = {**given, **{name: value for name, value in options.items() if value is not None}}
    return session.package(ref, to=to, path=path or output, data=data, settings=settings)
