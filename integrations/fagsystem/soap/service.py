"""The practice receiver's SOAP: a message in, the contract's answer or fault out, both valid."""
from typing import Any

from lxml import etree

from integrations.fagsystem.records import Fact, Records, Refused
from integrations.fagsystem.soap.contract import NAMESPACE, breach, qualified
from integrations.fagsystem.soap.mapping import OPERATIONS
from integrations.soap import ENVELOPES, SoapVersion, opened


def answered(records: Records, content: bytes) -> tuple[SoapVersion, int, bytes]:
    """The SOAP version, HTTP status and envelope that answer one message. NotSoap: it is none."""
    version, message = opened(content)
    try:
        answer, status = _done(records, message), 200
    except Refused as refused:
        answer, status = _fault(version, refused)
    soap = ENVELOPES[version]
    envelope = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap})
    etree.SubElement(envelope, f"{{{soap}}}Body").append(answer)
    return version, status, etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def _done(records: Records, message: etree._Element) -> etree._Element:
    operation = etree.QName(message).localname
    if breach(message) or operation not in {"status", *OPERATIONS.values()}:
        raise Refused("ValidationFault", "SCHEMA")
    values = _values(message)
    if operation == "status":
        return _status(records, values.get("planRef", ""))
    fact = values["fact"]
    if OPERATIONS[fact["kind"]] != operation:
        raise Refused("ValidationFault", "INCONSISTENT")
    result, reference = records.take(fact)
    return _built(f"{operation}Response", {"answer": {"result": result, "reference": reference}})


def _status(records: Records, plan_ref: str) -> etree._Element:
    facts = records.plans.get(plan_ref)
    record = {key: facts[-1][key] for key in ("planRef", "seq", "hasPlan")} if facts else None
    status = {"contract": "HarStafettlogg v1", "ready": True, "record": record}
    return _built("statusResponse", {"status": status})


def _fault(version: SoapVersion, refused: Refused) -> tuple[etree._Element, int]:
    """The fault and its HTTP status: SOAP 1.1 knows only 500; SOAP 1.2 tells whose mistake it is."""
    passing = refused.fault == "TemporaryFault"
    soap = ENVELOPES[version]
    fault = etree.Element(f"{{{soap}}}Fault", nsmap={"soap": soap})
    if version == "1.1":
        etree.SubElement(fault, "faultcode").text = "soap:Server" if passing else "soap:Client"
        etree.SubElement(fault, "faultstring").text = refused.fault
        detail = etree.SubElement(fault, "detail")
    else:
        code = etree.SubElement(fault, f"{{{soap}}}Code")
        etree.SubElement(code, f"{{{soap}}}Value").text = "soap:Receiver" if passing else "soap:Sender"
        text = etree.SubElement(etree.SubElement(fault, f"{{{soap}}}Reason"), f"{{{soap}}}Text")
        text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
        text.text = refused.fault
        detail = etree.SubElement(fault, f"{{{soap}}}Detail")
    detail.append(_built(refused.fault, {"reason": refused.reason}))
    return fault, 500 if passing or version == "1.1" else 400


def _values(element: etree._Element) -> Fact:
    """What stands in a valid element, as plain values by name."""
    return {etree.QName(child).localname: _values(child) if len(child) else _value(child)
            for child in element}


def _value(leaf: etree._Element) -> str | int | bool:
    text = " ".join((leaf.text or "").split())  # every text in the contract is a token: XML Schema 2 §4.3.6
    match etree.QName(leaf).localname:
        case "seq":
            return int(text)
        case "hasPlan" | "protected":
            return text in ("true", "1")
        case _:
            return text


def _built(name: str, values: dict[str, Any]) -> etree._Element:
    """The contract's element with the values that are not None. ValueError: it breaks the schema."""
    element = etree.Element(qualified(name), nsmap={"v1": NAMESPACE})
    _fill(element, values)
    if breach(element):
        raise ValueError(name)
    return element


def _fill(element: etree._Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _fill(etree.SubElement(element, qualified(name)), value)
        elif value is not None:
            child = etree.SubElement(element, qualified(name))
            child.text = str(value).lower() if isinstance(value, bool) else str(value)
