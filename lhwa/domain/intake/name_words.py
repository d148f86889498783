"""Words that stand in Indonesian names and are no names: titles, degrees, legal forms; and names that say little.

All words are written as they are compared: lower case, without dots. To teach the matching a new title or spelling,
add it here and a pair to the labelled table in the tests.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _listed(
    "h hj kh haji hajjah hajah dr drg drh prof ir drs dra r ra rr rm rd raden ust ustad ustadz ustadzah kyai kiai "
    "tn tuan ny nyonya nn nona bapak bpk pak ibu bu sdr sdri saudara saudari mr mrs ms miss mister yth notaris advokat "
    "alm almh almarhum almarhumah"
)
"""Before a name. A single letter among them is a title only where a name follows."""
DECEASED = frozenset({"alm", "almh", "almarhum", "almarhumah"})
"""Also behind a name, mostly in brackets."""
AFTER_RADEN = frozenset({"mas", "ajeng", "ayu", "roro", "rara", "ngabehi", "panji"})

DEGREES = _listed(
    "sh mh mkn se mm skom mkom spd mpd phd llm llb st mt ssos sip msi msc bsc ba ma mba ak ca cpa skm mkes skep ners "
    "amd amk amkeb spdi mpdi sag mag shi mhi sst stp sp spt skg sked sfarm apt sik sstp map mhum shum spsi mpsi ssi "
    "sds sei me msy msn ssn sab mab sap mip mikom sikom sthi smn str strkeb strkep mtr skh mph mars msak mak sak bba "
    "beng meng mds mfil sfil sth mth mdiv mtp mars spog spa spb sppd spjp spkj spm span spot spn spu spkk sprad "
    "cla cfe cil cmed cta ckp ctl clmp ccd mcl mli dea dess jr sr"
)
"""Behind a name, mostly after commas."""
DEGREES_LIKE_NAMES = frozenset({"ma", "ba", "ca", "me", "ak", "map", "str"})
"""Taken for a degree only with a dot or after a comma: `Jack Ma` has none."""

SON, DAUGHTER, CHILD = "bin", "binti", "anak dari"
PATRONYMS = {
    "bin": SON, "b": SON, "ibn": SON, "binti": DAUGHTER, "bint": DAUGHTER, "bt": DAUGHTER, "bte": DAUGHTER,
    "bti": DAUGHTER,
}  # fmt: skip
BALINESE_FIRST = _listed(
    "made wayan nyoman ketut putu gede komang kadek gusti nengah luh dewa gde ngurah agung gst kd wy km nym kt "
    "ngakan cokorda gust"
)
"""A leading `I` or `Ni` before one of these marks a man or a woman; it is no initial."""

VARIANTS = {
    "abd": "abdul", "abdur": "abdul", "abdus": "abdul", "abdun": "abdul", "abdoel": "abdul", "st": "siti",
    "sitti": "siti", "sity": "siti", "omar": "umar", "oemar": "umar", "chandra": "candra", "husein": "husain",
    "husen": "husain", "hussein": "husain", "hoesein": "husain", "gde": "gede", "gst": "gusti", "wy": "wayan",
    "nym": "nyoman", "kt": "ketut", "kd": "kadek", "km": "komang", "tjandra": "candra", "srie": "sri",
    "noer": "nur", "noor": "nur", "nuur": "nur", "syech": "syekh", "internasional": "international",
    "asis": "aziz", "azis": "aziz",
}  # fmt: skip
"""Abbreviations and spellings that no rule of sounds explains."""
MUHAMMAD = _listed("m moh muh mhd mohd muhd mochd moch much muhamad mhmd mohm md mochamad")
"""Written for Muhammad; spellings close to the full name are recognised by their sound."""

COMMON_NAMES = _listed(
    "ahmad abdul siti nur sri dewi budi agus eko dwi tri putra putri made wayan nyoman ketut putu gede komang kadek "
    "luh gusti ida bagus ayu andi dedi hendra rina ani ari dian indra joko yusuf ali abdullah rizki dimas"
)
"""So frequent that one of them alone says nothing about who it is."""

LEGAL_FORMS = {
    "pt": "PT", "cv": "CV", "ud": "UD", "pd": "PD", "firma": "Firma", "fa": "Firma", "koperasi": "Koperasi",
    "kud": "Koperasi", "kop": "Koperasi", "ksp": "Koperasi", "yayasan": "Yayasan", "yys": "Yayasan",
    "perkumpulan": "Perkumpulan", "perum": "Perum", "perumda": "Perumda", "bumd": "BUMD", "bumn": "BUMN",
    "bumdes": "BUMDes",
    "ltd": "Ltd", "inc": "Inc", "llc": "LLC", "gmbh": "GmbH", "corp": "Corp", "sdn bhd": "Sdn Bhd", "pte": "Ltd",
}  # fmt: skip
"""Legal forms; two names with different ones are at best similar."""
LONG_FORMS = {
    ("perseroan", "terbatas"): "pt", ("usaha", "dagang"): "ud", ("perusahaan", "daerah"): "pd",
    ("persekutuan", "komanditer"): "cv", ("perusahaan", "umum"): "perum", ("badan", "usaha", "milik", "negara"): "bumn",
    ("badan", "usaha", "milik", "daerah"): "bumd", ("sdn", "bhd"): "sdn bhd",
}  # fmt: skip
FORMS_IN_FRONT = frozenset({"ud", "pd", "fa", "kop", "kud", "ksp"})
"""Forms only as the first word: `S.Pd.` is a degree."""
FORMS_AT_THE_EDGE = frozenset({"pt", "cv", "ltd", "inc", "llc", "corp", "pte"})
"""Forms only as the first or the last word: inside a name they may be anything."""
FORM_MARKS = frozenset({"tbk", "persero", "perseroda", "terbuka"})
"""Beside a legal form; they tell nobody apart."""
ORGANISATION_WORDS = _listed(
    "bank universitas kementerian dinas pemerintah kantor toko asuransi sekolah puskesmas klinik hotel "
    "pengadilan kejaksaan polres polda kepolisian notariat perusahaan"
)
"""A name that begins with one of these, or with `rumah sakit`, is no person's."""
BRANCH = frozenset({"cabang", "kcp", "kc", "unit"})
"""From here on a name tells the place of an office."""
JOINING = frozenset({"dan", "and", "n", "en"})
WEAK_WORDS = frozenset({"indonesia", "group", "grup", "holding", "company", "co"})
"""Left out when other words remain."""
GENERIC_WORDS = _listed(
    "bank maju jaya abadi makmur sejahtera mandiri utama karya sumber sentosa indah mitra usaha bersama berkah cipta "
    "anugerah sukses prima perkasa raya agung bina insani nusantara global internasional international indo graha "
    "sinar surya bumi tani multi artha mega lestari persada pratama putra rakyat negara daerah simpan pinjam"
)
"""Words of countless companies: two companies need one word besides these to be found by a shortened name."""
