"""What has been found, as FHIR R4 tells it: a Flag per record, and a Bundle with one page of them; pure."""
from collections.abc import Callable, Iterable, Sequence

from integrations.fagsystem.fact import moment
from integrations.fagsystem.fhir.codes import Kept
from integrations.fagsystem.fhir.mapping import Resource, record
from integrations.target import Standing
from integrations.words import say
from resolvers.record import Record
from schema.fhir.outcome import Issue, Severity, outcome
from schema.fhir.search import Search


def flag(found: Record, hub_url: str, language: str) -> Resource:
    """The record as it would be sent, but for what it tells of a delivery: here it has an id."""
    plan = Standing(
        plan_ref=found.plan_ref, has_plan=True, since=found.since, closed_on=None,
        identity_number=found.identity_number, unit_organisation_number=found.unit_organisation_number,
        contact=found.contact, hub_url=hub_url, protected=found.protected)
    meta = {"lastUpdated": moment(found.updated_at), "source": hub_url}
    return {"id": str(found.plan_ref), **record(plan, Kept.FLAG, language, meta)}


def matching(found: Iterable[Record], search: Search, hub_url: str, language: str) -> list[Resource]:
    """The Flags that are searched for, always in the same order."""
    flags = (flag(each, hub_url, language) for each in found)
    return sorted(filter(search.matches, flags), key=lambda each: str(each["id"]))


def searchset(flags: Sequence[Resource], search: Search, start: int, base: str,
              page: Callable[[int], str], language: str) -> Resource:
    """The page that begins with the flag number `start`. `page`: the token of another that begins so."""
    after = start + search.count
    links = {"self": start} | ({"next": after} if search.count > 0 and after < len(flags) else {})
    entries: list[Resource] = [
        {"fullUrl": f"{base}/Flag/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in flags[start:after]]
    if search.ignored:
        said = say("http.FHIR_IGNORED", language, number=search.ignored)
        entries.append({"resource": outcome(Severity.WARNING, Issue.NOT_SUPPORTED, said),
                        "search": {"mode": "outcome"}})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(flags),
              "link": [{"relation": name, "url": f"{base}/Flag?_page={page(first)}"}
                       for name, first in links.items()]}
    return bundle | ({"entry": entries} if entries else {})  # a list in FHIR is never empty
