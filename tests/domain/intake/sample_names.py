"""Sample names for the tests: made of frequent words, so that near misses happen, and changed as people change them."""

from __future__ import annotations

from hypothesis import strategies as st

FIRST = ("Budi", "Siti", "Agus", "Djoko", "Rina", "Wahyu", "Soegeng", "Kristina", "Ahmad", "Fauzi", "Bambang", "Yusuf")
MIDDLE = ("Nur", "Bagus", "Abdul", "Rahman", "Wayan", "Dewi", "Hidajat", "Tri", "Zainal", "Sjarif", "Khoirul")
LAST = ("Santoso", "Wulandari", "Sihombing", "Hutabarat", "Prasetyo", "Kurniawati", "Tjokro", "Setiawan", "Contoh")
MUHAMMADS = ("Muhammad", "Moh.", "Mochamad", "M.", "Mhd.")
COMPANY = ("Maju", "Jaya", "Contoh", "Tirta", "Bank", "Sejahtera", "Samudera", "Indonesia", "Perkasa")

words_of_people = st.builds(
    lambda first, middle, last: [first, *middle, *last],
    st.sampled_from(FIRST),
    st.lists(st.sampled_from(MIDDLE), max_size=4),
    st.lists(st.sampled_from(LAST), max_size=2),
)
people = st.builds(
    lambda before, words, father, behind: " ".join(filter(None, [before, *words, father])) + behind,
    st.sampled_from(("", "Dr.", "H.", "Drs. H.", "I Made", *MUHAMMADS)),
    words_of_people,
    st.sampled_from(("", "bin Abdullah", "binti Hasan Basri", "b. Umar")),
    st.sampled_from(("", ", S.H.", " SH", ", S.H., M.Kn.", " alias Ucok Contoh")),
)
companies = st.builds(
    lambda form, words, mark: " ".join(filter(None, [form, *words, mark])),
    st.sampled_from(("PT", "P.T.", "CV", "Yayasan", "Bank", "")),
    st.lists(st.sampled_from(COMPANY), min_size=1, max_size=5),
    st.sampled_from(("", "Tbk", "(Persero)", "Cabang Surabaya")),
)
names = st.one_of(people, companies)


@st.composite
def changed(draw: st.DrawFn, name: str) -> str:
    """A name with one or two changes of the kinds that happen: letters, words, spaces, order."""
    for _ in range(draw(st.integers(1, 2))):
        words = name.split() or [""]
        at = draw(st.integers(0, len(words) - 1))
        word = words[at]
        letter = draw(st.integers(0, max(len(word) - 1, 0)))
        kind = draw(st.sampled_from(("swap", "drop", "add", "replace", "initial", "leave out", "join", "move")))
        if kind == "swap":
            words[at] = word[:letter] + word[letter : letter + 2][::-1] + word[letter + 2 :]
        elif kind == "drop":
            words[at] = word[:letter] + word[letter + 1 :]
        elif kind in {"add", "replace"}:
            other = draw(st.sampled_from("aeiounrstkh"))
            words[at] = word[:letter] + other + word[letter + (kind == "replace") :]
        elif kind == "initial":
            words[at] = word[:1] + "."
        elif kind == "leave out":
            del words[at]
        elif kind == "join" and at + 1 < len(words):
            words[at : at + 2] = [word + words[at + 1].lower()]
        else:
            words.insert(0, words.pop(at))
        name = " ".join(words)
    return name
