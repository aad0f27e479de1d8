"""The commands about measures: list them, try one, apply it as a second person, take it back.

Whoever acts proves himself as at the sign-in page: user name, password, code of the telephone.
"""

from collections.abc import Callable

import click
from flask.cli import AppGroup

from workflow import measures
from workflow.casework import Act
from workflow.domain.actor import Actor
from workflow.domain.measure import MeasureReversal
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.rules_command import at_terminal, by_administrator
from workflow.web.at_desk import desk

measure = AppGroup("measure", help="Measures over permits that run: list, dry-run, apply, revert.")


def of_measure(command: Callable[..., None]) -> Callable[..., None]:
    """Let an administrator who proves himself do a command about a measure that is named."""
    named = click.argument("name", metavar="MEASURE")
    proven = by_administrator(N_("This measure does not wait for that."), N_("There is no such measure."))
    return named(proven(command))


@measure.command("list")
def list_measures() -> None:
    """List every measure: reference, state, rules, first day, name."""
    with at_terminal():
        for entry in measures.measures(desk()):
            stated = entry.stated
            click.echo(
                f"{entry.reference}\t{entry.state}\t{stated['ruleset']}\t{stated['from_on']}\t{entry.name}"
            )


@measure.command("dry-run")
@of_measure
def dry_run(name: str, actor: Actor) -> None:
    """Judge every permit that a measure reaches; nothing changes. MEASURE is its reference."""
    told = measures.dry_run(desk(), actor, name, Act()).done.evidence
    click.echo(
        f"changed: {told.changed}\nunchanged: {told.unchanged}\nagainst: {told.against}\ndigest: {told.digest}"
    )


@measure.command("apply")
@of_measure
def apply(name: str, actor: Actor) -> None:
    """Apply a measure that was tried, as a second person."""
    done = measures.apply(desk(), actor, name, Act())
    click.echo(f"moved since the dry run: {done.done.evidence.moved}")
    say_offices(done.record)


@measure.command("revert")
@click.option("--reason", required=True, prompt="Reason", help="Why it is taken back.")
@of_measure
def revert(name: str, actor: Actor, reason: str) -> None:
    """Take an applied measure back; permits acted on since are named and keep it."""
    say_offices(measures.revert(desk(), actor, name, MeasureReversal(reason=reason), Act()).record)


def say_offices(record: Record) -> None:
    """Tell what was done at each office."""
    for office, laid in measures.at_offices(desk(), record):
        if laid is None:
            continue
        click.echo(f"{office}\tlaid over {laid.history[0].evidence.changed}")
        if laid.last("lift_measure"):
            lifted = laid.history[-1].evidence
            click.echo(f"{office}\ttaken back {lifted.untouched}, acted on since {len(lifted.acted_on)}")
            for subject in lifted.acted_on:
                click.echo(f"{office}\tacted on: {subject}")
