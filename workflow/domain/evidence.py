"""What a person states when doing a step: frozen values whose fields say how they are asked for.

A class of evidence is declared once; its form, its storage, its history line and the facts of a
paper follow from the declaration.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import Any, Self, TypeVar, Union, get_args, get_origin, get_type_hints


class Ask(StrEnum):
    """How a fact is asked for on a screen."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    MOMENT = "moment"
    COUNT = "count"
    MONEY = "money"
    CHOICE = "choice"
    MANY = "many"
    CHECKLIST = "checklist"
    YES_NO = "yes_no"
    FILE = "file"
    THAI_ID = "thai_id"
    PASS_NUMBER = "pass_number"
    REGISTER = "register"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Question:
    """How one field of evidence is put to a person.

    `options` names where the choices come from: an enum class, or the name of a list that the
    ruleset or a register holds ("gates", "jobs", "hospitals", "attachments", ...).
    `sealed` facts are read only by the roles that the seal names.
    """

    label: str
    ask: Ask
    required: bool
    hint: str = ""
    options: type[Enum] | str | None = None
    sealed: bool = False
    lowest: int | None = None
    highest: int | None = None


def asked(
    label: str,
    ask: Ask = Ask.TEXT,
    *,
    default: Any = MISSING,
    hint: str = "",
    options: type[Enum] | str | None = None,
    sealed: bool = False,
    lowest: int | None = None,
    highest: int | None = None,
) -> Any:
    """Declare a field together with the question that fills it; a default makes it optional."""
    question = Question(label, ask, default is MISSING, hint, options, sealed, lowest, highest)
    return field(default=default, metadata={"question": question}, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The base of all evidence; `VERSION` grows when stored fields change their meaning."""

    VERSION = 1

    @classmethod
    def kind(cls) -> str:
        """Name the kind of evidence as it is stored: `MedicalResult` is "medical_result"."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")

    def outcome(self) -> StrEnum | None:
        """Say which of several outcomes this evidence states; None where a step has only one."""
        return None

    def plain(self) -> dict[str, Any]:
        """Give the evidence as JSON values."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """Read evidence back from its stored JSON values."""
        types = _hints(cls)
        return cls(**{name: _read(types[name], value) for name, value in stored.items() if name in types})


E = TypeVar("E", bound=Evidence)


def questions(kind: type[Evidence]) -> dict[str, Question]:
    """List the questions of a kind of evidence by field name, in their order."""
    return {f.name: f.metadata["question"] for f in fields(kind) if "question" in f.metadata}


def read_whole(kind: type[E], stored: dict[str, Any]) -> E | None:
    """Read evidence that was typed anew; None where something asked for is missing or of another kind."""
    try:
        evidence = kind.read(stored)
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        return None
    missing = (getattr(evidence, name) is None for name, asked in questions(kind).items() if asked.required)
    return None if any(missing) else evidence


@dataclass(frozen=True, kw_only=True)
class Nothing(Evidence):
    """A step that needs no more than the person who does it."""


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (tuple, list, frozenset)):
        items = sorted(value) if isinstance(value, frozenset) else value
        return [_plain(item) for item in items]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _read(wanted: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _read(next(arg for arg in get_args(wanted) if arg is not type(None)), value)
    if origin in (tuple, frozenset):
        return origin(_read(get_args(wanted)[0], item) for item in value)
    if origin is dict:
        return dict(value)
    return _reader(wanted)(value)


@cache
def _reader(wanted: type) -> Callable[[Any], Any]:
    if issubclass(wanted, datetime):
        return datetime.fromisoformat
    if issubclass(wanted, date):
        return date.fromisoformat
    if is_dataclass(wanted):
        types = _hints(wanted)
        return lambda stored: wanted(**{k: _read(types[k], v) for k, v in stored.items() if k in types})
    return wanted
