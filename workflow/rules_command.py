"""The commands about the law as data: what applies on a day, what the register holds, load and activate a ruleset.

Who loads or activates proves himself as at the sign-in page: user name, password, code of the telephone.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_babel import force_locale, gettext

from workflow import administration
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.explaining import Change, Explained, Explanation, explain
from workflow.domain.flow import NotYours, OutOfTurn, Refused
from workflow.domain.provinces import place_name
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.people import actor_of
from workflow.store.attempts import TooMany
from workflow.store.history import CaseNotFound
from workflow.store.projections import Account
from workflow.web import proofs
from workflow.web.at_desk import desk
from workflow.web.ruled import Shown, label_of, written
from workflow.web.shown import language, show_date, show_refusal, show_said

LANGUAGES = click.Choice(["th", "km", "en"])
PILOT = "22"

rules = AppGroup("rules", help="The law as data: explain, list, load, activate.")


@contextmanager
def at_terminal(said: str = "en") -> Iterator[None]:
    """Stand in for a request that comes from the terminal: the store, the clock and a language are at hand."""
    app: Flask = current_app._get_current_object()
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "terminal"}), force_locale(said):
        yield


@rules.command("explain")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="Year-month-day; today unless told.")
@click.option("--province", default=PILOT, show_default=True, help="The two-digit code of the province.")
@click.option("--gate", help="The gate, such as ban-laem.")
@click.option("--lang", "said", type=LANGUAGES, default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain_rules(on: datetime | None, province: str, gate: str | None, said: str, as_json: bool) -> None:
    """Say what applies on a day in a province: each value with its source, since when, what comes next."""
    with at_terminal(said):
        at = desk()
        day = on.date() if on else bangkok_date(at.now())
        named = gate.replace("-", "_") if gate else None
        told = explain(at.rulesets(), day, province, named, demonstration=at.demonstration)
        if as_json:
            click.echo(json.dumps(as_data(told), ensure_ascii=False, default=str))
        else:
            for line in as_lines(told):
                click.echo(line)


@rules.command("list")
@click.option("--lang", "said", type=LANGUAGES, default="en", show_default=True)
def list_rules(said: str) -> None:
    """List every ruleset of the register: reference, state, sign, days, provinces, title."""
    with at_terminal(said):
        for entry in administration.entries(desk(), "ruleset"):
            ruleset = desk().ruleset(str(entry.stated["digest"]))
            until = ruleset.effective_to or ""
            places = ",".join(ruleset.provinces)
            title = show_said(ruleset.title)
            click.echo(
                f"{entry.subject}\t{entry.state}\t{ruleset.id}\t{ruleset.effective_from}..{until}\t{places}\t{title}"
            )


def by_administrator(out_of_turn: str, missing: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command be done only by an administrator who proves himself; what the rules refuse ends it with 1.

    The two sentences are said where what is named does not wait for the command, and where it is not there.
    """

    def guarded(command: Callable[..., None]) -> Callable[..., None]:
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
                    raise click.ClickException(gettext(out_of_turn)) from wrong
                except CaseNotFound as unknown:
                    raise click.ClickException(gettext(missing)) from unknown

        return proven

    return guarded


def sign_in(at: Desk, user_name: str) -> Actor:
    """Prove who sits at the terminal, as the sign-in page does, with the same limits on attempts."""
    wrong = click.ClickException(gettext("The user name, the password or the code is not right."))
    try:
        account = proofs.prove_password(user_name, click.prompt("Password", hide_input=True))
        if account is None:
            raise wrong
        if account.role != Role.ADMINISTRATOR or not proofs.has_second_factor(account):
            raise click.ClickException(gettext("Only an administrator with a connected telephone does this."))
        shown = proofs.shown_code(account)  # a demonstration tells its codes
        if not proofs.prove_second_factor(account, click.prompt("Code of the telephone", default=shown)):
            raise wrong
    except TooMany as many:
        raise click.ClickException(proofs.told_to_wait(many)) from many
    return actor_of(at.session, at.session.get_one(Account, account.reference))


of_ruleset = by_administrator(
    N_("This ruleset does not wait for that."), N_("There is no such ruleset in the register.")
)


@rules.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@of_ruleset
def load(file: Path, actor: Actor) -> None:
    """Propose a ruleset from a TOML file; it counts once a second person has activated it."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise click.ClickException(f"{file.name}: not a text in UTF-8") from fault
    done = administration.propose_ruleset(desk(), actor, text, Act(), file.name)
    click.echo(done.record.subject)


@rules.command("activate")
@click.argument("subject", metavar="ID")
@of_ruleset
def activate(subject: str, actor: Actor) -> None:
    """Bring a proposed ruleset into force, as a second person; ID is what `load` printed."""
    administration.settle_ruleset(desk(), actor, subject, "confirm_ruleset", None, Act())
    click.echo(f"{subject}\tlisted")


# an explanation as lines and as data --------------------------------------------------------


def as_lines(told: Explanation) -> Iterator[str]:
    """Write an explanation for a reader at a terminal."""
    place = place_name(told.province, language())
    yield f"{show_date(told.on)} · {place}" + (f" · {place_name(told.gate, language())}" if told.gate else "")
    if told.ruleset is None:
        yield gettext("No rules are known for that time")
    else:
        yield from _head(told.ruleset)
        yield from (line for one in _shown(told.values, told.ruleset) for line in _value(one))
        if told.unverified:
            yield gettext("Not verified: it stops no case")
            yield from (f"  {one.label}" for one in _shown(told.unverified, told.ruleset))
    for heading, change in (
        (gettext("What changes next"), told.following),
        (gettext("What applied before"), told.previous),
    ):
        if change is not None:
            yield from _changed(heading, change)


def _head(ruleset: Ruleset) -> Iterator[str]:
    yield f"{show_said(ruleset.title)} ({ruleset.id})"
    yield f"{gettext('Legal basis')}: {show_said(ruleset.legal_basis)} ({gettext(ruleset.basis.label)})"


def _shown(values: tuple[Explained, ...], ruleset: Ruleset) -> list[Shown]:
    return [written(one.name, one.value, ruleset, one.since) for one in values]


def _value(one: Shown) -> Iterator[str]:
    since = gettext("since %(on)s", on=show_date(one.since))
    yield f"  {one.label}: {'; '.join(one.lines)}  [{since} · {one.source} · {one.sure}]"
    yield from (f"    {line}" for line in one.overruled)


def _changed(heading: str, change: Change) -> Iterator[str]:
    ruleset = change.spell.ruleset
    named = (
        f"{show_said(ruleset.title)} ({ruleset.id})"
        if ruleset
        else gettext("No rules are known for that time")
    )
    yield f"{heading}: {show_date(change.spell.first)} {named}"
    yield from (f"  {label_of(name)}" for name in change.names)


def as_data(told: Explanation) -> dict[str, Any]:
    """Give an explanation as plain data."""
    return {
        "on": told.on.isoformat(),
        "province": told.province,
        "gate": told.gate,
        "ruleset": _ruleset(told.ruleset),
        "values": [_datum(one, told.ruleset) for one in told.values],
        "unverified": [one.name for one in told.unverified],
        "next": _change(told.following),
        "previous": _change(told.previous),
    }


def _ruleset(ruleset: Ruleset | None) -> dict[str, Any] | None:
    if ruleset is None:
        return None
    return {
        "id": ruleset.id,
        "edition": ruleset.edition,
        "title": show_said(ruleset.title),
        "from": ruleset.effective_from.isoformat(),
        "until": ruleset.effective_to.isoformat() if ruleset.effective_to else None,
        "legal_basis": show_said(ruleset.legal_basis),
        "basis": ruleset.basis.value,
        "digest": ruleset.digest,
    }


def _datum(one: Explained, ruleset: Ruleset | None) -> dict[str, Any]:
    shown = written(one.name, one.value, ruleset, one.since)
    return {
        "name": one.name,
        "label": shown.label,
        "value": one.value.value,
        "said": shown.lines,
        "since": one.since.isoformat(),
        "source": shown.source,
        "basis": one.value.source.basis.value,
        "confidence": one.value.confidence.value,
        "overruled": shown.overruled,
    }


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "on": change.spell.first.isoformat(),
        "ruleset": _ruleset(change.spell.ruleset),
        "values": list(change.names),
    }
