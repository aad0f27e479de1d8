"""What a run of the model has reached: the rows of every table, and every reason that the domain can give."""

import ast
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from workflow.domain.flow import Flow, Refusal, Step
from workflow.domain.flows import FLOWS

DOMAIN = Path(__file__).parent.parent / "workflow" / "domain"
ENGINE = "flow"
Row = tuple[str, int]
Code = tuple[str, str]


def every_row() -> dict[Row, Step]:
    """Give all rows of all tables by flow and place."""
    return {(flow.name, place): row for flow in FLOWS.values() for place, row in enumerate(flow.steps)}


def every_code() -> set[Code]:
    """Read out of the modules of the domain which reasons they can give, by module and code."""
    found = set()
    for path in sorted(DOMAIN.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                assert isinstance(node.args[0], ast.Constant), (
                    f"{path.name}:{node.lineno}: a code stands where it is given"
                )
                found.add((path.stem, node.args[0].value))
    return found


@dataclass
class Coverage:
    """Counts of what was done and of what was refused."""

    rows: Counter[Row] = field(default_factory=Counter)
    codes: Counter[Code] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)

    def took(self, flow: Flow, row: Step) -> int:
        """Count a row that was done; give how often it was."""
        key = (flow.name, _places(flow)[id(row)])
        self.rows[key] += 1
        return self.rows[key]

    def times(self, flow: Flow, row: Step) -> int:
        """Say how often a row was done."""
        return self.rows[flow.name, _places(flow)[id(row)]]

    def refused(self, judged: list[tuple[str, Refusal]]) -> None:
        """Count reasons, each with the module whose guard gave it."""
        for module, reason in judged:
            self.codes[module.rpartition(".")[2], reason.code] += 1

    def rows_missing(self) -> list[str]:
        """Name the rows that were never done."""
        return [
            f"{flow}.{row.name} {row.source} {row.when} needs {row.needs}"
            for (flow, place), row in every_row().items()
            if not self.rows[flow, place]
        ]

    def codes_missing(self) -> list[Code]:
        """Name the reasons that were never given."""
        return sorted(every_code() - set(self.codes))

    def lines(self) -> list[str]:
        """Say what was reached, as the run prints it."""
        rows, codes = every_row(), every_code()
        by_flow = ", ".join(
            f"{name} {sum(1 for key in rows if key[0] == name and self.rows[key])}/{len(flow.steps)}"
            for name, flow in FLOWS.items()
        )
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.told.items()))
        return [
            f"tries: {told}",
            f"rows taken: {sum(bool(self.rows[key]) for key in rows)} of {len(rows)} ({by_flow})",
            f"reasons given: {len(codes & set(self.codes))} of {len(codes)}; the rarest: "
            + ", ".join(f"{code} {count}" for (_, code), count in self.codes.most_common()[-8:]),
        ]


_PLACES: dict[str, dict[int, int]] = {}


def _places(flow: Flow) -> dict[int, int]:
    if flow.name not in _PLACES:
        _PLACES[flow.name] = {id(row): place for place, row in enumerate(flow.steps)}
    return _PLACES[flow.name]
