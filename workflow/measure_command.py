"""The commands about measures: list them, try one, apply it as a second person, take it back.

Whoever acts proves himself as at the sign-in page: user name, password, code of the telephone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext

from workflow import measures
from workflow.casework import Act
from workflow.domain.actor import Actor
from workflow.domain.flow import NotYours, OutOfTurn, Refused
from workflow.domain.measure import MeasureReversal
from workflow.domain.record import Record
from workflow.rules_command import at_terminal, sign_in
from workflow.store.history import CaseNotFound
from workflow.web.at_desk import desk
from workflow.web.shown import show_refusal

measure = AppGroup("measure", help="Measures over permits that run: list, dry-run, apply, revert.")


def by_administrator(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be done only by an administrator who proves himself; what the rules refuse ends it with 1."""

    @click.argument("name", metavar="MEASURE")
    @click.option(
        "--as", "user_name", required=True, prompt="User name", help="The administrator's user name."
    )
    @wraps(command)
    def proven(user_name: str, **given: Any) -> None:
        with at_terminal():
            try:
                command(actor=sign_in(desk(), user_name), **given)
            except Refused as refused:
                raise click.ClickException(
                    "\n".join(show_refusal(one) for one in refused.refusals)
                ) from refused
            except (OutOfTurn, NotYours) as wrong:
                raise click.ClickException(gettext("This measure does not wait for that.")) from wrong
            except CaseNotFound as missing:
                raise click.ClickException(gettext("There is no such measure.")) from missing

    return proven


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
@by_administrator
def dry_run(name: str, actor: Actor) -> None:
    """Judge every permit that a measure reaches; nothing changes. MEASURE is its reference."""
    told = measures.dry_run(desk(), actor, name, Act()).done.evidence
    click.echo(
        f"changed: {told.changed}\nunchanged: {told.unchanged}\nagainst: {told.against}\ndigest: {told.digest}"
    )


@measure.command("apply")
@by_administrator
def apply(name: str, actor: Actor) -> None:
    """Apply a measure that was tried, as a second person."""
    done = measures.apply(desk(), actor, name, Act())
    click.echo(f"moved since the dry run: {done.done.evidence.moved}")
    say_offices(done.record)


@measure.command("revert")
@click.option("--reason", required=True, prompt="Reason", help="Why it is taken back.")
@by_administrator
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
