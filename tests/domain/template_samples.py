"""Templates for tests: strategies for ones that Meta takes, and one plain sample."""

from __future__ import annotations

from hypothesis import strategies as st

from lhwa.domain.template_lint.parts import TTL_S
from lhwa.domain.templates import (
    BODY_CHARS_MAX,
    Button,
    ButtonKind,
    Category,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
)

_K = ButtonKind
_WORDS = ("mohon", "hadir", "berkas", "kantor", "jadwal", "please", "file", "Senin", "pukul", "é", "日", "🙂")
NAMES = ("nama", "nama_klien", "waktu", "tanggal", "berkas", "_x")
_PLAIN_VALUES = st.sampled_from(("Contoh", "Senin 10.00", "INV-0001", "*tebal*", "{{1}}", "a    b", "🙂"))
_sentence = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6).map(
    lambda words: " ".join(("mohon", "hadir", *words))
)
_button_text = st.sampled_from(("Ya", "Saya hadir", "Atur ulang jadwal", "Lihat", "Call 24 jam"))

PLAIN = Template(name="jam_kerja", language="id", category=Category.UTILITY, body="Kantor kami buka hari ini.")
CODE = Template(
    name="kode",
    language="id",
    category=Category.AUTHENTICATION,
    buttons=(Button(kind=_K.OTP, text="Salin kode"),),
    add_security_recommendation=True,
    code_expiration_minutes=10,
)


def _buttons() -> st.SearchStrategy[tuple[Button, ...]]:
    quick = st.lists(_button_text.map(lambda text: Button(kind=_K.QUICK_REPLY, text=text)), max_size=5)
    link = st.sampled_from(
        (
            Button(kind=_K.URL, text="Lihat", url="https://contoh.example.id/m/{{1}}", example="abc"),
            Button(kind=_K.URL, text="Lihat", url="https://contoh.example.id:8443/?m={{1}}", example="a%20b"),
            Button(kind=_K.URL, text="Lihat", url="http://contoh.example.id"),
        )
    )
    single = (
        Button(kind=_K.PHONE_NUMBER, text="Telepon", phone_number="+622150001234"),
        Button(kind=_K.COPY_CODE, example="KODE-0001"),
        Button(kind=_K.VOICE_CALL, text="Panggil"),
        Button(kind=_K.FLOW, text="Isi formulir", flow_id="1234567", flow_action="navigate", navigate_screen="AWAL"),
        Button(kind=_K.REQUEST_CONTACT_INFO),
    )
    others = st.tuples(st.lists(link, max_size=2), st.lists(st.sampled_from(single), max_size=3, unique=True))
    return st.tuples(quick, others, st.booleans()).map(
        lambda drawn: tuple(
            [*drawn[0], *drawn[1][0], *drawn[1][1]] if drawn[2] else [*drawn[1][1], *drawn[1][0], *drawn[0]]
        )
    )


def _header(named: str | None) -> st.SearchStrategy[Header | None]:
    variable = named or "1"
    texts = st.sampled_from((f"Perkara {{{{{variable}}}}} diperbarui", f"{{{{{variable}}}}}", "Pengingat"))
    media = st.sampled_from((HeaderFormat.IMAGE, HeaderFormat.VIDEO, HeaderFormat.DOCUMENT))
    return st.one_of(
        st.none(),
        texts.map(lambda text: Header(format=HeaderFormat.TEXT, text=text)),
        media.map(lambda form: Header(format=form, media_example="4::abc")),
        st.just(Header(format=HeaderFormat.LOCATION)),
    )


@st.composite
def text_templates(draw: st.DrawFn) -> Template:
    """UTILITY and MARKETING templates that Meta takes."""
    is_named = draw(st.booleans())
    count = draw(st.integers(0, 4 if is_named else 12))
    names = draw(st.permutations(NAMES))[:count] if is_named else draw(st.permutations(range(1, count + 1)))
    texts = [draw(_sentence), *(f"{{{{{name}}}}} {draw(_sentence)}" for name in names)]
    body = " ".join(texts)
    header = draw(_header(NAMES[0] if is_named else None))
    examples = {str(name): draw(_PLAIN_VALUES) for name in names}
    if header is not None and "{{" in header.text:
        examples.setdefault(NAMES[0] if is_named else "header.1", draw(_PLAIN_VALUES))
    category = draw(st.sampled_from((Category.UTILITY, Category.MARKETING)))
    uses_names = any(not key.removeprefix("header.").isdecimal() for key in examples)
    assert len(body) < BODY_CHARS_MAX
    return Template(
        name=draw(st.from_regex(r"[a-z0-9_]{1,20}", fullmatch=True)),
        language=draw(st.sampled_from(("id", "en", "en_US"))),
        category=category,
        parameter_format=ParameterFormat.NAMED if uses_names else ParameterFormat.POSITIONAL,
        header=header,
        body=body,
        footer=draw(st.none() | st.just("Kantor Hukum Contoh")),
        buttons=draw(_buttons()),
        examples=examples,
        message_send_ttl_seconds=draw(st.none() | st.just(-1) | st.integers(*TTL_S[category])),
    )


@st.composite
def code_templates(draw: st.DrawFn) -> Template:
    """AUTHENTICATION templates that Meta takes."""
    return Template(
        name=draw(st.from_regex(r"[a-z0-9_]{1,20}", fullmatch=True)),
        language=draw(st.sampled_from(("id", "en", "en_US"))),
        category=Category.AUTHENTICATION,
        buttons=(Button(kind=_K.OTP, text=draw(st.sampled_from(("", "Salin kode")))),),
        message_send_ttl_seconds=draw(st.none() | st.integers(*TTL_S[Category.AUTHENTICATION])),
        add_security_recommendation=draw(st.booleans()),
        code_expiration_minutes=draw(st.none() | st.integers(1, 90)),
    )


def templates() -> st.SearchStrategy[Template]:
    """Every kind of template that Meta takes."""
    return st.one_of(text_templates(), code_templates())
