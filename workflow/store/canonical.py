"""The one way to write values as bytes, so that the same facts always give the same digest."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from unicodedata import normalize

type_error = "an event holds text, whole numbers, yes and no, lists and tables of these; not "


def canonical(value: object) -> bytes:
    """Write a value as canonical JSON: keys sorted, text in NFC, no floats; decimals as text.

    Raises TypeError for other kinds of values, ValueError for two keys that differ only in their form.
    """
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_stored(value: object) -> Any:
    """Give a value as it is when it is read back from the bytes: in one form, whatever was typed."""
    return json.loads(canonical(value))


def _plain(value: object) -> object:
    if isinstance(value, str):
        return normalize("NFC", value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return _table(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"{type_error}{type(value).__name__}")


def _table(value: Mapping[object, object]) -> dict[str, object]:
    table: dict[str, object] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{type_error}a key of kind {type(key).__name__}")
        name = normalize("NFC", key)
        if name in table:
            raise ValueError(f"two keys are both written {name!r}")
        table[name] = _plain(item)
    return table
