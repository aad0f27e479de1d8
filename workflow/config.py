"""How this office is set up: one frozen value read from the environment; what is unsafe does not start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where the office keeps its things and how it is reached.

    SAPHAN_HOME: database, keys and files (default `var/`). SAPHAN_DATABASE: URL of a PostgreSQL in place of
    the SQLite in the home. SAPHAN_SITE: the public address that QR codes carry. SAPHAN_DEMONSTRATION: "1"
    while the invented DEMO ruleset and the printed passwords serve; the home itself remembers it.
    SAPHAN_PROXIES: how many proxies of ours stand before us and may say who the visitor is. SAPHAN_WORKER: the
    name of this machine's worker, the same over restarts and no other's (default: the machine's name).
    """

    home: Path
    database: str
    site: str
    demonstration: bool
    secure_cookies: bool = False
    proxies: int = 0
    worker: str = "office"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read the set-up from the environment."""
        home = Path(environment.get("SAPHAN_HOME") or ROOT / "var").resolve()
        site = environment.get("SAPHAN_SITE", "http://127.0.0.1:8000")
        return cls(
            home=home,
            database=environment.get("SAPHAN_DATABASE") or f"sqlite:///{home / 'saphan.sqlite'}",
            site=site.rstrip("/"),
            demonstration=environment.get("SAPHAN_DEMONSTRATION") == "1" or (home / "DEMONSTRATION").exists(),
            secure_cookies=site.startswith("https:"),
            proxies=int(environment.get("SAPHAN_PROXIES") or 0),
            worker=environment.get("SAPHAN_WORKER") or gethostname(),
        )
