"""The run that somebody has at the printer: which papers, how far its file is made, sealed until it is confirmed.

One run for each account, kept beside the truth: if it is lost, nothing was counted, and it is begun again. While it
is open its originals are offered to nobody else, so that two printers do not print the same queue.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from workflow.store import previews
from workflow.store.previews import Owner, Preview

PLACE = "print"
HELD_FOR = timedelta(hours=12)
"""How long a run keeps its originals from others: a working day; what nobody confirmed by then is free again."""


class Binding(StrEnum):
    """How the papers of a run come to the printer."""

    PDF = "pdf"
    """Bound into one file."""
    ZIP = "zip"
    """Each a file of its own, named by its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it is kept: its sign, by whom, of which papers, what of its file is made, what was confirmed.

    `pages` gives the first and last page of each paper in the file; `left` names papers that could not be read.
    The file is there when `sha256` is.
    """

    sign: str
    user_name: str
    name: str
    about: str
    back: str
    binding: str
    originals: tuple[str, ...]
    copies: tuple[str, ...]
    done: int = 0
    pages: tuple[tuple[str, int, int], ...] = ()
    left: tuple[str, ...] = ()
    sha256: str = ""
    confirmed: tuple[str, ...] | None = None

    @property
    def papers(self) -> tuple[str, ...]:
        """Give all papers of the run."""
        return *self.originals, *self.copies

    @property
    def open(self) -> bool:
        """Say whether its sheets are still to be confirmed."""
        return self.confirmed is None

    @classmethod
    def read(cls, kept: Preview) -> "Run":
        """Read a run as it is kept."""
        stated = dict(kept.stated)
        for name in ("originals", "copies", "left"):
            stated[name] = tuple(stated[name])
        confirmed = stated["confirmed"]
        pages = tuple((str(paper), int(first), int(last)) for paper, first, last in stated["pages"])
        return cls(
            **stated | {"pages": pages, "confirmed": None if confirmed is None else tuple(confirmed)},
        )


def find(session: Session, account: str, now: datetime) -> Run | None:
    """Give the run of an account, open or confirmed; nothing where it has none."""
    kept = previews.find(session, _owner(account), now)
    return Run.read(kept) if kept else None


def held(session: Session, now: datetime, *, unlike: str) -> dict[str, str]:
    """Say which originals are in an open run of another account, and in whose."""
    runs = [
        Run.read(kept) for account, kept in previews.every(session, PLACE, now - HELD_FOR) if account != unlike
    ]
    return {paper: run.name for run in runs if run.open for paper in run.originals}


def begin(session: Session, account: str, run: Run, now: datetime) -> None:
    """Keep a new run in place of the last one of the account."""
    previews.begin(session, _owner(account), asdict(run), None, now)


def change(
    session: Session, account: str, sign: str, now: datetime, body: bytes | None = None, **changes: object
) -> Run | None:
    """Keep how far a run came, with its file when that is made; nothing where the run was thrown away meanwhile."""
    owner = _owner(account)
    kept = previews.find(session, owner, now)
    run = Run.read(kept) if kept else None
    if kept is None or run is None or run.sign != sign:
        return None
    changed = replace(run, **changes)  # type: ignore[arg-type]
    return changed if previews.change(session, kept, owner, asdict(changed), body) else None


def body_of(session: Session, account: str) -> bytes | None:
    """Open the file of a run."""
    return previews.sheet_of(session, _owner(account))


def drop(session: Session, account: str) -> None:
    """Throw the run of an account away: it counts nothing."""
    previews.end(session, _owner(account))


def _owner(account: str) -> Owner:
    return Owner(account, PLACE, account)
