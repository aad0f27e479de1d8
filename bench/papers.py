"""Papers in bulk: the record of a permit from its plate, beside WeasyPrint used plainly and with all it can keep.

`python -m bench.papers [COUNT]` prints one JSON object a line: bench, name, value, unit, goal, met. Names do not
repeat, what does not fit is laid out whole and counted, and the ways are timed in turn, in processor time. The
peers get the very page and style sheet that our own press gets.
"""

import base64
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from random import Random
from typing import Any

from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from bench.telling import tell
from pdf import composing, press, render
from pdf.plate import DoesNotFit

COUNT = 1000
ROUNDS = 9
"""Rounds in which every way prints the same few papers, one way after the other."""

EACH = {"naive": 1, "reused": 1, "ours": 100}
"""Papers a round; ours come in bulk."""
GOALS = {"over_naive": 60, "over_reused": 45}
WORST_FALLBACK = 0.2
"""Per cent."""

MEMORY = 300
"""Megabytes."""

LARGEST = 1.5
"""Size of a file, over that of WeasyPrint's."""

FLAT = 1.2
"""Time of the last papers of a bulk over that of the first."""

TWO = 1.8
"""Speed of two processes over that of one."""

SHARE = 0.2
"""Time of one permit on request, over that of the naive way."""

KEY = "permit_record"

LATIN = ("SOK", "CHAN", "KEO", "PRAK", "HENG", "NGUON", "THY", "OUM", "LY", "YIM", "CHHAY", "MEAS", "NHEM", "PICH")
SOUNDS = ("DA", "RA", "SREY", "MOM", "VAN", "NA", "PI", "SETH", "SO", "PHEAK", "KUN", "THEA", "RIT", "THI", "BO", "PHA")
KHMER = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ"
KHMER_VOWELS = ("", "ា", "ិ", "ី", "ុ", "ូ", "ួ", "េ", "ែ", "ៃ", "ោ", "ៅ", "ាំ", "ះ")
KHMER_FEET = ("", "្រ", "្ល", "្វ", "្ន", "្ម")
THAI = "กขคงจชซญดตถทนบปผพฟมยรลวศสหอ"
THAI_VOWELS = ("า", "ิ", "ี", "ุ", "ู", "ั", "ำ", "้า", "่อ", "ื่อ")


def workers(count: int) -> Iterator[dict[str, Any]]:
    """Invent workers whose names do not repeat, in three scripts."""
    chance, seen = Random(64), set()
    while len(seen) < count:
        latin = f"{chance.choice(LATIN)} {''.join(chance.choices(SOUNDS, k=chance.choice((2, 2, 3, 3, 4, 6))))}"
        latin += f" {''.join(chance.choices(SOUNDS, k=2))}" if chance.random() < 0.15 else ""
        if latin in seen:
            continue
        seen.add(latin)
        yield {
            "name_latin": latin,
            "name_khmer": " ".join(_khmer(chance) for _ in range(2)),
            "name_thai": " ".join(_thai(chance) for _ in range(2)),
            "sex": chance.choice(("male", "female")),
            "pass_number": f"BP{chance.randrange(10**7):07}",
        }


def _khmer(chance: Random) -> str:
    return "".join(
        chance.choice(KHMER) + chance.choice(KHMER_FEET) * (chance.random() < 0.3) + chance.choice(KHMER_VOWELS)
        for _ in range(chance.randrange(2, 6))
    )


def _thai(chance: Random) -> str:
    return "".join(chance.choice(THAI) + chance.choice(THAI_VOWELS) for _ in range(chance.randrange(2, 6)))


def records(count: int) -> list[dict[str, Any]]:
    """Give a record for each worker, all for one employer, each with a photo of his own."""
    from tests import record_sample

    chance, made = Random(1), []
    for number, worker in enumerate(workers(count)):
        record = record_sample.for_paper(KEY, record_sample.sample())
        record["worker"] = record["worker"] | worker
        record["application"]["identity"] = record["application"]["identity"] | worker
        record["application"]["official_numbers"] |= {
            "permit_number": f"{number:07}",
            "foreigner_number": f"00{chance.randrange(10**11):011}",
        }
        code = f"{chance.randrange(32**12):026x}"
        signed = record_sample.signed_url(code.upper(), f"จบ-PNR-PR {number}/2569")
        address = f"https://saphan.example/v/{code}"
        named = {"number": f"จบ-PNR 2569/{number:06}", "verify_url": address, "signed_url": signed}
        record["document"] |= named | {"specimen": False}
        record["images"]["photo"] = {"base64": base64.b64encode(_photo(number)).decode()}
        made.append(record)
    return made


def _photo(number: int) -> bytes:
    drawn = BytesIO()
    Image.linear_gradient("L").resize((300, 400)).convert("RGB").point(lambda dot: (dot + number) % 256).save(
        drawn, "JPEG", quality=70
    )
    return drawn.getvalue()


def _page(record: dict[str, Any]) -> tuple[str, Any]:
    html, sheet = composing.compose(KEY, record)
    return html.replace('class="pageno"', 'class="pageno" data-pages="1"'), sheet


def naive(record: dict[str, Any]) -> bytes:
    """Print as the first page of its manual does: everything made anew."""
    html, sheet = _page(record)
    fonts, fetcher = FontConfiguration(), press.ClosedFetcher()
    with press.showing(sheet.pictures):
        return HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[CSS(string=STYLE, font_config=fonts, url_fetcher=fetcher)],
            font_config=fonts,
            **_archival(sheet),
        )


def reused(record: dict[str, Any]) -> bytes:
    """Print with fonts, style sheet and pictures kept, in the archival variant that ours has."""
    html, sheet = _page(record)
    kept = press.press()
    with press.showing(sheet.pictures):
        return HTML(string=html, url_fetcher=kept.fetcher).write_pdf(
            stylesheets=[kept.style], font_config=kept.fonts, cache={}, **_archival(sheet)
        )


def _archival(sheet: Any) -> dict[str, Any]:
    """Ask for what our papers are: PDF/A-3u with the facts attached."""
    facts = json.dumps(sheet.facts, ensure_ascii=False).encode()
    return {"pdf_variant": press.VARIANT, "attachments": [press.attachment(facts, None)]}


def ours(record: dict[str, Any]) -> bytes:
    """Print as the office does."""
    return render(KEY, record)


STYLE = press.style_text()


def fell_back(record: dict[str, Any]) -> bool:
    """Say whether a paper does not go onto its plate."""
    try:
        composing.impression(KEY, record)
    except DoesNotFit:
        return True
    return False


def together(every: list[dict[str, Any]]) -> float:
    """Say how many times faster two processes print a bulk than one of them alone."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(bulk, [every[:20]] * 4))
        alone = pool.submit(bulk, every).result()
        began = time.perf_counter()
        list(pool.map(bulk, (every[::2], every[1::2])))
        return alone / (time.perf_counter() - began)


def bulk(some: list[dict[str, Any]]) -> float:
    """Print papers one after the other; give the seconds it took."""
    began = time.perf_counter()
    for record in some:
        ours(record)
    return time.perf_counter() - began


def main(count: int = COUNT) -> None:
    """Measure and print."""
    every = records(count)
    ways: dict[str, Callable[[dict[str, Any]], bytes]] = {"naive": naive, "reused": reused, "ours": ours}
    began = time.process_time()
    ours(every[0])
    told("plate_made", (time.process_time() - began) * 1000, "ms")
    for way in ways.values():
        way(every[0])
    took: dict[str, list[float]] = {name: [] for name in ways}
    at = 0
    for number in range(ROUNDS):
        for name in list(ways) if number % 2 else reversed(ways):
            some = [every[(at + step) % count] for step in range(EACH[name])]
            began = time.process_time()
            for record in some:
                ways[name](record)
            took[name].append((time.process_time() - began) / len(some) * 1000)
        at += EACH["ours"]
    for name, times in took.items():
        told(f"{name}_each", statistics.median(times), "ms")
    for name in ("naive", "reused"):
        ratio = statistics.median(a / b for a, b in zip(took[name], took["ours"], strict=True))
        told(f"over_{name}", ratio, "times", GOALS[f"over_{name}"], least=True)
    share = statistics.median(a / b for a, b in zip(took["ours"], took["naive"], strict=True))
    told("one_on_request_over_naive", share, "times", SHARE)
    fallen, spent = 0, []
    for record in every:
        began = time.process_time()
        fallen += fell_back(record)
        spent.append((time.process_time() - began) * 1000)
    tenth = max(count // 10, 1)
    told("last_over_first", statistics.median(spent[-tenth:]) / statistics.median(spent[:tenth]), "times", FLAT)
    told("fallback", fallen / count * 100, "per cent", WORST_FALLBACK)
    told("bulk_each", statistics.mean(spent), "ms")
    over = statistics.median(took["reused"]) / statistics.mean(spent)
    told("bulk_over_reused", over, "times", GOALS["over_reused"], least=True)
    told("size_over_reused", len(ours(every[0])) / len(reused(every[0])), "times", LARGEST)
    told("two_processes_over_one", together(every), "times", TWO, least=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told(f"memory_of_{count}", peak, "MB", MEMORY)


told = partial(tell, "papers")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
