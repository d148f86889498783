"""The endpoints of templates: create, list, read, edit, delete, unpause.

Source: WhatsApp Cloud API, templates.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from lhwa.domain.instants import Instant
from lhwa.sandbox.errors import INVALID_PARAMETER, TEMPLATE_COUNT, WABA_RATE, Refused
from lhwa.sandbox.exchange import ApiReply, answer
from lhwa.sandbox.paging import chosen_fields, page_of, with_fields
from lhwa.sandbox.platform import Call
from lhwa.sandbox.reading import Json, objects_in, text_in
from lhwa.sandbox.template_review import plan_review, unpause
from lhwa.sandbox.template_rules import CATEGORIES, LANGUAGE, NAME, check_components
from lhwa.sandbox.templates import Template, TemplateBook, TemplateStatus

CREATED_PER_HOUR = 100
COUNT_MAX = 250
"""Of an account that is not verified."""
DELETED_AT_ONCE_MAX = 100
EDITS_PER_DAY = 1
EDITS_PER_30_DAYS = 10
DEFAULT_FIELDS = ("id", "name", "language", "status", "category")
_COMPONENTS_MAX = 10
_HOUR, _DAY, _MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
_EDITABLE = (TemplateStatus.APPROVED, TemplateStatus.REJECTED, TemplateStatus.PAUSED)
_FILTERS = ("name", "language", "status", "category")


def create_template(call: Call) -> ApiReply:
    """Take a template for review."""
    book, body = call.firm.templates, call.json()
    name = text_in(body, "name", "name", chars_max=512)
    language = text_in(body, "language", "language", chars_max=10)
    category = text_in(body, "category", "category", chars_max=30).upper()
    parameter_format = str(body.get("parameter_format", "POSITIONAL")).upper()
    if not NAME.fullmatch(name):
        raise Refused(INVALID_PARAMETER, "The name takes lower-case letters, digits and underscores.")
    if not LANGUAGE.fullmatch(language) or category not in CATEGORIES:
        raise Refused(INVALID_PARAMETER, "The language or the category does not exist.")
    if parameter_format not in ("POSITIONAL", "NAMED"):
        raise Refused(INVALID_PARAMETER, "Param parameter_format must be one of POSITIONAL, NAMED.")
    components = objects_in(body, "components", "components", most=_COMPONENTS_MAX)
    check_components(components, category=category)
    _check_room(book, now=call.now)
    template = Template(
        id=call.platform.chance.digits(),
        name=name,
        language=language,
        category=category,
        components=components,
        created_at=call.now,
        parameter_format=parameter_format,
        message_send_ttl_seconds=_ttl_s(body),
    )
    _check_new(book, template, now=call.now)
    book.put(template)
    book.created_at.append(call.now)
    plan_review(call.platform, call.firm, template, now=call.now)
    return answer({"id": template.id, "status": template.status.value, "category": template.category})


def list_templates(call: Call) -> ApiReply:
    """A page of the templates, filtered by name, language, status and category."""
    query = call.request.query
    known = list(_any_template(call).as_json())
    names = chosen_fields(call.request, default=DEFAULT_FIELDS, known=known)
    items = []
    for template in call.firm.templates.all():
        facts = template.as_json()
        if all(facts[key] == query[key] for key in _FILTERS if key in query):
            items.append((template.id, with_fields(facts, names)))
    return answer(page_of(call.request, items))


def read_template(call: Call) -> ApiReply:
    """One template."""
    facts = _template(call).as_json()
    return answer(with_fields(facts, chosen_fields(call.request, default=DEFAULT_FIELDS, known=list(facts))))


def edit_template(call: Call) -> ApiReply:
    """Replace the components, the category or the time to live; it is reviewed again."""
    template, body = _template(call), call.json()
    if template.status not in _EDITABLE:
        raise Refused(INVALID_PARAMETER, f"A template that is {template.status.value} cannot be edited.")
    category = str(body.get("category", template.category)).upper()
    is_approved = template.status is TemplateStatus.APPROVED
    if category not in CATEGORIES or (is_approved and category != template.category):
        raise Refused(INVALID_PARAMETER, "The category of an approved template is fixed.")
    ttl_s = _ttl_s(body)
    if "components" in body:
        components = objects_in(body, "components", "components", most=_COMPONENTS_MAX)
        check_components(components, category=category)
        if is_approved:
            _check_edits(template, now=call.now)
            template.edited_at.append(call.now)
        template.components = components
        template.status = TemplateStatus.PENDING
        plan_review(call.platform, call.firm, template, now=call.now)
    template.category = category
    template.message_send_ttl_seconds = template.message_send_ttl_seconds if ttl_s is None else ttl_s
    return answer({"success": True})


def delete_templates(call: Call) -> ApiReply:
    """Delete all languages of a name, one template by name and id, or several by their ids."""
    book = call.firm.templates
    found = _named_for_deletion(call)
    if not found:
        raise Refused(INVALID_PARAMETER, "Message template was not found.")
    if any(each.status is TemplateStatus.DISABLED for each in found):
        raise Refused(INVALID_PARAMETER, "A disabled template cannot be deleted.")
    for template in found:
        book.remove(template, now=call.now)
    return answer({"success": True})


def _named_for_deletion(call: Call) -> list[Template]:
    query, book = call.request.query, call.firm.templates
    name, ids = query.get("name"), query.get("hsm_ids")
    if (name is None) == (ids is None):
        raise Refused(INVALID_PARAMETER, "Either the parameter name or the parameter hsm_ids is required.")
    if name is not None:
        return [each for each in book.named(name) if query.get("hsm_id") in (None, each.id)]
    try:
        wanted = msgspec.json.decode(ids or "", type=list[str | int])
    except (msgspec.DecodeError, msgspec.ValidationError):
        wanted = []
    if not 1 <= len(wanted) <= DELETED_AT_ONCE_MAX:
        raise Refused(INVALID_PARAMETER, f"Param hsm_ids must be a list of at most {DELETED_AT_ONCE_MAX} ids.")
    found = [book.get(str(each)) for each in dict.fromkeys(wanted)]
    return [each for each in found if each is not None]


def unpause_template(call: Call) -> ApiReply:
    """Lift a pause."""
    template = _template(call)
    if template.status is not TemplateStatus.PAUSED:
        return answer({"success": False, "reason": "The template is not paused."})
    unpause(call.platform, call.firm, template, now=call.now)
    return answer({"success": True})


def _template(call: Call) -> Template:
    return call.firm.templates.at(call.node)


def _any_template(call: Call) -> Template:
    return Template(id="", name="", language="", category="", components=[], created_at=call.now)


def _ttl_s(body: Json) -> int | None:
    ttl_s = body.get("message_send_ttl_seconds")
    if ttl_s is not None and (not isinstance(ttl_s, int) or (ttl_s < 30 and ttl_s != -1)):
        raise Refused(INVALID_PARAMETER, "Param message_send_ttl_seconds must be -1 or at least 30.")
    return ttl_s


def _check_room(book: TemplateBook, *, now: Instant) -> None:
    book.created_at = [at for at in book.created_at if now - at < _HOUR]
    if len(book.created_at) >= CREATED_PER_HOUR:
        raise Refused(WABA_RATE, f"{CREATED_PER_HOUR} templates can be created per hour.")
    if len(book.all()) >= COUNT_MAX:
        raise Refused(TEMPLATE_COUNT, f"The account has {COUNT_MAX} templates.")


def _check_new(book: TemplateBook, template: Template, *, now: Instant) -> None:
    if book.find(template.name, template.language) is not None:
        raise Refused(INVALID_PARAMETER, "Content in this language already exists.")
    if not book.is_name_free(template.name, now=now):
        raise Refused(INVALID_PARAMETER, "A deleted name can be used again after 30 days.")
    if template.category == "AUTHENTICATION":
        return
    content = (template.text("BODY"), template.text("FOOTER"))
    for other in book.all():
        if other.language == template.language and (other.text("BODY"), other.text("FOOTER")) == content:
            raise Refused(INVALID_PARAMETER, "Another template of this language has the same body and footer.")


def _check_edits(template: Template, *, now: Instant) -> None:
    in_a_day = sum(now - at < _DAY for at in template.edited_at)
    in_a_month = sum(now - at < _MONTH for at in template.edited_at)
    if in_a_day >= EDITS_PER_DAY or in_a_month >= EDITS_PER_30_DAYS:
        raise Refused(INVALID_PARAMETER, "An approved template can be edited once a day and 10 times in 30 days.")
