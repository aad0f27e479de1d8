"""Names of places in three scripts: Cambodian provinces, Thai border provinces and their gates.

Only names: which provinces may issue passes and which gates are open is the law's, and stands in the
rulesets. Cambodian provinces after ISO 3166-2:KH, their Khmer names after the gazetteer of the National
Committee for Democratic Development; Thai codes after the Department of Provincial Administration.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from workflow.domain.names import clean_khmer, clean_thai, similarity


@dataclass(frozen=True, slots=True)
class Place:
    """A place under its key, named in three scripts, with other spellings met on papers."""

    key: str
    latin: str
    thai: str
    khmer: str
    spellings: tuple[str, ...] = ()

    def named(self, language: str) -> str:
        """Give the name for a reader of ``th``, ``km`` or any other language (Latin)."""
        return {"th": self.thai, "km": self.khmer}.get(language, self.latin)

    @property
    def written(self) -> tuple[str, ...]:
        """List every way the name is written."""
        return (self.latin, self.thai, self.khmer, *self.spellings)


@dataclass(frozen=True, slots=True)
class Gate(Place):
    """A gate at the border: the Thai side by its key, and the province's code."""

    province_code: str = ""


_CAMBODIA = (
    Place("banteay_meanchey", "Banteay Meanchey", "บันเตียเมียนเจย", "បន្ទាយមានជ័យ",
          ("KH-1", "Bantey Meanchey", "Banteay Mean Chey", "BMC", "บันทายมีชัย", "บันเตียเมียนเจ็ย", "บ้านใต้มีชัย")),
    Place("battambang", "Battambang", "พระตะบอง", "បាត់ដំបង",
          ("KH-2", "Batdambang", "Battambong", "Bat Dambang", "BTB", "พระตระบอง", "บัตดัมบอง")),
    Place("kampong_cham", "Kampong Cham", "กำปงจาม", "កំពង់ចាម", ("KH-3", "Kompong Cham", "กัมปงจาม")),
    Place("kampong_chhnang", "Kampong Chhnang", "กำปงชนัง", "កំពង់ឆ្នាំង",
          ("KH-4", "Kompong Chhnang", "กัมปงชนัง")),
    Place("kampong_speu", "Kampong Speu", "กำปงสปือ", "កំពង់ស្ពឺ", ("KH-5", "Kompong Speu", "กัมปงสปือ")),
    Place("kampong_thom", "Kampong Thom", "กำปงธม", "កំពង់ធំ", ("KH-6", "Kompong Thom", "กัมปงธม")),
    Place("kampot", "Kampot", "กำปอต", "កំពត", ("KH-7", "กัมปอต")),
    Place("kandal", "Kandal", "กันดาล", "កណ្ដាល", ("KH-8", "กณดาล", "កណ្តាល")),
    Place("koh_kong", "Koh Kong", "เกาะกง", "កោះកុង", ("KH-9", "Kaoh Kong", "Kohkong", "เกาะกงค์")),
    Place("kratie", "Kratie", "กระแจะ", "ក្រចេះ", ("KH-10", "Kracheh", "Kratié", "กระเตี้ย")),
    Place("mondulkiri", "Mondulkiri", "มณฑลคีรี", "មណ្ឌលគិរី", ("KH-11", "Mondul Kiri", "Mondolkiri")),
    Place("phnom_penh", "Phnom Penh", "พนมเปญ", "ភ្នំពេញ", ("KH-12", "Phnompenh", "PP")),
    Place("preah_vihear", "Preah Vihear", "พระวิหาร", "ព្រះវិហារ",
          ("KH-13", "Prah Vihear", "Preahvihear", "เปรียะวิเฮียร์")),
    Place("prey_veng", "Prey Veng", "เปรยแวง", "ព្រៃវែង", ("KH-14", "Prey Veaeng", "ไพรแวง")),
    Place("pursat", "Pursat", "โพธิสัตว์", "ពោធិ៍សាត់",
          ("KH-15", "Pousat", "Pouthisat", "Posat", "โพธิสัต", "ពោធិសាត់")),
    Place("ratanakiri", "Ratanakiri", "รัตนคีรี", "រតនគិរី",
          ("KH-16", "Rotanak Kiri", "Ratanak Kiri", "Rattanakiri")),
    Place("siem_reap", "Siem Reap", "เสียมราฐ", "សៀមរាប", ("KH-17", "Siemreap", "Siem Reab", "เสียมเรียบ")),
    Place("preah_sihanouk", "Preah Sihanouk", "พระสีหนุ", "ព្រះសីហនុ",
          ("KH-18", "Sihanoukville", "Preah Sihanoukville", "Kampong Som", "สีหนุวิลล์", "กำปงโสม", "ក្រុងព្រះសីហនុ")),
    Place("stung_treng", "Stung Treng", "สตึงแตรง", "ស្ទឹងត្រែង",
          ("KH-19", "Stoeng Traeng", "Stueng Traeng", "เชียงแตง")),
    Place("svay_rieng", "Svay Rieng", "สวายเรียง", "ស្វាយរៀង", ("KH-20", "Svayrieng")),
    Place("takeo", "Takeo", "ตาแก้ว", "តាកែវ", ("KH-21", "Takaev", "Ta Keo", "ตาแกว")),
    Place("oddar_meanchey", "Oddar Meanchey", "อุดรมีชัย", "ឧត្ដរមានជ័យ",
          ("KH-22", "Otdar Meanchey", "Odar Meanchey", "Oudor Meanchey", "Oddor Meanchey", "Oddar Mean Chey",
           "Uddor Meanchey", "OMC", "อุดดรเมียนเจย", "อุดอร์เมียนเจย", "ឧត្តរមានជ័យ")),
    Place("kep", "Kep", "แกบ", "កែប", ("KH-23", "Kaeb")),
    Place("pailin", "Pailin", "ไพลิน", "ប៉ៃលិន", ("KH-24", "Krong Pailin", "Pai Lin")),
    Place("tboung_khmum", "Tboung Khmum", "ตโบงฆมุม", "ត្បូងឃ្មុំ",
          ("KH-25", "Tbong Khmum", "Tbaung Khmum", "ตบูงฆมุม")),
)  # fmt: skip

CAMBODIAN_PROVINCES = {place.key: place for place in _CAMBODIA}

_THAILAND = (
    Place("22", "Chanthaburi", "จันทบุรี", "ចន្ទបុរី", ("Chantaburi", "Chanthabury")),
    Place("23", "Trat", "ตราด", "ត្រាត", ("Trad",)),
    Place("27", "Sa Kaeo", "สระแก้ว", "ស្រះកែវ", ("Sakaeo", "Sa Kaew", "Srakaew")),
    Place("31", "Buri Ram", "บุรีรัมย์", "បុរីរម្យ", ("Buriram",)),
    Place("32", "Surin", "สุรินทร์", "សុរិន្ទ"),
    Place("33", "Si Sa Ket", "ศรีสะเกษ", "ស៊ីសាកេត", ("Sisaket", "Srisaket")),
    Place("34", "Ubon Ratchathani", "อุบลราชธานี", "អ៊ូប៊ុនរាជធានី", ("Ubon",)),
)

THAI_PROVINCES = {place.key: place for place in _THAILAND}
"""The seven Thai provinces along the Cambodian border, by their official two-digit code."""

_GATES = (
    Gate("ban_laem", "Ban Laem", "บ้านแหลม", "បានឡែម", ("Baan Laem",), "22"),
    Gate("ban_pakkad", "Ban Pakkad", "บ้านผักกาด", "បានផាក់កាត",
         ("Ban Phak Kad", "Phak Kat"), "22"),
    Gate("hat_lek", "Hat Lek", "หาดเล็ก", "ហាតលេក", ("Haad Lek",), "23"),
    Gate("ban_tha_sen", "Ban Tha Sen", "บ้านท่าเส้น", "បានថាសែន", ("Tha Sen",), "23"),
    Gate("ban_khlong_luek", "Ban Khlong Luek", "บ้านคลองลึก", "បានខ្លងលឹក",
         ("Khlong Luek",), "27"),
    Gate("ban_nong_ian", "Ban Nong Ian", "บ้านหนองเอี่ยน", "បាននងអៀន",
         ("Nong Ian",), "27"),
    Gate("khao_din", "Khao Din", "เขาดิน", "ខៅឌិន", (), "27"),
    Gate("nong_prue", "Nong Prue", "หนองปรือ", "នងប្រឺ", (), "27"),
    Gate("ta_phraya", "Ta Phraya", "ตาพระยา", "តាព្រះយ៉ា", (), "27"),
    Gate("chong_sai_taku", "Chong Sai Taku", "ช่องสายตะกู", "ចុងសាយតាគូ",
         (), "31"),
    Gate("chong_chom", "Chong Chom", "ช่องจอม", "ចុងចម", (), "32"),
    Gate("chong_sa_ngam", "Chong Sa-ngam", "ช่องสะงำ", "ចុងសាងាំ", (), "33"),
    Gate("chong_an_ma", "Chong An Ma", "ช่องอานม้า", "ចុងអានម៉ា", (), "34"),
)  # fmt: skip

GATES = {gate.key: gate for gate in _GATES}

_PROVINCE_WORDS = re.compile(
    r"^(?:จังหวัด|จ\.|ខេត្ត|រាជធានី|ក្រុង|province\s+of|the\s+governor\s+of|governor\s+of)\s*|\s*(?:province|provincial\s+hall)$",
    re.IGNORECASE,
)
_NEAR = 0.84


def _plain(name: str) -> str:
    name = _PROVINCE_WORDS.sub("", clean_thai(clean_khmer(name)).casefold().strip())
    letters = unicodedata.normalize("NFKD", name.replace("\u17d2\u178a", "\u17d2\u178f"))
    return "".join(
        c for c in letters if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") and c > "\u0e00"
    )


def _index(places: Iterable[Place]) -> dict[str, str]:
    return {_plain(name): place.key for place in places for name in place.written}


_BY_NAME = _index(_CAMBODIA)
_THAI_BY_NAME = _index(_THAILAND)


@lru_cache(maxsize=512)
def cambodian_province(text: str) -> str | None:
    """Find the key of a Cambodian province in any script; a small misspelling in Latin is forgiven."""
    plain = _plain(text)
    return _BY_NAME.get(plain) or _nearest(plain)


def thai_province(text: str) -> str | None:
    """Find the code of a Thai border province written in any script, or given as its code."""
    return text.strip() if text.strip() in THAI_PROVINCES else _THAI_BY_NAME.get(_plain(text))


def _nearest(plain: str) -> str | None:
    if not 5 <= len(plain) <= 40 or not plain.isascii():
        return None
    scores: dict[str, float] = {}
    for name, key in _BY_NAME.items():
        scores[key] = max(scores.get(key, 0.0), similarity(plain, name) if name.isascii() else 0.0)
    best, second = sorted(scores, key=lambda key: -scores[key])[:2]
    return best if scores[best] >= _NEAR and scores[best] - scores[second] >= 0.05 else None


def place_name(key: str | None, language: str = "en") -> str:
    """Give the name of a province or gate by its key; an unknown key is shown as it is."""
    place = CAMBODIAN_PROVINCES.get(key or "") or THAI_PROVINCES.get(key or "") or GATES.get(key or "")
    return place.named(language) if place else (key or "")
