"""The process drawn from its table: Mermaid text for the README and the handbook."""

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
