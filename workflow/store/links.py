"""Follow a chain link by link, as an auditor would who trusts nothing but the bytes and the arithmetic."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from workflow.domain.words import N_
from workflow.store.chain import BEFORE_THE_FIRST, Head, link


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that is not as it was stored: where, and what."""

    place: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def fault(self) -> str:
        """Say in English what is wrong; a screen says it in its reader's language."""
        return self.text % self.values


def read_frame(stored: bytes, part: str) -> dict[str, Any]:
    """Read stored bytes; what is no frame with that part reads as nothing."""
    try:
        frame = json.loads(stored)
    except (ValueError, TypeError):
        return {}
    return frame if isinstance(frame, dict) and isinstance(frame.get(part), dict) else {}


def read_digest(written: object) -> bytes:
    """Read a digest written in hexadecimal; b"" for anything else."""
    try:
        return bytes.fromhex(written) if isinstance(written, str) else b""
    except ValueError:
        return b""


def read_moment(written: object) -> datetime | None:
    """Read a moment as it stands in the bytes; None for anything else."""
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC)
    except ValueError:
        return None


def place_of(row: Row[Any]) -> str:
    """Name the place of an event as people do: its chain and its number there."""
    return f"{row.chain} {row.seq}"


class Links:
    """Follows chains, each in the order of its sequence, and keeps where each stands."""

    def __init__(self, tag: bytes, checkpoint: Mapping[str, Head]) -> None:
        self.tag, self.checkpoint = tag, checkpoint
        self.heads: dict[str, Head] = {}
        self.positions: dict[str, int] = {}

    def follow(
        self, row: Row[Any], frame: Mapping[str, Any], moment: datetime | None = None
    ) -> Iterator[Breach]:
        """Say what is wrong with the next row; readings are followed without positions and moments."""
        last = self.heads.get(row.chain, Head(0, BEFORE_THE_FIRST))
        yield from self._order(row, last, moment)
        yield from self._hashes(row, last, read_digest(frame.get("before")))
        self.heads[row.chain] = Head(row.seq, row.hash, moment)
        self.positions[row.chain] = getattr(row, "position", 0)

    def _order(self, row: Row[Any], last: Head, moment: datetime | None) -> Iterator[Breach]:
        if row.seq == last.seq + 2:
            yield Breach(f"{row.chain} {last.seq + 1}", N_("is missing"))
        elif row.seq != last.seq + 1:
            yield Breach(f"{row.chain} {last.seq + 1} to {row.seq - 1}", N_("are missing"))
        if moment and row.position <= self.positions.get(row.chain, 0):
            yield Breach(place_of(row), N_("has a position before that of the event before it"))
        if moment and last.recorded_at and moment < last.recorded_at:
            yield Breach(place_of(row), N_("is recorded before the event before it"))

    def _hashes(self, row: Row[Any], last: Head, before: bytes) -> Iterator[Breach]:
        if link(before, row.bytes, self.tag) != row.hash:
            yield Breach(place_of(row), N_("has another hash than its bytes give"))
        if before != last.hash and row.seq == last.seq + 1:
            yield Breach(f"{row.chain} {last.seq}", N_("is not the event that the next one was bound to"))
        known = self.checkpoint.get(row.chain)
        if known and known.seq == row.seq and known.hash != row.hash:
            yield Breach(place_of(row), N_("is not the event of the checkpoint"))
