"""What a border crossing or a report states: the stamp of an entry, an exit, a report of the stay."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.words import N_


@dataclass(frozen=True, kw_only=True)
class Entry(Evidence):
    """The stamp of immigration: gate, date, and how long the worker may stay."""

    gate: str = asked(N_("Gate"), Ask.CHOICE, options="gates")
    stamped_on: date = asked(N_("Stamp date"), Ask.DATE)
    stay_until: date = asked(N_("Stay until"), Ask.DATE)
    stamp_scan: str | None = asked(N_("Scan of the stamp"), Ask.FILE, default=None)


@dataclass(frozen=True, kw_only=True)
class Exit(Evidence):
    """The exit stamp: the worker has left the Kingdom for good."""

    gate: str = asked(N_("Gate"), Ask.CHOICE, options="gates")
    exited_on: date = asked(N_("Left on"), Ask.DATE)
    stamp_scan: str | None = asked(N_("Scan of the stamp"), Ask.FILE, default=None)


@dataclass(frozen=True, kw_only=True)
class StayReport(Evidence):
    """A report of the stay that takes the place of crossing, with the day on which the next one is due."""

    reported_on: date = asked(N_("Reported on"), Ask.DATE)
    where: str = asked(N_("Where the worker reported"))
    next_due: date | None = asked(
        N_("Next report by"), Ask.DATE, default=None, hint=N_("Left empty: as the rules in force say.")
    )
