"""Writes a reading of a name list as JSON values, to be kept until it is confirmed, and reads it back."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from forms.grid import FileFault
from forms.listfacts import ListFacts
from forms.listrows import Skipped
from forms.namelist import Reading
from workflow.domain.namelist import Finding, FindingKind, ListRow
from workflow.domain.takeover import PaperPermit

Kept = dict[str, Any]
"""JSON values; their shape is checked by making the reading again."""

VERSION = 1
_FACT_DAYS = ("starts_on",)
_ROW_DAYS = ("birth_on", "pass_issued_on", "pass_expires_on")


def to_json(reading: Reading) -> Kept:
    """Give a reading as plain values; empty ones are left out."""
    return {
        "version": VERSION,
        "filename": reading.filename,
        "sheet": reading.sheet,
        "facts": plain(reading.facts),
        "rows": [plain(row) for row in reading.rows],
        "findings": [plain(finding) for finding in reading.findings],
        "unread": [plain(finding) for finding in reading.unread],
        "added": [plain(finding) for finding in reading.added],
        "faults": [plain(fault) for fault in reading.faults],
        "notes": [plain(note) for note in reading.notes],
        "columns": dict(reading.columns),
        "unknown": list(reading.unknown),
        "extras": {str(row): dict(texts) for row, texts in reading.extras.items()},
        "origins": {str(row): origin for row, origin in reading.origins.items()},
        "skipped": [plain(skipped) for skipped in reading.skipped],
    }


def from_json(kept: Mapping[str, Any]) -> Reading:
    """Read a kept reading back; raises ValueError for values of another version or shape."""
    if kept.get("version") != VERSION:
        raise ValueError("this reading was kept by another version")
    try:
        return _reading(kept)
    except (KeyError, TypeError, AttributeError) as broken:
        raise ValueError("this is no kept reading") from broken


def _reading(kept: Mapping[str, Any]) -> Reading:
    return Reading(
        filename=kept["filename"],
        sheet=kept["sheet"],
        facts=ListFacts(**with_days(kept["facts"], _FACT_DAYS)),
        rows=tuple(ListRow(**with_days(row, _ROW_DAYS)) for row in kept["rows"]),
        findings=tuple(map(finding_of, kept["findings"])),
        unread=tuple(map(finding_of, kept["unread"])),
        added=tuple(map(finding_of, kept["added"])),
        faults=tuple(FileFault(**fault) for fault in kept["faults"]),
        notes=tuple(FileFault(**note) for note in kept["notes"]),
        columns=dict(kept["columns"]),
        unknown=tuple(kept["unknown"]),
        extras={int(row): dict(texts) for row, texts in kept["extras"].items()},
        origins={int(row): origin for row, origin in kept["origins"].items()},
        skipped=tuple(Skipped(**skipped) for skipped in kept["skipped"]),
    )


def plain(value: ListRow | ListFacts | PaperPermit | Finding | FileFault | Skipped) -> Kept:
    """Give the fields of a row or a finding as JSON values, without the empty ones."""
    told = {item.name: getattr(value, item.name) for item in fields(value)}
    return {name: _json(each) for name, each in told.items() if each is not None}


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def with_days(kept: Mapping[str, Any], days: Collection[str]) -> Kept:
    """Read the days among kept values back."""
    return {name: date.fromisoformat(value) if name in days else value for name, value in kept.items()}


def finding_of(kept: Mapping[str, Any]) -> Finding:
    """Read a kept finding back."""
    return Finding(**{**kept, "kind": FindingKind(kept["kind"])})
