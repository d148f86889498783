"""Sample names of parties, as skewed as names in Indonesia are: a few words in every tenth name, most words seldom.

The words are put together at random from a seed; nobody in particular bears the names.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence


def _listed(words: str) -> list[str]:
    return words.split()


FIRST = _listed(
    "Muhammad Siti Ahmad Nur Sri Abdul Dewi Budi Agus Eko Dwi Tri Andi Rina Dian Indra Joko Yusuf Ali Rizki Dimas "
    "Bambang Hendra Wahyu Fitri Ratna Slamet Sugeng Teguh Yanti Lestari Maria Yohanes Kristina Imam Fajar Arif Bayu "
    "Galih Putri Rudi Heri Iwan Anton Surya Rahmat Nanang Ujang Asep Cecep Neneng Euis Made Wayan Ketut Nyoman Zainal "
    "Khoirul Fauzi"
)
LAST = _listed(
    "Santoso Setiawan Hidayat Kurniawan Wijaya Saputra Pratama Wulandari Lestari Rahmawati Susanto Wibowo Nugroho "
    "Putra Siregar Nasution Simanjuntak Sihombing Hutabarat Lubis Harahap Ginting Suryadi Hartono Gunawan Handayani "
    "Utami Purnomo Prasetyo Rahman Hasan Basri Maulana Firmansyah Ramadhan Saputri Anggraini Permana Suharto Sutrisno "
    "Mulyono"
)
COMPANY = _listed(
    "Maju Jaya Abadi Makmur Sejahtera Mandiri Utama Karya Sumber Sentosa Indah Mitra Berkah Cipta Sukses Prima "
    "Perkasa Raya Nusantara Global Indonesia Sinar Surya Bumi Multi Artha Mega Lestari Persada Tirta Samudera Graha "
    "Logam Baja"
)
MUHAMMADS = ("Muhammad", "Moh.", "M.", "Mohamad", "Muh.")
DEGREES = (", S.H.", ", S.E.", " SH", ", S.Pd., M.Pd.", ", S.Kom")
TITLES = ("H. ", "Hj. ", "Dr. ", "Ir. ", "Drs. ")
BEGINNINGS = (
    "su",
    "har",
    "wi",
    "pra",
    "ku",
    "se",
    "ma",
    "la",
    "ra",
    "tu",
    "gun",
    "yu",
    "sa",
    "no",
    "bu",
    "man",
    "ti",
    "ka",
)
MIDDLES = ("di", "ta", "ro", "wan", "ga", "yo", "sa", "li", "mo", "nu", "pa", "ri", "ti", "ma", "lu", "ke")
ENDINGS = (
    "no",
    "to",
    "wati",
    "yanto",
    "ning",
    "mah",
    "din",
    "sih",
    "man",
    "ti",
    "wan",
    "yo",
    "ra",
    "sari",
    "gar",
    "lam",
)


def sample_parties(count: int, *, seed: int) -> Iterator[str]:
    """So many names; the first of a longer list are the same."""
    chooser = random.Random(seed)
    rare = ["".join(parts).capitalize() for parts in itertools.product(BEGINNINGS, MIDDLES, ENDINGS)]
    first, last, company = _Skewed(FIRST, rare), _Skewed(LAST, rare), _Skewed(COMPANY, rare)
    for _ in range(count):
        yield _company(chooser, company) if chooser.random() < 0.15 else _person(chooser, first, last)


class _Skewed:
    """Words of which the frequent ones follow Zipf's law, and the rest are equally seldom."""

    def __init__(self, frequent: Sequence[str], rare: Sequence[str], *, share: float = 0.6) -> None:
        self._frequent, self._rare, self._share = frequent, rare, share
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(frequent) + 1)))

    def one(self, chooser: random.Random) -> str:
        if chooser.random() < self._share:
            return chooser.choices(self._frequent, cum_weights=self._weights)[0]
        return chooser.choice(self._rare)


def _person(chooser: random.Random, first: _Skewed, last: _Skewed) -> str:
    words = [first.one(chooser)]
    if words[0] == "Muhammad":
        words = [chooser.choice(MUHAMMADS), first.one(chooser)]
    for _ in range(chooser.choices((0, 1, 2, 3), weights=(8, 55, 30, 7))[0]):
        words.append(last.one(chooser))
    if chooser.random() < 0.03:
        words += ["bin", first.one(chooser)]
    title = chooser.choice(TITLES) if chooser.random() < 0.1 else ""
    return title + " ".join(words) + (chooser.choice(DEGREES) if chooser.random() < 0.15 else "")


def _company(chooser: random.Random, company: _Skewed) -> str:
    words = [company.one(chooser) for _ in range(chooser.choice((2, 2, 3, 3, 4)))]
    form = chooser.choices(("PT", "CV", "UD", "Yayasan", "Koperasi"), weights=(60, 25, 5, 5, 5))[0]
    return " ".join([form, *words])


def misspelt(name: str, chooser: random.Random) -> str:
    """The name as somebody else writes it: an old spelling, two letters swapped, or capitals."""
    kind = chooser.randrange(3)
    if kind == 0:
        return name.replace("u", "oe").replace("j", "dj")
    at = len(name) - 4
    if kind == 1 and name[at - 1 : at + 2].isalpha():
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name.upper()
