"""A fagsystem that takes the hub's webhooks: it checks every signature, every message and its own answers."""
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from standardwebhooks import Webhook, WebhookVerificationError

import integrations.fagsystem.webhook
from tests.support.edge import Call, Said, told

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STATUS = "no.stafettlogg_hub.har_stafettlogg.v1.status"


def schema(name: str) -> Draft7Validator:
    """Of the published file, as a vendor would read it: by another library than the hub's own."""
    file = Path(str(integrations.fagsystem.webhook.__file__)).with_name(f"{name}-v1.schema.json")
    described = json.loads(file.read_text("utf-8"))
    Draft7Validator.check_schema(described)
    return Draft7Validator(described)


EVENT, ANSWER, CONCLUSION = schema("event"), schema("answer"), schema("conclusion")


class Fagsystem:
    """`says`: what it says next, whatever it has done; None for its own answer."""

    def __init__(self, secret: str = SECRET) -> None:
        self.known, self.plans = Webhook(secret), dict[str, list[Any]]()
        self.unknown, self.says, self.calls = set[str](), list[Said | None](), list[Call]()

    def answer(self, call: Call) -> Said:
        self.calls.append(call)
        done = self.done(call)
        return (self.says.pop(0) if self.says else None) or done

    def done(self, call: Call) -> Said:
        try:
            event = self.known.verify(call.body, dict(call.headers))
        except WebhookVerificationError:
            return Said(401)
        assert (call.method, call.headers["content-type"]) == ("POST", "application/cloudevents+json")
        assert call.headers["webhook-id"] == event["id"]
        if event["dataschema"].endswith("konklusjon:v1"):
            return self.concluded(event)
        EVENT.validate(event)
        status, answer = self.known_of(event) if event["type"] == STATUS else self.stored(event)
        ANSWER.validate(answer)
        return told(status, answer)

    def concluded(self, event: dict[str, Any]) -> Said:
        """Of a plan that it knows of, and no other."""
        CONCLUSION.validate(event)
        assert self.plans[event["subject"]][-1]["hasPlan"]
        assert event["type"] == "no.stafettlogg_hub.konklusjon.v1.conclusion"
        return told(201, {"status": "CONFIRMED"})

    def known_of(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "subject" not in event:
            return 200, {"status": "READY"}
        last = self.plans.get(event["subject"], [None])[-1]
        record = last and {"seq": last["seq"], "hasPlan": last["hasPlan"]}
        return 200, {"status": "READY", "record": record}

    def stored(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        fact = event["data"]
        assert (event["id"], event["subject"], event["time"]) == (
            fact["factId"], fact["planRef"], fact["occurredAt"])
        assert event["type"].endswith(f".v1.{fact['kind'].lower()}")
        kept = self.plans.setdefault(fact["planRef"], [])
        reference = {"reference": f"theirs-{fact['planRef'][:8]}"}
        if fact["factId"] in [one["factId"] for one in kept]:
            return 200, {"status": "DUPLICATE", **reference}
        if fact["person"]["value"] in self.unknown:
            return 422, {"status": "UNKNOWN_PERSON"}
        if kept and fact["seq"] <= kept[-1]["seq"]:
            return 422, {"status": "REJECTED", "reason": "OUT_OF_ORDER"}
        kept.append(fact)
        return 201, {"status": "CONFIRMED", **reference}
