"""How cases, register entries and papers are numbered: our own series, one row each."""

SERIES: dict[str, str] = {
    "request": "RQ",
    "application": "64",
    "permit": "PM",
    "appeal": "AP",
    "worker": "WK",
    "employer": "EM",
    "hospital": "HO",
    "doctor": "DR",
    "office": "OF",
    "gate": "GA",
    "blanks": "BL",
    "privacy": "PD",
    "account": "AC",
    "ruleset": "RS",
    "measure": "ME",
}
"""The short sign of each flow in the references of its subjects."""


def reference(flow: str, chain: str, number: str) -> str:
    """Write the public number of a case: office, sign, Buddhist year, running number."""
    running, year = number.split("/")
    return f"{chain}-{SERIES[flow]}-{year}-{int(running):06d}"
