"""Sample sentences of clients and staff of a law firm, in Bahasa Indonesia. All people and matters are invented."""

from __future__ import annotations

CLIENT_TEXTS = (
    "Selamat siang, saya butuh bantuan sengketa tanah warisan di Bekasi.",
    "Halo Bapak/Ibu, apakah kantor bisa bantu urus gugatan cerai?",
    "Mohon info, sidang saya dipindah ke hari apa ya? 🙏",
    "Surat somasi sudah saya terima tadi pagi, saya harus bagaimana?",
    "Saya di-PHK tanpa pesangon setelah bekerja 9 tahun.",
    "Baik, besok saya bawa fotokopi sertifikat dan KTP ke kantor.",
    "Berapa biaya konsultasi awal? Terima kasih.",
    "Kontrak sewa ruko sudah habis tapi penyewa tidak mau keluar.",
)
EDITED_TEXTS = (
    "Selamat siang, saya butuh bantuan sengketa tanah waris di Bekasi Timur.",
    "Maaf, maksud saya gugatan cerai dan hak asuh anak.",
)
STAFF_TEXTS = (
    "Selamat siang, berkas Anda sudah kami terima. Kami kabari paling lambat besok.",
    "Baik Bu, jadwal konsultasi hari Kamis pukul 10.00 WIB ya.",
    "Mohon kirim foto surat panggilan dari pengadilan.",
)
REPLIES = ("Baik, terima kasih banyak.", "Siap, saya tunggu kabarnya.", "Bisa diundur ke hari Jumat?")
FORWARDED_TEXTS = ("INFO: jadwal sidang perkara contoh nomor 12/Pdt.G/2026 ditunda satu minggu.",)
IMAGE_CAPTIONS = ("Foto KTP", "Foto surat panggilan sidang", "Patok batas tanah sebelah utara")
DOCUMENTS = (
    ("gugatan-contoh.pdf", "Mohon dicek draf gugatannya"),
    ("sertifikat-contoh.pdf", "Sertifikat tanah, halaman 1 sampai 4"),
    ("surat-kuasa-contoh.pdf", "Surat kuasa sudah saya tanda tangani"),
)
AREAS = (
    ("area:family", "Keluarga", "Cerai, waris, hak asuh"),
    ("area:land", "Pertanahan", "Sertifikat, batas, sengketa"),
    ("area:labour", "Ketenagakerjaan", "PHK, pesangon, kontrak kerja"),
)
EMOJI = ("👍", "🙏", "❤️")
