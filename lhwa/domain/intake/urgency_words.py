"""Small words around an event, in Bahasa Indonesia and English: short forms, negations, doubts, what is over.

To teach the rules a word, add it here and a sentence to the labelled table in the tests.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


SHORT_FORMS = {
    short: word
    for word, shorts in {
        "sidang": "sdang sidng sdng persidangan hearing hearings",
        "sudah": "sdh udh udah dah suda sdah already telah tlh",
        "belum": "blm belom blom blum blon",
        "tidak": "tdk gak ga nggak ngga gk g tak enggak engga ndak kagak tdak tida nda",
        "bukan": "bkn bukn",
        "jangan": "jgn",
        "tanggal": "tgl tggl tngl tg",
        "besok": "bsk besuk bsok esok tomorrow tmrw tmr",
        "lusa": "lsa",
        "kemarin": "kmrn kmaren kemaren kmrin yesterday",
        "hari": "hr hri",
        "bulan": "bln bulen",
        "tahun": "thn th tahn",
        "minggu": "mgg mggu mingg pekan",
        "lalu": "kemaren2 lewat",
        "ditahan": "dtahan ketahan dithn dthan ditahen",
        "ditangkap": "dtangkap ketangkap ketangkep dtgkap ditgkp ditangkep dtngkap",
        "dipanggil": "dpanggil dpnggil dipangil",
        "surat": "srt",
        "panggilan": "pgl pglan panggln pgilan",
        "polisi": "polis polsi plisi pol",
        "hilang": "ilang",
        "polres": "polresta polsek polda mapolres mabes",
        "kejaksaan": "kejari kejati kejagung",
        "pengadilan": "pn ptun",
        "putusan": "vonis ptsan",
        "suami": "suamiku swami",
        "anak": "anakku ank anakq",
        "sekarang": "skrg skrng skg now",
        "sedang": "lg",
        "dengan": "dgn dg",
        "dari": "dr",
        "yang": "yg",
        "saya": "sy sya gw gue aku",
        "kalau": "kalo klo klau kl jika bila seandainya if",
        "tetapi": "tapi tp tpi namun but",
        "deadline": "dedlen dateline deadlines",
        "phk": "diphk pehaka",
        "kdrt": "kdrtt",
        "month": "months", "year": "years", "week": "weeks", "day": "days",
        "not": "nt",
    }.items()
    for short in shorts.split()
}  # fmt: skip
"""Abbreviations and everyday spellings, by what they stand for."""
DOTTED = _listed("tanggal no jl sdr bpk ibu dari pt cv kec kab pasal")
"""Short words, as they are looked up, whose dot ends no sentence."""
CLAUSE_STARTS = _listed("tetapi sedangkan however kemudian terus trus")

NEGATIONS = _listed("tidak belum bukan tanpa not no never without none isn wasn")
BETWEEN_NEGATION = _listed(
    "pernah akan ada sempat jadi lagi sampai perlu yet been be being any yang that a an the is was were "
    "has have had ever got"
)
"""May stand between a negation and what it denies: `belum ada panggilan`, `not been arrested`."""
NEGATION_WORDS_MAX = 4
DOUBTS = _listed(
    "kalau apakah apa takut khawatir kuatir bisakah mungkin umpama afraid worried worry whether could might"
)
"""Before an event they make it a question or a fear."""
DOUBT_WORDS_MAX = 4
PRONOUNS = _listed("saya kami kita dia mereka beliau")
CONTEXT_WORDS_MAX = 6
"""So near must a word stand to say of an event that it happens now, was long ago, or is over."""
FORMERLY = _listed("pernah dulu dahulu sempat formerly once previously")
"""Just before an event they say that it was once, and is not now."""
NOW = _listed("sekarang sedang barusan darurat emergency")

PAST = (
    "tahun lalu", "bulan lalu", "tahun yang lalu", "bulan yang lalu", "dulu", "dahulu", "waktu itu", "last year",
    "last month", "year ago", "month ago", "long ago", "used to", "in the past",
)  # fmt: skip
OVER = (
    "sudah bebas", "sudah dibebaskan", "sudah keluar", "sudah selesai", "sudah dilepas", "sudah dilepaskan",
    "sudah damai", "sudah dicabut", "sudah berakhir", "sudah pulang", "sudah lunas", "sudah beres", "akhirnya bebas",
    "akhirnya dibebaskan", "was released", "were released", "has been released", "been released", "is free",
    "is over", "is settled", "was settled", "was withdrawn", "dan bebas", "sudah kembali", "kemudian bebas",
    "released last", "sudah dibatalkan", "was cancelled", "was dropped",
)  # fmt: skip
"""Said of an event, it is over, whatever it was."""
