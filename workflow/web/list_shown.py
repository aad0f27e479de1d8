"""How the rows of a name list are shown: what becomes of each, in words, filtered and page by page."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from forms import listfile
from forms.namelist import Reading
from workflow.domain.namelist import FindingKind, ListRow, Outcome
from workflow.domain.words import N_
from workflow.web.list_forms import shown_fact

A_PAGE = 30
TAGS = {
    Outcome.ACCEPTED: (N_("Good"), "good"),
    Outcome.HELD: (N_("To be mended"), "waiting"),
    Outcome.REFUSED: (N_("Not taken"), "stopped"),
}
WAITS = (N_("Waits"), "neutral")
KINDS = {FindingKind.HELD: "waiting", FindingKind.WARNING: "warning", FindingKind.REFUSED: "stopped"}
SHOWS = {
    "all": N_("All"),
    "good": N_("Good"),
    "held": N_("To be mended"),
    "refused": N_("Not taken"),
    "warnings": N_("To be looked at"),
    "waiting": N_("Waiting"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding in words, with the cell of the sheet."""

    text: str
    cell: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class RowShown:
    """One worker of a list as the page shows it."""

    row: ListRow
    outcome: Outcome
    waits: bool
    said: tuple[Said, ...]
    birth: str
    missing: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Say whether nothing holds or refuses the row."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def tag(self) -> tuple[str, str]:
        """Give the word and the colour for what becomes of the row."""
        words, kind = WAITS if self.good and self.waits else TAGS[self.outcome]
        return gettext(words), kind


def rows_shown(reading: Reading, waiting: Container[int] = (), only: Reading | None = None) -> list[RowShown]:
    """Give the rows of a list (or those of `only`, judged as part of it) as they are shown."""
    becomes, found = reading.outcomes, {}
    for finding in reading.findings:
        found.setdefault(finding.row, []).append(
            Said(
                listfile.sentence(finding, gettext),
                finding.cell or "",
                KINDS[finding.kind],
                gettext(listfile.KIND_LABELS[finding.kind]),
            )
        )
    return [
        RowShown(
            row,
            becomes[row.row],
            row.row in waiting,
            tuple(found.get(row.row, ())),
            shown_fact(row, "birth"),
            row.missing,
        )
        for row in (only or reading).rows
    ]


@dataclass(frozen=True, slots=True)
class Show:
    """The part of a list that a page shows."""

    rows: list[RowShown]
    show: str
    page: int
    pages: int
    counts: Mapping[str, int]

    @classmethod
    def of(cls, reading: Reading, waiting: Container[int], asked: Mapping[str, str]) -> "Show":
        """Choose the rows that a page asks for: `show` names the kind, `page` the number."""
        every = rows_shown(reading, waiting)
        kinds = {name: [one for one in every if _belongs(one, name)] for name in SHOWS}
        show = asked.get("show", "all")
        show = show if show in SHOWS else "all"
        pages = max(1, -(-len(kinds[show]) // A_PAGE))
        number = asked.get("page", "1")
        page = min(max(int(number) if number.isdecimal() else 1, 1), pages)
        rows = kinds[show][(page - 1) * A_PAGE : page * A_PAGE]
        return cls(rows, show, page, pages, {name: len(rows_of) for name, rows_of in kinds.items()})


def _belongs(one: RowShown, show: str) -> bool:
    match show:
        case "good":
            return one.good and not one.waits
        case "held":
            return one.outcome is Outcome.HELD
        case "refused":
            return one.outcome is Outcome.REFUSED
        case "warnings":
            return any(said.kind == "warning" for said in one.said)
        case "waiting":
            return one.good and one.waits
    return True
