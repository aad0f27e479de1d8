"""The public holidays of Thailand with the days given in their place, from the library that keeps them."""

from datetime import date
from functools import cache

from holidays.constants import GOVERNMENT, PUBLIC
from holidays.countries.thailand import Thailand

from workflow.domain.holidays import weekend

OFFICES_OPEN = ("National Labor Day", "National Children's Day")
"""Listed as public holidays, but government offices work on them, so no period moves for their sake."""


def thai_holiday(day: date) -> bool:
    """Say whether government offices in Thailand are closed on a day."""
    return weekend(day) or day in _closed_in(day.year)


@cache
def _closed_in(year: int) -> frozenset[date]:
    kept = Thailand(years=[year], categories=(PUBLIC, GOVERNMENT), language="en_US")
    return frozenset(day for day, names in kept.items() if not _all_open(names))


def _all_open(names: str) -> bool:
    """Several names on one day are told in one text; one that closes the offices is enough."""
    return all(name.startswith(OFFICES_OPEN) for name in names.split("; "))
