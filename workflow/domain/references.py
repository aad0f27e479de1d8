"""How cases, register entries and papers are numbered: our own series, one row each."""

SERIES: dict[str, str] = {
    "request": "RQ",
    "application": "64",
    "permit": "PM",
    "worker": "WK",
    "employer": "EM",
    "hospital": "HO",
    "office": "OF",
    "account": "AC",
    "ruleset": "RS",
}
"""The short sign of each flow in the references of its subjects."""


def reference(flow: str, chain: str, number: str) -> str:
    """Write the public number of a case: office, sign, Buddhist year, running number."""
    running, year = number.split("/")
    return f"{chain}-{SERIES[flow]}-{year}-{int(running):06d}"


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
}
"""The short sign of each series of papers."""


def paper_number(chain: str, series: str, number: str) -> str:
    """Write the number of a paper: office, sign of the series, running number and Buddhist year."""
    return f"{chain}-{PAPER_SIGNS[series]} {number}"
