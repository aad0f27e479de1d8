"""The README cannot drift: its diagrams are those of the tables, its table of who does what is theirs too."""

from pathlib import Path

import pytest

from workflow.cli import COMMANDS
from workflow.diagram import clock_table, mermaid
from workflow.domain.actor import Role
from workflow.domain.flow import Flow
from workflow.domain.flows import PROCESS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("flow", PROCESS, ids=lambda flow: flow.name)
def test_the_diagram_is_that_of_the_table(flow: Flow) -> None:
    assert f"```mermaid\n{mermaid(flow)}\n```" in README, f"print it anew: script/flask diagram {flow.name}"


def test_the_clocks_are_those_of_the_table() -> None:
    assert clock_table() in README, "print it anew: script/flask clocks"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENT], ids=str)
def test_who_does_what_is_as_in_the_tables(role: Role) -> None:
    own = {row.label for flow in PROCESS for row in flow.steps if role in row.by and row.name != "attach_file"}
    told = [line for line in README.splitlines() if line.startswith(f"| {role.label} |")]
    stated = set(told[0].split("|")[2].strip().split(", ")) if told else set()
    # a label may hold a comma itself, so the words are compared joined
    assert ", ".join(sorted(own)) == ", ".join(sorted(_labels(stated, own)))


def _labels(words: set[str], own: set[str]) -> set[str]:
    """Join the pieces of labels that hold a comma."""
    return {label for label in own if set(label.split(", ")) <= words} | {
        word for word in words if not any(word in label.split(", ") for label in own)
    }


def test_every_command_that_it_names_is_there() -> None:
    names = {command.name for command in COMMANDS}
    lines = [line.split() for line in README.splitlines() if line.strip().startswith("script/flask ")]
    named = {words[1] for words in lines if len(words) > 1}
    assert named <= names


def test_every_picture_and_folder_that_it_names_is_there() -> None:
    for name in ("docs/decisions.md", "CHANGELOG.md", "workflow/domain/request.py", "workflow/domain/application.py"):
        assert name in README or name.rsplit("/", 1)[-1] in README
        assert (ROOT / name).exists()
