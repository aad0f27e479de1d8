"""Checking papers where there is no network: their codes and files, the list of withdrawn papers, the keys to pin."""

import sys
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext
from sqlalchemy import select

from workflow import casework, roadside, vouching, withdrawals
from workflow.domain.actor import Actor
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.roadside import Finding
from workflow.rules_command import LANGUAGES, at_terminal, by_administrator
from workflow.store import access, seals
from workflow.store.access import Reading
from workflow.store.history import CaseNotFound
from workflow.store.projections import Document
from workflow.store.seals import SigningKey
from workflow.vouching import NoKey
from workflow.web.at_desk import desk
from workflow.web.checked import lines_of
from workflow.web.shown import show_moment
from workflow.withdrawals import NoList, Withdrawals

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify-qr")
@click.argument("token")
@click.option("--key", "key_file", type=FILE, help="Pinned public keys (PEM); without it, those of this office.")
@click.option("--list", "list_file", type=FILE, help="The signed list of withdrawn papers.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Year-month-day; today unless told.")
@click.option("--lang", "said", type=LANGUAGES, default="en", show_default=True)
@with_appcontext
def verify_qr(
    token: str, key_file: Path | None, list_file: Path | None, on: datetime | None, said: str
) -> None:
    """Judge the text of a paper's large code, offline; TOKEN is what a scanner reads, or - to read it from input.

    Ends with 0 valid, 1 altered, 3 revoked, 4 replaced, 5 expired, 6 not yet valid, 7 void, 8 ended, 9 on hold,
    10 signed by a key that is not trusted.
    """
    with at_terminal(said):
        keys = _keys(key_file)
        withdrawn = _list(list_file, keys) if list_file else None if key_file else withdrawals.gather(desk())
        written = sys.stdin.read() if token == "-" else token
        day = on.date() if on else bangkok_date(desk().now())
        judged = roadside.judge(written, keys, withdrawn, day)
        _tell(judged, withdrawn)
    sys.exit(judged.finding.exit)


@click.command("verify-paper")
@click.argument("file", type=FILE)
@click.option("--ca", "authority_file", type=FILE, help="The pinned certificate of the authority (PEM or DER).")
@click.option("--key", "key_file", type=FILE, help="Pinned public keys (PEM), for the list.")
@click.option("--list", "list_file", type=FILE, help="The signed list of withdrawn papers.")
@click.option("--lang", "said", type=LANGUAGES, default="en", show_default=True)
@with_appcontext
def verify_paper(
    file: Path, authority_file: Path | None, key_file: Path | None, list_file: Path | None, said: str
) -> None:
    """Judge the file of a signed paper, offline with --ca; without it, by this office's register.

    Ends with 0 genuine, 1 altered, 3 revoked, 4 replaced, 7 void, 8 ended, 9 on hold, 10 another authority,
    11 not signed, 12 signed by a revoked key, 13 out of time.
    """
    with at_terminal(said):
        keys = _keys(key_file) if list_file else {}
        withdrawn = _list(list_file, keys) if list_file else None if authority_file else withdrawals.gather(desk())
        body, at = file.read_bytes(), desk().now()
        judged = roadside.judge_file(body, _authority(authority_file), withdrawn, at)
        if authority_file is None:
            judged = _by_register(judged, body)
        _tell(judged, withdrawn)
    sys.exit(judged.finding.exit)


def _by_register(judged: roadside.Judged, body: bytes) -> roadside.Judged:
    """Compare the whole file with the one that the chain names: what no signature covers counts as well."""
    if not judged.number:
        return judged
    kept = desk().session.scalar(select(Document.sha256).filter_by(number=judged.number))
    return judged if kept == sha256(body).hexdigest() else roadside.Judged(Finding.ALTERED)


def _authority(file: Path | None) -> bytes:
    try:
        found = vouching.read_certificate(file.read_bytes()) if file else vouching.authority_certificate(desk())
    except NoKey as none:
        raise click.ClickException(gettext("This file is no certificate.")) from none
    if found is None:
        raise click.ClickException(gettext("This office has no authority yet: no paper was signed."))
    return found


def _tell(judged: roadside.Judged, withdrawn: Withdrawals | None) -> None:
    click.echo(gettext(judged.finding.label))
    for label, value in lines_of(judged):
        click.echo(f"  {label}: {value}")
    for note in _notes(judged, withdrawn):
        click.echo(note)


def _notes(judged: roadside.Judged, withdrawn: Withdrawals | None) -> list[str]:
    notes = []
    if judged.token and judged.token.specimen:
        notes.append(gettext("SPECIMEN: made under invented rules of a demonstration, without any legal effect."))
    if judged.finding is Finding.EXPIRED:
        notes.append(gettext("A renewal may be pending: ask for its receipt, or look at the page of the paper."))
    if withdrawn is None:
        notes.append(gettext("No list of withdrawn papers was given: only what is printed was checked."))
    else:
        notes.append(gettext("List of withdrawn papers as of %(at)s.", at=show_moment(withdrawn.made_at)))
    return notes


def _keys(file: Path | None) -> Mapping[bytes, Ed25519PublicKey]:
    try:
        keys = vouching.read_keys(file.read_bytes()) if file else vouching.public_keys(desk())
    except NoKey as none:
        raise click.ClickException(gettext("This file holds no public key of codes.")) from none
    if not keys:
        raise click.ClickException(gettext("This office has no key of codes yet: no paper with a code was made."))
    return keys


def _list(file: Path, keys: Mapping[bytes, Ed25519PublicKey]) -> Withdrawals:
    try:
        return withdrawals.read(file.read_text("utf-8"), keys)
    except (NoList, UnicodeDecodeError) as wrong:
        raise click.ClickException(
            gettext("This is no whole list of withdrawn papers, or it is not signed by a trusted key.")
        ) from wrong


@click.command("withdrawn")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, the terminal.")
@with_appcontext
def withdrawn_papers(out: Path | None) -> None:
    """Write the signed list of papers that count no more: to be carried where there is no network."""
    with at_terminal():
        written = withdrawals.newest(desk())
    if out is None:
        click.echo(written, nl=False)
    else:
        out.write_text(written, "utf-8")


keys = AppGroup("keys", help="The keys by which papers are vouched for: show, list, revoke.")


@keys.command("show")
@with_appcontext
def show_keys() -> None:
    """Print the public keys of codes as PEM: to be pinned where papers are checked."""
    with at_terminal():
        with casework.transaction(desk()):
            vouching.code_key(desk())
        click.echo(vouching.written_keys(vouching.public_keys(desk())), nl=False)


@keys.command("authority")
@with_appcontext
def show_authority() -> None:
    """Print the certificate of the authority as PEM: what signed papers are checked against."""
    with at_terminal():
        with casework.transaction(desk()):
            vouching.make_authority(desk())
        click.echo(vouching.written_certificate(vouching.authority_certificate(desk())), nl=False)


@keys.command("list")
@with_appcontext
def list_keys() -> None:
    """List every key: its name, what it signs, for which office, since when, and when it was revoked."""
    with at_terminal():
        for purpose in seals.Purpose:
            for row in seals.every(desk().session, purpose):
                revoked = f"\trevoked {row.revoked_at.isoformat()}" if row.revoked_at else ""
                click.echo(f"{row.key_id}\t{row.purpose}\t{row.office}\t{row.made_at.isoformat()}{revoked}")


@keys.command("revoke")
@click.argument("key_id", metavar="KEY")
@by_administrator(N_("This key was revoked already."), N_("There is no such key."))
def revoke_key(key_id: str, actor: Actor) -> None:
    """Take a key out of use for good: its private part is destroyed, what it signed is trusted no more."""
    at = desk()
    with casework.transaction(at):
        row = at.session.get(SigningKey, key_id)
        if row is None or row.revoked_at is not None:
            raise CaseNotFound(key_id)
        seals.revoke(at.session, row, at.now())
        access.note(at.session, _noted(actor, row, at.now()))
    click.echo(f"{key_id}\trevoked")


def _noted(actor: Actor, row: SigningKey, at: datetime) -> Reading:
    """Put on record, in the chained log, who revoked a key."""
    return Reading(
        person=actor.person,
        account=actor.account,
        role=actor.role.value,
        office=row.office or None,
        flow="signing_key",
        subject=row.key_id,
        purpose="key revoked",
        read_at=at,
    )


EVERY: tuple[click.Command, ...] = (verify_qr, verify_paper, withdrawn_papers, keys)
