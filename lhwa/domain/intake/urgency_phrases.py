"""What in a message may not wait: phrases in Bahasa Indonesia and English, with the note that a lawyer reads.

A phrase is words in order. `|` separates words of which one stands there, `~` stands for up to three words of any kind.
Words are written as `urgency_words.SHORT_FORMS` spells them out. A note says what the
message mentions, never what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Urgency(IntEnum):
    """How soon a person should look; a higher number is more urgent."""

    ROUTINE = 0
    SOON = 1
    """Within the working day."""
    URGENT = 2
    """Before everything else of today."""
    EMERGENCY = 3
    """At once: freedom, life, a child or a home is at stake."""


class FlagKind(StrEnum):
    """What a message mentions."""

    ARREST = "arrest"
    DETENTION = "detention"
    SUSPECT = "suspect"
    SUMMONS = "summons"
    SEARCH = "search"
    COURT_DATE = "court_date"
    DEADLINE = "deadline"
    DEMAND = "demand"
    ENFORCEMENT = "enforcement"
    VIOLENCE = "violence"
    THREAT = "threat"
    CHILD = "child"
    SELF_HARM = "self_harm"
    DISMISSAL = "dismissal"
    BORDER = "border"


@dataclass(frozen=True, slots=True)
class Rule:
    """Phrases of one kind and what they mean for urgency."""

    kind: FlagKind
    urgency: Urgency
    note: str
    phrases: tuple[str, ...]
    if_past: Urgency | None = None
    """When the same clause says that it was some time ago; None: that changes nothing."""
    not_after: tuple[str, ...] = ()
    """Words before that make it something else: wages are withheld, not detained. A pronoun may stand between."""
    not_before: tuple[str, ...] = ()
    """Words directly behind that do so."""


_K, _U = FlagKind, Urgency
_THINGS = (
    "gaji", "barang", "ijazah", "sertifikat", "uang", "dana", "mobil", "motor", "paket", "bpkb", "stnk", "upah",
    "kendaraan", "dokumen", "pembayaran", "bonus", "passport", "salary", "documents", "ktp", "sim",
    "paspor", "kartu", "akta", "hp", "handphone", "laptop", "visa",
)  # fmt: skip
RULES = (
    Rule(_K.ARREST, _U.EMERGENCY, "mentions an arrest", (
        "ditangkap", "tertangkap", "penangkapan", "menangkap", "diciduk", "digerebek", "penggerebekan", "diringkus",
        "dijemput ~ polisi", "dijemput paksa", "jemput paksa", "dibawa ~ polisi|polres|kejaksaan|kpk|reskrim",
        "diamankan polisi|polres|petugas|satpol", "diamankan ~ polisi|polres", "ott kpk", "kena ott",
        "surat penangkapan", "arrested", "under arrest", "arresting", "taken by ~ police", "taken to ~ police",
        "picked up by ~ police", "in custody", "police took", "arrest warrant",
    ), if_past=_U.URGENT),
    Rule(_K.DETENTION, _U.EMERGENCY, "mentions detention", (
        "ditahan", "penahanan", "dalam tahanan", "di tahanan", "masuk tahanan", "dipenjara", "masuk penjara",
        "di penjara", "di sel", "dalam sel", "di rutan", "masuk rutan", "di lapas", "dijebloskan", "polisi menahan",
        "jaksa menahan", "penyidik menahan", "disekap", "dikurung", "detained", "detention", "in jail", "in prison",
        "jailed", "imprisoned", "locked up", "behind bars",
    ), not_after=_THINGS, not_before=("imbang",)),
    Rule(_K.SUSPECT, _U.URGENT, "mentions being a suspect or an accused", (
        "jadi tersangka", "sebagai tersangka", "penetapan tersangka", "ditetapkan tersangka", "status tersangka",
        "menjadi tersangka", "dilaporkan ~ polisi", "melaporkan saya|kami ~ polisi|polres", "laporan polisi",
        "dituduh", "dituntut # tahun|bulan", "tuntutan jaksa", "menjadi terdakwa", "sebagai terdakwa", "spdp",
        "named ~ suspect", "as a suspect", "police report against", "charged with",
    ), if_past=_U.SOON),
    Rule(_K.SUMMONS, _U.URGENT, "mentions a summons or questioning", (
        "surat panggilan", "panggilan polisi|penyidik|kejaksaan|polres|kpk|pengadilan|sidang",
        "panggilan ~ polisi|penyidik", "ada panggilan", "dapat panggilan", "terima panggilan",
        "dipanggil polisi|penyidik|polres|kejaksaan|kpk|jaksa|reskrim",
        "dipanggil ~ polisi|penyidik|polres|kejaksaan|kpk|pengadilan", "dipanggil sebagai saksi",
        "diperiksa ~ polisi|penyidik|polres|kejaksaan|kpk", "diperiksa sebagai saksi|tersangka",
        "panggilan pertama|kedua|ketiga", "undangan klarifikasi", "datang ke polres|polisi|kejaksaan|kpk",
        "letter ~ police|prosecutor|court", "bap", "menghadap penyidik|polisi|polres|jaksa|kejaksaan|kpk",
        "surat dari pengadilan|polisi|polres|kejaksaan|penyidik|kpk", "pemeriksaan polisi|penyidik", "summons",
        "summoned", "subpoena", "called in by ~ police", "questioned by ~ police", "police want to question",
        "interrogated", "interrogation",
    ), if_past=_U.SOON),
    Rule(_K.SEARCH, _U.URGENT, "mentions a search or a seizure", (
        "digeledah", "penggeledahan", "menggeledah", "disita", "penyitaan", "menyita", "sita jaminan", "disegel",
        "penyegelan", "rekening ~ diblokir", "search warrant", "raided", "raid", "seized", "seizure", "confiscated",
        "account ~ frozen",
    ), if_past=_U.SOON),
    Rule(_K.SEARCH, _U.EMERGENCY, "mentions police at the door", (
        "polisi ~ depan rumah|pintu|kantor", "polisi datang|sudah|sedang ke|di rumah",
        "police ~ my|our|the door|house", "police outside",
    ), if_past=_U.SOON),
    Rule(_K.COURT_DATE, _U.SOON, "mentions a court hearing", (
        "sidang", "besok|lusa|jadwal|hari sdg", "sdg besok|lusa|tanggal|pertama|perdana|putusan|cerai", "disidang",
        "disidangkan", "mediasi", "pembacaan putusan", "aanmaning", "relaas", "jadwal pengadilan", "ke pengadilan",
        "di pengadilan", "court", "trial", "mediation",
    ), if_past=_U.ROUTINE, not_before=("skripsi", "tesis", "isbat", "paripurna"), not_after=("food", "tennis")),
    Rule(_K.DEADLINE, _U.URGENT, "mentions a time limit for an appeal or an answer to a court", (
        "batas waktu banding|kasasi|pk|peninjauan|upaya|perlawanan|jawaban", "tenggat banding|kasasi",
        "tenggang waktu banding|kasasi", "batas ~ banding|kasasi", "waktu banding|kasasi",
        "terakhir ~ banding|kasasi", "mau|ingin|ajukan|mengajukan|daftar banding|kasasi", "pernyataan banding|kasasi",
        "memori banding|kasasi", "mau|ingin|ajukan|mengajukan pk", "kontra memori", "praperadilan", "verzet",
        "last day to appeal", "deadline ~ appeal", "time to appeal", "file ~ appeal", "appeal ~ deadline",
        "appeal period", "statute of limitations",
    ), if_past=_U.SOON),
    Rule(_K.DEADLINE, _U.SOON, "mentions a time limit", (
        "batas waktu", "batas akhir", "tenggat", "tenggang waktu", "jatuh tempo", "paling lambat", "paling telat",
        "terakhir tanggal", "kadaluarsa", "kedaluwarsa", "kadaluwarsa", "daluwarsa", "habis masa",
        "putusan ~ tanggal", "tanggal putusan", "putusan pengadilan", "putusan sudah", "putusan ~ diterima",
        "dalam waktu # hari", "dalam # hari", "waktu # hari", "# hari kerja",
        "# hari sejak|setelah|dari|untuk|kalender", "tinggal # hari", "diberi # hari", "dikasih # hari",
        "jangka waktu", "kontrak|sewa|izin|visa|kitas ~ habis|berakhir", "deadline", "due date", "due on", "due by",
        "overdue", "expires", "no later than", "within # day", "# day to|from|after", "judgment ~ dated",
        "judgement ~ dated", "verdict on", "expiry",
    ), if_past=_U.ROUTINE),
    Rule(_K.DEMAND, _U.SOON, "mentions a demand letter or a claim", (
        "somasi", "disomasi", "surat peringatan", "surat teguran", "digugat", "gugatan", "menggugat", "gugat cerai",
        "surat gugatan", "pkpu", "pailit", "dipailitkan", "demand letter", "cease and desist", "being sued", "sued",
        "lawsuit", "legal notice", "bankruptcy",
    ), if_past=_U.ROUTINE),
    Rule(_K.ENFORCEMENT, _U.URGENT, "mentions enforcement against a home, land or goods", (
        "eksekusi", "dieksekusi", "eksekutor", "juru sita", "jurusita", "penggusuran", "digusur", "menggusur",
        "pengosongan", "dikosongkan", "diusir", "pengusiran", "dilelang", "pelelangan",
        "lelang rumah|tanah|jaminan|agunan|aset", "ditarik leasing|debt|paksa", "penarikan paksa", "rumah ~ disita",
        "dibongkar paksa", "pembongkaran paksa", "bongkar paksa", "eviction", "evicted", "evict", "foreclosure",
        "foreclosed", "repossessed", "demolished", "demolition", "auctioned",
    ), if_past=_U.SOON, not_before=("proyek", "rencana", "strategi", "ide", "konsep", "program")),
    Rule(_K.VIOLENCE, _U.URGENT, "mentions violence", (
        "kdrt", "kekerasan", "dipukul", "dipukuli", "memukul", "memukuli", "mukul", "mukulin", "dianiaya",
        "penganiayaan", "disiksa", "ditampar", "ditusuk", "dibacok", "ditendang", "dicekik", "dikeroyok",
        "pengeroyokan", "diperkosa", "pemerkosaan", "dilecehkan", "pelecehan seksual", "dicabuli", "pencabulan",
        "domestic violence", "violence", "beaten", "beats me", "beating", "hits me", "hit me", "assaulted", "assault",
        "raped", "rape", "abused", "abuse", "stabbed", "strangled", "molested",
    ), if_past=_U.SOON),
    Rule(_K.VIOLENCE, _U.EMERGENCY, "mentions danger to life", (
        "mau|akan|hendak dibunuh", "ingin membunuh", "mau membunuh", "mau bunuh saya", "percobaan pembunuhan",
        "ancam bunuh", "ancaman pembunuhan|bunuh", "diancam|mengancam|ngancam dibunuh|bunuh|membunuh",
        "trying to kill", "tried to kill", "going to kill", "will kill me", "wants to kill",
        "bawa parang|golok|pisau|senjata", "with a gun|knife|machete",
    ), if_past=_U.SOON),
    Rule(_K.THREAT, _U.URGENT, "mentions a threat", (
        "diancam", "mengancam", "ancam", "ancaman", "ngancam", "ngancem", "pengancaman", "diteror", "teror",
        "diperas", "pemerasan", "diintimidasi", "intimidasi", "didatangi debt|preman", "dikejar preman|debt",
        "sebar foto|video", "disebar ~ foto|video", "threatened", "threatening", "threatens", "threat", "threats",
        "blackmail", "blackmailed", "extortion", "extorted", "stalked", "stalking",
    ), if_past=_U.SOON, not_before=("hukuman", "pidana", "penjara")),
    Rule(_K.CHILD, _U.URGENT, "mentions a child taken or withheld", (
        "anak ~ dibawa", "bawa ~ anak", "tidak ~ mengembalikan|kembalikan|balikin ~ anak", "membawa ~ anak",
        "anak ~ diambil", "ambil paksa anak", "anak ~ direbut", "anak ~ disembunyikan", "tidak boleh ketemu anak",
        "dilarang ~ anak", "anak ~ hilang", "took ~ child|children|kids|son|daughter",
        "taken ~ child|children|kids|son|daughter", "child|children|kids|son|daughter ~ taken",
        "child|son|daughter ~ missing", "hiding ~ child|children|kids",
    ), if_past=_U.SOON),
    Rule(_K.CHILD, _U.EMERGENCY, "mentions an abduction", (
        "diculik", "penculikan", "menculik", "kidnapped", "kidnapping", "abducted", "abduction",
    ), if_past=_U.SOON),
    Rule(_K.SELF_HARM, _U.EMERGENCY, "mentions suicide or self-harm", (
        "bunuh diri", "mau mati saja|aja", "ingin mati", "mengakhiri hidup", "akhiri hidup", "kill myself", "suicide",
        "suicidal", "end my life", "want to die",
    ), if_past=_U.SOON),
    Rule(_K.DISMISSAL, _U.SOON, "mentions dismissal from work", (
        "phk", "dipecat", "pemecatan", "pemutusan hubungan kerja", "dirumahkan", "diberhentikan",
        "surat pemberhentian", "disuruh resign", "dipaksa resign", "dipaksa mundur", "laid off", "fired",
        "dismissed from", "terminated", "wrongful termination", "sacked",
    ), if_past=_U.ROUTINE),
    Rule(_K.BORDER, _U.URGENT, "mentions deportation or a travel ban", (
        "dideportasi", "deportasi", "dicekal", "pencekalan", "cekal", "ditahan imigrasi", "overstay", "deported",
        "deportation", "travel ban",
    ), if_past=_U.SOON),
)  # fmt: skip
