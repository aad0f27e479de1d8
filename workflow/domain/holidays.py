"""Days on which no office takes anything in, and the working day that counts in their place.

Which days are public holidays in Thailand is told to the rules from above (`Facts.holiday`); further
closing days of a year stand in the ruleset under `holidays.closed`.
"""

from collections.abc import Callable
from datetime import date, timedelta

Holiday = Callable[[date], bool]
A_DAY = timedelta(days=1)


def weekend(day: date) -> bool:
    """Say whether a day is a Saturday or Sunday: all that can be known without a calendar."""
    return day.weekday() >= 5


def next_working_day(day: date, holiday: Holiday) -> date:
    """Give the day itself, or the first working day after it where it is a holiday.

    Civil and Commercial Code, section 193/8.
    """
    while holiday(day):
        day += A_DAY
    return day
