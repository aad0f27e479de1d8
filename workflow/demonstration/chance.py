"""The clock and the chance of a demonstration: turned and drawn so that the same seed gives the same."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

BANGKOK_NINE = timedelta(hours=2)
"""Nine in the morning in Bangkok, in UTC."""


@dataclass(slots=True)
class Calendar:
    """A clock that only the demonstration turns: a second passes with each look, days when told."""

    moment: datetime

    @classmethod
    def at(cls, on: date) -> "Calendar":
        """Begin at nine in the morning of a day in Bangkok."""
        return cls(datetime.combine(on, time(0), UTC) + BANGKOK_NINE)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def next_day(self, days: int = 1) -> date:
        """Turn to nine in the morning some days later."""
        on = (self.moment + timedelta(hours=7)).date() + timedelta(days=days)
        self.moment = max(self.moment, datetime.combine(on, time(0), UTC) + BANGKOK_NINE)
        return self.today()

    def today(self) -> date:
        """Tell the day in Bangkok."""
        return (self.moment + timedelta(hours=7)).date()


@dataclass(slots=True)
class Chance:
    """Chance that a seed repeats."""

    source: random.Random

    @classmethod
    def of(cls, seed: int) -> "Chance":
        """Begin from a seed."""
        return cls(random.Random(f"saphan demonstration {seed}"))

    def __call__(self, length: int) -> str:
        return "".join(self.source.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(length))
