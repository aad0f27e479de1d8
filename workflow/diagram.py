"""The process drawn from its tables: Mermaid text and the list of clocks, for the README and the handbook."""

from workflow.domain.clocks import CLOCKS, Clock
from workflow.domain.flow import START, Flow


def mermaid(flow: Flow) -> str:
    """Draw a flow as a Mermaid state diagram: one arrow per step and pair of states, steps that stay left out."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.value} : {state.label}" for state in flow.states]
    lines += dict.fromkeys(_arrows(flow))
    lines += [f"    {state.value} --> [*]" for state in flow.states if state.final]
    return "\n".join(lines)


def _arrows(flow: Flow) -> list[str]:
    return [
        f"    {'[*]' if source == START else source} --> {row.target.value} : {row.name}"
        for row in flow.steps
        if row.target is not None
        for source in map(str, row.source)
        if source != row.target.value
    ]


def clock_table() -> str:
    """Write the clocks of the law as a table, one row each: the flows that share one are not told apart."""
    head = "| clock | duty | whose | runs for | last day on a holiday | told before | if missed |"
    rules = " | ".join(["---"] * 7)
    rows = {clock.name: clock for clock in reversed(CLOCKS) if clock.code}
    told = sorted(rows.values(), key=lambda clock: int(clock.code[1:]))
    return "\n".join([head, f"| {rules} |", *map(_clock_row, told)])


def _clock_row(clock: Clock) -> str:
    before = ", ".join(f"{days} d" if days else "on the day" for days in clock.warns)
    moves = "next working day" if clock.moves else "stays"
    runs = f"`{clock.length}`" if clock.length else "the day on the paper"
    return f"| {clock.code} | {clock.label} | {clock.duty.label} | {runs} | {moves} | {before} | {clock.breach} |"
