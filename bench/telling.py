"""How a bench tells a figure: one JSON object a line, beside its goal."""

import json


def tell(bench: str, name: str, value: float, unit: str, goal: float | None = None, *, least: bool = False) -> None:
    """Print one figure; its goal is the most it may be, or the `least`. Without a goal it only says how much was there."""
    met = None if goal is None else value >= goal if least else value <= goal
    line = {"bench": bench, "name": name, "value": round(value, 3), "unit": unit, "goal": goal, "met": met}
    print(json.dumps(line), flush=True)
