"""The objects of a bucket, read and changed in the memory of moto, which serves them from this process."""

from __future__ import annotations

from collections.abc import Mapping

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import S3Backend, s3_backends


def read_all(bucket: str) -> dict[str, bytes]:
    """Return key → bytes of every object."""
    return {key: found.value for key, found in _backend().buckets[bucket].keys.items()}


def write(bucket: str, key: str, data: bytes) -> None:
    """Create or replace an object."""
    _backend().put_object(bucket, key, data)


def remove(bucket: str, key: str) -> None:
    """Remove an object."""
    _backend().delete_object(bucket, key)


def replace_all(bucket: str, objects: Mapping[str, bytes]) -> None:
    """Make these the only objects."""
    for key in read_all(bucket).keys() - objects.keys():
        remove(bucket, key)
    for key, data in objects.items():
        write(bucket, key, data)


def _backend() -> S3Backend:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
