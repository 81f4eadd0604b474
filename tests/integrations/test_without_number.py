"""Without an identity number: no service is told of the owner, the archive has the plan, and it ends well."""
from integrations.target import PlanVersion
from tests.support.asking import Asking
from tests.support.changing import done, rows
from tests.support.posting import Post

NUMBERLESS = "update person set identity_mark = null, identity_sealed = null where id = %s returning id"


async def test_it_is_told_to_no_service_and_archived_closed_and_deleted(own_town: Asking) -> None:
    rows(own_town, NUMBERLESS, own_town.town.persons["owner"])
    post, plan = Post(own_town), f"Plan:{own_town.town.plan}"
    await post.go()
    assert post.facts() == []
    told = await post.said()
    assert {(d["state"], d["attemptCount"]) for d in told} == {("CANCELLED", 0)}
    assert ("OPENED", "NO_IDENTITY_NUMBER") in {(d["kind"], d["reason"]) for d in told}
    await done(own_town, "guardian1", "requestDeletion", planId=plan, reason="Vi flytter")
    await done(own_town, "stafettholder", "closePlan", planId=plan, reason="MOVED_AWAY")
    for _ in range(2):
        await post.go()
    version = next(order for order in post.archive.orders if isinstance(order, PlanVersion))
    assert (version.trigger, version.identity_number) == ("CLOSING", None)
    assert post.facts() == []
    assert {d["state"] for d in await post.said()} == {"CANCELLED"}
    await done(own_town, "admin", "deletePlan", planId=plan)


async def test_who_has_no_number_is_asked_for_nothing_that_takes_a_sign_in(own_town: Asking) -> None:
    rows(own_town, "update municipality set sms = 'sms' returning id")
    rows(own_town, NUMBERLESS, own_town.town.persons["guardian1"])
    consent = await done(own_town, "stafettholder", "renewConsent",
                         consentId=f"Consent:{own_town.town.consent}")
    await done(own_town, "stafettholder", "sendConsent", consentId=consent["consent"]["id"])
    told = rows(own_town, "select recipient_id from delivery where notice = 'CONSENT_TO_SIGN'")
    assert told == [(own_town.town.persons["guardian2"],)]
