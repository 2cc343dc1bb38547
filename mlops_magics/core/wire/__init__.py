"""The records that views read, as frozen dataclasses; TypeScript's types are generated from them (`make wire`).

Each record is built beside what it is about; this package imports nothing but the standard library and msgspec, so that
every room of the core may build one.
"""
