"""The one table of papers: every paper the office makes, in paper-tray order, with its series and readers."""

# ruff: noqa: E501 - a row of the table is one line: the table is read down its columns

from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.actor import Role
from workflow.domain.words import N_

PAPER_SIGNS: dict[str, str] = {
    "demand_letter": "DL",
    "name_list": "NL",
    "request_slip": "RS",
    "deficiency_record": "DR",
    "letter": "LT",
    "order": "OR",
    "cover_sheet": "CS",
    "medical_referral": "MF",
    "medical_record": "MR",
    "entry_appointment": "EA",
    "entry_record": "ER",
    "bt29": "B29",
    "bt46": "B46",
    "filing_slip": "FS",
    "fee_receipt": "FR",
    "worker_notice": "WN",
    "permit_record": "PR",
    "contract": "CT",
    "pocket_card": "PC",
    "report_receipt": "RR",
    "exit_notice": "B53",
    "district_report": "DN",
    "loss_report": "LO",
    "hearing_note": "HN",
    "grace_certificate": "GC",
    "exit_clearance": "EC",
    "tm30": "T30",
    "hire_notice": "B52",
    "start_notice": "SN",
    "notice_receipt": "NR",
    "opinion_memo": "OM",
    "follow_up_card": "FC",
    "privacy_notice": "PN",
}
"""The short sign of each series of papers, as it stands in their numbers."""
SHARED_SERIES: dict[str, str] = {"letter": N_("Letters"), "order": N_("Orders")}
"""The series that papers of several kinds share."""


class Page(StrEnum):
    """The sheet a paper is printed on."""

    PORTRAIT = "A4 portrait"
    LANDSCAPE = "A4 landscape"


class Likeness(StrEnum):
    """How far a paper follows an official form."""

    BLANK = "redrawn from the blank form"
    PART = "pages 3 and 4 redrawn from the blank form; pages 1 and 2 from the list of fields, likeness not verified"
    OWN = "the office's own design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A kind of paper: what it is called, in which languages, numbered in which series, open to whom.

    `series` is a series of our own numbers, gapless per office and Buddhist year. `official` papers go out
    under the office's name; the others are working prints. Whoever is in `audience` may open it, within what
    that person may see of the case. `wants_photo` papers cannot be made without the worker's photo. Of a
    `one_in_force` paper a case has one at a time: a new version voids the one before; of an `of_permit` paper
    the permit has one, whichever of its applications made it. Of those
    `signed_by_employer` the employer prints the original. A `plate` paper is laid out once and then filled.
    The large code of a `checkable` paper, one that is carried, says the least of it, signed.
    """

    key: str
    title: str
    languages: tuple[str, ...]
    audience: tuple[Role, ...]
    series: str
    official: bool = True
    page: Page = Page.PORTRAIT
    likeness: Likeness = Likeness.OWN
    wants_photo: bool = False
    one_in_force: bool = False
    of_permit: bool = False
    signed_by_employer: bool = False
    plate: bool = False
    checkable: bool = False

    @property
    def sealed(self) -> bool:
        """Say whether the office signs the file: it goes out under its name, and nobody else signs the sheet."""
        return self.official and not self.signed_by_employer


_OFFICE = (Role.OFFICER, Role.REGISTRAR, Role.AUDITOR)
_EMPLOYER = (Role.EMPLOYER, Role.AGENT)
_BOTH = (*_EMPLOYER, *_OFFICE)
_WORKER = (*_BOTH, Role.WORKER)
_CARRIED = (*_OFFICE, Role.WORKER)
_TH, _TH_EN, _TH_KM, _ALL = ("th",), ("th", "en"), ("th", "km"), ("th", "en", "km")
_LETTER, _ORDER = "letter", "order"


def _table(*papers: Document) -> dict[str, Document]:
    return {paper.key: paper for paper in papers}


# fmt: off
DOCUMENTS: dict[str, Document] = _table(
    # the request
    Document(key="demand_letter",     title=N_("Demand letter"),               languages=_TH,    audience=_BOTH, series="demand_letter", likeness=Likeness.BLANK, one_in_force=True, signed_by_employer=True, plate=True),
    Document(key="name_list",         title=N_("Name list"),                   languages=_ALL,   audience=(*_BOTH, Role.CHECKPOINT), series="name_list", page=Page.LANDSCAPE, likeness=Likeness.BLANK, one_in_force=True, signed_by_employer=True),
    Document(key="request_receipt",   title=N_("Receipt of the request"),      languages=_TH,    audience=_BOTH, series="request_slip"),
    Document(key="deficiency_record", title=N_("Record of what is missing"),   languages=_TH,    audience=_BOTH, series="deficiency_record"),
    Document(key="opinion_memo",      title=N_("Memorandum of opinion"),       languages=_TH,    audience=_OFFICE, series="opinion_memo"),
    Document(key="approval_letter",   title=N_("Approval letter"),             languages=_TH,    audience=_BOTH, series=_LETTER),
    Document(key="refusal_letter",    title=N_("Refusal letter"),              languages=_TH,    audience=_BOTH, series=_LETTER),
    Document(key="revocation_order",  title=N_("Revocation order"),            languages=_TH,    audience=_BOTH, series=_ORDER),
    # one worker's application
    Document(key="cover_sheet",       title=N_("Cover sheet of the file"),     languages=_TH,    audience=_OFFICE, series="cover_sheet", official=False, one_in_force=True, plate=True),
    Document(key="privacy_notice",    title=N_("Notice of what is kept of a worker"), languages=_TH_KM, audience=_WORKER, series="privacy_notice", plate=True),
    Document(key="medical_referral",  title=N_("Referral to the medical check"), languages=_ALL, audience=(*_WORKER, Role.HOSPITAL), series="medical_referral", plate=True),
    Document(key="medical_record",    title=N_("Medical certificate or record of it"), languages=_TH_EN, audience=(*_WORKER, Role.HOSPITAL), series="medical_record", plate=True),
    Document(key="follow_up_card",    title=N_("Card for follow-up and treatment"), languages=_TH_KM, audience=(*_CARRIED, Role.HOSPITAL), series="follow_up_card", plate=True),
    Document(key="entry_appointment", title=N_("Entry appointment"),           languages=_ALL,   audience=(*_WORKER, Role.CHECKPOINT), series="entry_appointment"),
    Document(key="entry_record",      title=N_("Entry record"),                languages=_ALL,   audience=(*_WORKER, Role.CHECKPOINT), series="entry_record", plate=True),
    Document(key="tm30",              title=N_("Notice of where the worker lives (TM.30)"), languages=_TH_EN, audience=_BOTH, series="tm30", likeness=Likeness.BLANK, signed_by_employer=True, plate=True),
    Document(key="bt29",              title=N_("Application for a work permit (BT.29)"), languages=_TH_EN, audience=_WORKER, series="bt29", likeness=Likeness.PART, one_in_force=True, signed_by_employer=True),
    Document(key="bt29_officials",    title=N_("Page for officials of BT.29"), languages=_TH_EN, audience=_OFFICE, series="bt29", likeness=Likeness.BLANK, plate=True),
    Document(key="bt46",              title=N_("Employment certification (BT.46)"), languages=_TH_EN, audience=_BOTH, series="bt46", likeness=Likeness.BLANK, one_in_force=True, signed_by_employer=True, plate=True),
    Document(key="contract",          title=N_("Employment contract"),         languages=_ALL,   audience=_WORKER, series="contract", one_in_force=True, signed_by_employer=True),
    Document(key="filing_receipt",    title=N_("Receipt of the application"),  languages=_TH_KM, audience=_WORKER, series="filing_slip", plate=True),
    Document(key="fee_receipt",       title=N_("Record of a fee paid"),        languages=_TH,    audience=(*_WORKER, Role.CASHIER), series="fee_receipt", plate=True),
    Document(key="permit_order",      title=N_("Order to permit work"),        languages=_TH,    audience=_WORKER, series=_ORDER),
    Document(key="refusal_order",     title=N_("Order to refuse a permit"),    languages=_ALL,   audience=_WORKER, series=_ORDER),
    Document(key="worker_notice",     title=N_("Notice that the application ended"), languages=_ALL, audience=_WORKER, series="worker_notice", plate=True),
    Document(key="permit_record",     title=N_("Record of the work permit"),   languages=_ALL,   audience=_WORKER, series="permit_record", wants_photo=True, one_in_force=True, of_permit=True, plate=True, checkable=True),
    Document(key="pocket_card",       title=N_("Pocket card of the worker"),   languages=_TH_KM, audience=_WORKER, series="pocket_card", one_in_force=True, of_permit=True, plate=True, checkable=True),
    Document(key="hire_notice",       title=N_("Notice of hire (BT.52)"),      languages=_TH,    audience=_BOTH, series="hire_notice", likeness=Likeness.BLANK, signed_by_employer=True, plate=True),
    Document(key="start_notice",      title=N_("Worker's notice of work"),     languages=_TH,    audience=_WORKER, series="start_notice", likeness=Likeness.BLANK, plate=True),
    # the permit after its issue
    Document(key="notice_receipt",    title=N_("Receipt of a notice"),         languages=_TH,    audience=_WORKER, series="notice_receipt", likeness=Likeness.BLANK, plate=True),
    Document(key="report_receipt",    title=N_("Receipt of a report of the stay"), languages=_ALL, audience=(*_WORKER, Role.CHECKPOINT), series="report_receipt", plate=True),
    Document(key="exit_notice",       title=N_("Notice of the end of work (BT.53)"), languages=_TH, audience=_BOTH, series="exit_notice", signed_by_employer=True),
    Document(key="district_report",   title=N_("Report to the district within 24 hours"), languages=_TH, audience=_BOTH, series="district_report", signed_by_employer=True),
    Document(key="loss_report",       title=N_("Report of a lost permit"),     languages=_TH_EN, audience=_WORKER, series="loss_report"),
    Document(key="hearing_letter",    title=N_("Letter that a revocation is proposed"), languages=_ALL, audience=_CARRIED, series=_LETTER),
    Document(key="hearing_note",      title=N_("Note of the hearing"),         languages=_TH,    audience=_CARRIED, series="hearing_note"),
    Document(key="permit_revocation", title=N_("Order to revoke the permit"),  languages=_ALL,   audience=_CARRIED, series=_ORDER),
    Document(key="suspension_letter", title=N_("Letter that the permit is suspended"), languages=_ALL, audience=_WORKER, series=_LETTER),
    Document(key="grace_certificate", title=N_("Certificate of grace"),        languages=_ALL,   audience=(*_WORKER, Role.CHECKPOINT), series="grace_certificate"),
    Document(key="departure_letter",  title=N_("Letter to leave the Kingdom"), languages=_ALL,   audience=(*_WORKER, Role.CHECKPOINT), series=_LETTER),
    Document(key="exit_clearance",    title=N_("Exit clearance"),              languages=_ALL,   audience=(*_WORKER, Role.CHECKPOINT), series="exit_clearance"),
    # an employer
    Document(key="employer_warning",  title=N_("Warning to the employer"),     languages=_TH,    audience=_BOTH, series=_LETTER),
    Document(key="employer_bar",      title=N_("Order that bars the employer"), languages=_TH,   audience=_BOTH, series=_ORDER),
)
# fmt: on


def paper_number(key: str, chain: str, number: str) -> str:
    """Write the number of a paper: office, sign of its series, running number and Buddhist year."""
    return f"{chain}-{PAPER_SIGNS[DOCUMENTS[key].series]} {number}"

WORKING_PRINTS: dict[str, Document] = _table(
    Document(key="case_file_index", title=N_("Index of the case file"), languages=_TH, audience=(Role.AUDITOR,), series="", official=False),
    Document(key="cashier_day", title=N_("Cashier's day list"), languages=_TH, audience=(Role.CASHIER, Role.REGISTRAR, Role.AUDITOR), series="", official=False),
    Document(key="power_cut", title=N_("Lists and numbered forms for a power cut"), languages=_TH, audience=(Role.OFFICER, Role.REGISTRAR), series="", official=False),
    Document(key="inspection_pack", title=N_("Pack for an inspection of the workplace"), languages=_TH, audience=(*_EMPLOYER, Role.OFFICER, Role.REGISTRAR), series="", official=False),
    Document(key="gate_call_list", title=N_("Whom to tell that the gate is closed"), languages=_TH, audience=(Role.OFFICER, Role.CHECKPOINT, Role.REGISTRAR), series="", official=False),
    Document(key="day_closing", title=N_("Day-closing sheet"), languages=_TH, audience=(Role.OFFICER, Role.REGISTRAR, Role.AUDITOR), series="", official=False),
    Document(key="register_extract", title=N_("Extract of a register"), languages=_TH, audience=(Role.OFFICER, Role.REGISTRAR, Role.AUDITOR), series="", official=False),
)
"""Prints made on the spot from a record of their own: owed by no step, numbered in no series, kept nowhere."""
