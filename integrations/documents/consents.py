"""How a consent is told in a document: what it says, whom it names, who has signed, and what became of it."""
from collections.abc import Iterator

from integrations.documents.blocks import Block, Cell, Node, at, cell, facts, table
from integrations.documents.wording import Wording

HISTORY = {  # what can happen to a consent, by the field that keeps when
    "sentAt": "SENT", "openedAt": "IN_FORCE", "declinedAt": "DECLINED", "withdrawnAt": "WITHDRAWN",
    "supersededAt": "SUPERSEDED"}


def told(number: int, consent: Node, words: Wording) -> list[Block]:
    """One of a plan's consents; where whole services are named, a hidden address leaves their names out."""
    names, signatures = consent.get("names"), consent.get("signatures")
    return [
        {"kind": "part", "label": words.label("consent", number=number), "title": ""},
        facts([(words.label("status"), words.code("consentState", consent.get("state"))),
               (words.label("valid"), words.period(consent.get("validFrom"), consent.get("validUntil")))]),
        *(block for _, block in signed_texts(consent, words)),
        *([] if names is None else [named(names, words, words.label("named"))]),
        *([] if signatures is None else [_signatures(signatures, words)]),
        *_history(consent, words),
    ]


def signed_texts(consent: Node, words: Wording) -> Iterator[tuple[Node, Block]]:
    """The form as it was signed; in every language that it has while nobody has signed it."""
    signed = {one["language"] for one in consent.get("signatures") or () if one.get("language")}
    for text in consent.get("texts") or ():
        if not signed or text["language"] in signed:
            label = words.label("textIn", tongue=words.language_name(text["language"]))
            yield text, {"kind": "text", "label": label, "body": text["text"],
                         "language": text["language"], "direction": text.get("direction")}


def named(names: list[Node], words: Wording, label: str | None = None) -> Block:
    """Each person or service, and the most that is left of what is held back from them."""
    return table(words, label, (("name", 1), ("heldBack", 1.6)), [_named(one, words) for one in names])


def _named(one: Node, words: Wording) -> list[Cell]:
    left = [f"{words.code('element', each.get('element'))}: {words.code('access', each.get('level'))}"
            for each in one.get("restrictions") or ()]
    whereabouts = words.label("whereabouts") if one.get("whereabouts") else None
    return [cell(at(one, "person", "name") or at(one, "unit", "name")),
            cell("; ".join(left) or words.label("nothing"), whereabouts)]


def _signatures(signatures: list[Node], words: Wording) -> Block:
    columns = ("name", 1.4), ("signedAt", 1.2), ("method", 1)
    return table(words, words.label("signatures"), columns, [
        [cell(at(one, "person", "name")),
         cell(words.moment(one.get("signedAt"))),
         cell(words.code("method", one.get("method")))]
        for one in signatures])


def _history(consent: Node, words: Wording) -> list[Block]:
    rows = [[cell(words.code("consentState", state)), cell(words.moment(consent[when]))]
            for when, state in HISTORY.items() if consent.get(when)]
    return [table(words, words.label("history"), (("event", 1), ("signedAt", 1)), rows)] if rows else []
