"""A consent as it was signed, as PDF/A-2a: the texts, whom it names, and every signature."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.documents.blocks import Cell, Node, at, cell, facts, table
from integrations.documents.consents import named, signed_texts
from integrations.documents.fonts import FAMILIES
from integrations.documents.plan import content_checksum, printed
from integrations.documents.text import one_line
from integrations.documents.wording import LOCALES, Wording


@dataclass(frozen=True, repr=False)
class SignedForm:
    """`plan` and `consent` as they were released, by the API's names; the language is the municipality's."""
    plan: Node
    consent: Node
    municipality_name: str
    language: str
    made_at: datetime


def form_pdf(form: SignedForm) -> bytes:
    """PDF/A-2a and PDF/UA-1. The same form gives the same bytes."""
    return printed(_document(form), form.made_at)


def _document(form: SignedForm) -> dict[str, Any]:
    """Everything that plan.typ prints, in words."""
    words, plan, consent = Wording(form.language), form.plan, form.consent
    kind, short_name = words.label("form"), one_line(plan["shortName"] or "", 60)
    texts = [{"heading": block["label"], "blocks": [{**block, "label": None}, facts([
                  (words.label("hash"), text["hash"])])]}
             for text, block in signed_texts(consent, words)]
    return {
        "fonts": list(FAMILIES), "language": form.language if form.language in LOCALES else "nb",
        "title": f"{kind} {short_name}".strip(), "kind": kind, "shortName": short_name,
        "municipality": one_line(form.municipality_name, 80), "exempt": words.label("exempt"),
        "protected": None,
        "facts": facts([
            (words.label("owner"), at(plan, "owner", "name")),
            (words.label("plan"), words.code("type", plan["type"])),
            (words.label("valid"), words.period(consent["validFrom"], consent["validUntil"])),
            (words.label("opened"), words.moment(consent["openedAt"]))]),
        "sections": [
            *texts,
            {"heading": words.label("named"), "blocks": [named(consent["names"], words)]},
            {"heading": words.label("signatures"), "blocks": [table(
                words, None, (("name", 1), ("signedAt", 1), ("method", 1), ("reference", 1.6)),
                [_signature(one, consent, words) for one in consent["signatures"]])]}],
        "archived": words.label("formMade", when=words.clock(form.made_at)),
        "identity": words.label("formIdentity", consent=consent["id"].partition(":")[2]),
        "checksum": words.label("checksum", digest=content_checksum(consent)), "of": words.label("of"),
    }


def _signature(one: Node, consent: Node, words: Wording) -> list[Cell]:
    return [cell(at(one, "person", "name")),
            cell(words.moment(one["signedAt"]), words.language_name(one["language"])),
            cell(words.code("method", one["method"]), *_papers(one, consent, words)),
            cell(one["transaction"])]


def _papers(one: Node, consent: Node, words: Wording) -> Iterator[str]:
    for paper in consent["documents"]:
        if paper["signer"] == one["person"]:
            yield words.label("paper", day=words.day(paper["signedOn"]), digest=paper["sha256"])
