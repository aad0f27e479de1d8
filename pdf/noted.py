"""What a template reads of a record: the rest need not be frozen with the paper."""

from collections.abc import Iterator, Mapping
from typing import Any


class Noted(Mapping[str, Any]):
    """A part of a record that notes which of its facts are read; going through it reads all of it."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.read: dict[str, Noted | None] = {}
        self.whole = self.weighed = False

    def __getitem__(self, name: str) -> Any:
        value = self.facts[name]
        if name not in self.read:
            self.read[name] = Noted(value) if isinstance(value, Mapping) else None
        inner = self.read[name]
        return value if inner is None else inner

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return iter(self.facts)

    def __len__(self) -> int:
        self.whole = True
        return len(self.facts)

    def __bool__(self) -> bool:
        self.weighed = True
        return bool(self.facts)

    def kept(self) -> dict[str, Any]:
        """Give what was read; set with this alone, the paper is the same.

        A part of which was only asked whether it is there stays whole, so that it still is.
        """
        if self.whole:
            return dict(self.facts)
        found = {
            name: self.facts[name] if inner is None else inner.kept() for name, inner in self.read.items()
        }
        return found or (dict(self.facts) if self.weighed else {})
