"""The page "what applies" from a warm process: explaining a day, and writing it in a reader's language.

Times are those of the processor, so that what else the machine does is not counted.

`python -m bench.rules` prints one JSON object a line: bench, name, value, unit, goal, met. The rulesets are those
that are shipped; the store is left out, since the page asks it for a handful of rows only.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask_babel import force_locale

from bench.telling import tell
from workflow.app import create_app
from workflow.config import Config
from workflow.domain.eligibility import Person, eligibility
from workflow.domain.explaining import explain
from workflow.domain.rulesets import Ruleset, in_force, read, shipped
from workflow.web.ruled import explained

ON, PROVINCE, GATE = date(2025, 8, 20), "22", "ban_laem"
ROUNDS = 200
GOAL = 5.0
"""Milliseconds that the page may take to compute."""


def main() -> None:
    """Measure and print."""
    every = shipped()
    told("explain_a_day", lambda: explain(every, ON, PROVINCE, GATE), GOAL)
    with tempfile.TemporaryDirectory(prefix="saphan-bench.") as folder:
        home = Path(folder)
        app = create_app(
            Config(
                home=home, database=f"sqlite:///{home / 'none.sqlite'}", site="http://x", demonstration=False
            )
        )
        with app.test_request_context("/rules"):
            for said in ("th", "km", "en"):
                with force_locale(said):
                    told(f"explain_and_write_{said}", lambda: page(every), GOAL)
    rules = in_force(every, ON, PROVINCE)
    person = Person(
        nationality="KHM", birth_on=date(1999, 1, 1), pass_province="pailin", stay_until=ON, permit_until=ON
    )
    told("a_person_against_every_rule", lambda: eligibility(person, rules, ON), GOAL)
    told("read_a_ruleset", lambda: read(rules.text), None)


def page(every: tuple[Ruleset, ...]) -> int:
    """Compute what the page shows of a day; give how many values."""
    found = explain(every, ON, PROVINCE, GATE)
    return len(list(explained((*found.values, *found.unverified), found.ruleset)))


def told(name: str, work: Callable[[], object], goal: float | None) -> None:
    """Do a piece of work often, then say how long the slowest of twenty took."""
    work()
    spent = [_milliseconds(work) for _ in range(ROUNDS)]
    tell("rules", name, statistics.quantiles(spent, n=20)[-1], "ms", goal)


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    main()
