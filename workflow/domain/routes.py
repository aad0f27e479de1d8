"""Where a border pass leads: from the province that issued it, over which gates, to work in which districts, and when."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def leads(
    routes: Iterable[Mapping[str, Any]], home: str, gate: str | None, district: str | None, on: date
) -> bool:
    """Say whether some route of the ruleset leads from a province, over a gate and to a district, on a day.

    What is not known yet (None) is not asked about.
    """
    return any(
        route["home"] == home
        and gate in (None, route["gate"])
        and (district is None or district in route["districts"])
        and route.get("from", date.min) <= on <= route.get("until", date.max)
        for route in routes
    )
