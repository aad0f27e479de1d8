"""Every sentence is there in Thai and in Khmer, whole, and each language is written in its own letters."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LANGUAGES = ("th", "km")
# How many sentences each marks.
MARKS = {"N_": 1, "_": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2}
BLANK = re.compile(r"%\(\w+\)[ds]")
THAI, KHMER = re.compile("[\u0e00-\u0e7f]"), re.compile("[\u1780-\u17ff]")
LETTERS = {"th": (THAI, KHMER), "km": (KHMER, THAI)}
# A Khmer cluster: consonant, subscripts, signs, vowel, signs. Anything else is a broken order of code points.
BROKEN_KHMER = re.compile(
    "\u17d2(?![\u1780-\u17a2])"  # a subscript mark with nothing under it
    "|[\u17b6-\u17d1]\u17d2"  # a vowel or sign before the subscript
    "|[\u17b6-\u17c5][\u17b6-\u17c5\u17c9\u17ca]"  # two vowels, or a vowel before the register shifter
    "|[\u17c6-\u17c8][\u17b6-\u17c5]"  # a sign before the vowel
    "|(?<![\u1780-\u17b3\u17b6-\u17d1\u17dd])[\u17b6-\u17d2]"  # a mark on nothing
)
BROKEN_THAI = re.compile(
    "(?<![\u0e01-\u0e2e\u0e31-\u0e3a\u0e47-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"  # a mark on nothing
    "|[\u0e48-\u0e4b][\u0e31\u0e34-\u0e3a\u0e48-\u0e4b]"  # a tone before its vowel, or two tones
    "|\u0e4d\u0e32|\u0e40\u0e40"  # sara am and sara ae in two pieces
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `script/words` finds in screens, forms and papers just now."""
    words, pot = words_script(), tmp_path_factory.mktemp("words") / "messages.pot"
    extract = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    subprocess.run([*extract, *words.COLLECT, f"--output-file={pot}", *words.places()], cwd=ROOT, check=True)
    return opened(pot)


def words_script() -> ModuleType:
    """Load the script for its own settings, without running it."""
    loader = SourceFileLoader("words", str(ROOT / "script/words"))
    spec = importlib.util.spec_from_loader("words", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "script"))
    try:
        loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "script"))
    return module


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the catalogues."""
    return str(request.param)


def catalogue(language: str) -> dict[str, str]:
    """Read a catalogue: what stands for each English sentence, of a plural for both; Thai and Khmer have one form."""
    return {text: forms(entry.string)[0] for entry in read(language) if entry.id for text in forms(entry.id)}


def forms(told: str | Sequence[str]) -> Sequence[str]:
    """Give the forms of an entry: one, or singular and plural."""
    return (told,) if isinstance(told, str) else told


def read(language: str) -> Catalog:
    return opened(ROOT / f"translations/{language}/LC_MESSAGES/messages.po", language)


def opened(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def marked(*places: str) -> Iterator[str]:
    """Give every sentence that code marks, read from the code itself: the collector overlooks those in f-strings."""
    for path in sorted(path for place in places for path in (ROOT / place).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                marks = node.args[: MARKS[node.func.id]]
                yield from (text.value for text in marks if isinstance(text, ast.Constant))


def test_every_sentence_is_translated(language: str, collected: Catalog) -> None:
    words = catalogue(language)
    texts = [text for entry in collected if entry.id for text in forms(entry.id)]
    assert [text for text in texts if not words.get(text)] == []


@pytest.mark.parametrize("places", [("workflow/domain",), ("workflow", "forms", "pdf")])
def test_every_marked_sentence_is_in_the_catalogue(language: str, places: tuple[str, ...]) -> None:
    words, told = catalogue(language), list(marked(*places))
    assert len(told) > 500
    assert [text for text in told if text not in words] == []


def test_the_blanks_to_fill_in_are_the_same(language: str) -> None:
    differing = {
        text: told
        for text, told in catalogue(language).items()
        if told and sorted(BLANK.findall(text)) != sorted(BLANK.findall(told))
    }
    assert differing == {}


def test_no_stray_percent_sign(language: str) -> None:
    strays = [told for told in catalogue(language).values() if "%" in BLANK.sub("", told).replace("%%", "")]
    assert strays == []


def test_nothing_is_a_guess(language: str) -> None:
    assert [entry.id for entry in read(language) if entry.fuzzy] == []


def test_each_language_keeps_to_its_own_letters(language: str) -> None:
    own, other = LETTERS[language]
    words = catalogue(language)
    foreign = [told for text, told in words.items() if other.search(told) and not other.search(text)]
    english = [told for told in words.values() if told and not own.search(told)]
    assert foreign == []
    assert english == []


@pytest.mark.parametrize(("language", "broken"), [("th", BROKEN_THAI), ("km", BROKEN_KHMER)])
def test_vowels_and_marks_stand_in_their_order(language: str, broken: re.Pattern[str]) -> None:
    assert [told for told in catalogue(language).values() if broken.search(told)] == []


@pytest.mark.parametrize(
    ("written", "broken"),
    [("ក្រុម", False), ("កុ្រម", True), ("ប្ដ", False), ("្ក", True), ("កា្រ", True), ("កេាះ", True), ("ស៊ី", False)],
)
def test_a_broken_khmer_cluster_is_found(written: str, broken: bool) -> None:
    assert bool(BROKEN_KHMER.search(written)) is broken


def test_words_of_the_glossary_stay_the_same() -> None:
    thai, khmer = catalogue("th"), catalogue("km")
    assert {word: thai[word] for word in GLOSSARY} == {word: said[0] for word, said in GLOSSARY.items()}
    assert {word: khmer[word] for word in GLOSSARY} == {word: said[1] for word, said in GLOSSARY.items()}


GLOSSARY = {
    "Registrar": ("นายทะเบียน", "មន្ត្រីចុះបញ្ជី"),
    "Officer": ("เจ้าหน้าที่", "មន្ត្រី"),
    "Cashier": ("เจ้าหน้าที่การเงิน", "មន្ត្រីហិរញ្ញវត្ថុ"),
    "Auditor": ("ผู้ตรวจสอบ", "អ្នកត្រួតពិនិត្យ"),
    "Name list": ("บัญชีรายชื่อ", "បញ្ជីឈ្មោះ"),
    "Border pass": ("บัตรผ่านแดน", "ប័ណ្ណឆ្លងដែន"),
    "Permit": ("ใบอนุญาตทำงาน", "លិខិតអនុញ្ញាតការងារ"),
    "Border entry": ("การเข้าเมือง", "ការចូលប្រទេស"),
    "Medical check": ("ตรวจสุขภาพ", "ពិនិត្យសុខភាព"),
    "Demand letter": ("หนังสือแสดงความต้องการจ้างแรงงานต่างด้าว", "លិខិតស្នើសុំជួលពលករបរទេស"),
}
