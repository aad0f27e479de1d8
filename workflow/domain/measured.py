"""What a measure has laid over a permit: days that stand beside those of its own events."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Measured:
    """What the newest measure made of a permit as it stood at `version`; it lengthens and never shortens."""

    measure: str
    version: int
    valid_until: date
    stay_until: date | None
