"""Preview: `python -m pdf --sample --out DIR [KEY ...]` prints the sample record on every paper.

A record of your own is given as JSON: `python -m pdf --record FILE --out DIR KEY`.
"""

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pdf import preflight, render
from workflow.domain.documents import DOCUMENTS

SAMPLE = Path(__file__).parent.parent / "tests/record_sample.py"


def _samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record_sample", SAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(words: Sequence[str] | None = None) -> int:
    """Print the papers asked for; the number of papers that could not be made is the answer."""
    asked = argparse.ArgumentParser(prog="python -m pdf", description="Print papers for a look at them.")
    asked.add_argument("keys", nargs="*", metavar="KEY", help="papers, by default all")
    asked.add_argument("--sample", action="store_const", const="sample", help="an ordinary case")
    asked.add_argument("--long", action="store_const", const="long_names", dest="sample", help="long names")
    asked.add_argument("--record", type=Path, help="a frozen record as JSON")
    asked.add_argument("--mark", help='draft, "copy 2", void, "audit copy"')
    asked.add_argument("--out", type=Path, required=True, help="folder for the PDFs")
    options = asked.parse_args(words)
    options.out.mkdir(parents=True, exist_ok=True)
    return sum(not _made(key, options) for key in options.keys or DOCUMENTS)


def _record(key: str, options: argparse.Namespace) -> dict[str, Any]:
    if options.record:
        return json.loads(options.record.read_text())
    samples = _samples()
    return samples.for_paper(key, getattr(samples, options.sample or "sample")())


def _made(key: str, options: argparse.Namespace) -> bool:
    record = _record(key, options)
    lacks = preflight(key, record)
    for lack in lacks:
        print(f"{key}: {lack.fact}: {lack.text}", file=sys.stderr)
    if not lacks:
        (options.out / f"{key}.pdf").write_bytes(render(key, record, mark=options.mark))
    return not lacks


if __name__ == "__main__":
    raise SystemExit(main())
