"""The tables within a vendor's: what an operation is told, and what its answers mean."""
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import zeep
from lxml import etree
from pydantic import Field

from integrations.fagsystem.soap.vendor.answer import OUTCOMES, Answers, Meaning, Sign
from integrations.fagsystem.soap.vendor.operation import Fault, Operation, Port
from integrations.fagsystem.soap.vendor.paths import single
from integrations.fagsystem.soap.vendor.target import Call
from integrations.fagsystem.soap.vendor.template import Codes, Template
from integrations.settings import Strict
from integrations.target import FactKind
from integrations.wsdl import Wsdl

Kind = Literal["OPENED", "HOLDER_CHANGED", "CORRECTED", "CLOSED", "WITHDRAWN"]
FEW = (zeep.xsd.Boolean, zeep.xsd.QName)  # types whose values differ in what they mean
Find = Callable[[str], Any]  # what a path leads to, as zeep knows it; ValueError


class Said(Strict):
    """What answers or faults mean: for each outcome its signs, `element`, `element=value`, or `*`."""
    confirmed: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    unknown_person: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    permanent: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    retryable: tuple[str, ...] = ()
    reference: str | None = None

    def meaning(self) -> Meaning:
        return Meaning({outcome: tuple(map(Sign.read, getattr(self, outcome))) for outcome in OUTCOMES},
                       self.reference)

    def faults(self, wsdl: Wsdl, find: Find) -> Iterator[Fault]:
        """Signs that no message can bear."""
        signs = [(outcome, sign) for outcome, signs in self.meaning().signs.items() for sign in signs]
        for setting, sign in (*signs, ("reference", Sign(self.reference))):
            try:
                if sign.path is not None:
                    _borne(sign, find(sign.path), wsdl, alone=setting == "reference")
            except ValueError as wrong:
                yield setting, str(wrong)


class Asked(Strict):
    """An operation, and what it is told and answers."""
    operation: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    answer: Said = Said(confirmed=("*",))

    def read(self, codes: Codes) -> tuple[dict[str, Template], list[Fault]]:
        """The arguments by path, and what is wrong with their notation."""
        templates, wrong = dict[str, Template](), list[Fault]()
        for path, text in _flat(self.arguments):
            try:
                templates[path] = Template.read(written(text), codes)
            except ValueError as fault:
                wrong.append((f"arguments.{path}", str(fault)))
        return templates, wrong

    def faults(self, port: Port, codes: Codes, kinds: list[FactKind]) -> Iterator[Fault]:
        try:
            answered = port.operation(self.operation).output.body
        except ValueError as wrong:
            yield _setting(wrong)
            return
        templates, wrong_ones = self.read(codes)
        yield from wrong_ones
        if not wrong_ones:
            yield from Operation(self.operation, port, templates).faults(kinds)
        if not kinds and any(template.places() for template in templates.values()):
            yield "arguments", "a check is told nothing of anybody"
        yield from within("answer", self.answer.faults(port.wsdl, lambda path: single(answered, path)))

    def call(self, port: Port, codes: Codes, fault: Meaning) -> Call:
        tag = str(port.operation(self.operation).output.body.qname)
        return Call(Operation(self.operation, port, self.read(codes)[0]),
                    Answers(tag, self.answer.meaning(), fault, port.wsdl.breach))


class Telling(Asked):
    """The same for facts of some kinds; what counts as their receipt must be said."""
    kinds: list[Kind] = Field(min_length=1)
    answer: Said


def within(setting: str, faults: Iterator[Fault]) -> Iterator[Fault]:
    return ((f"{setting}.{inner}", fault) for inner, fault in faults)


def _setting(wrong: ValueError) -> Fault:
    setting, _, fault = str(wrong).partition(": ")
    return setting, fault


def _flat(arguments: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """By path: TOML makes tables of names with dots between that don't stand in quotes."""
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value


def written(value: Any) -> str:
    """As XML Schema writes it. ValueError: it is none of TOML's texts, numbers and true or false."""
    if not isinstance(value, str | bool | int):
        raise ValueError("is not a text, a whole number, true or false")  # noqa: TRY004  as all faults of settings
    return value if isinstance(value, str) else str(value).lower()


def _borne(sign: Sign, found: Any, wsdl: Wsdl, *, alone: bool) -> None:
    """ValueError: what was found by the sign's path can't bear it. `alone`: being there is enough. A type
    without a name of its own can't be asked which values it takes."""
    if isinstance(found, zeep.xsd.Attribute):
        raise ValueError(f"{sign.path} is an attribute, and only elements are read")  # noqa: TRY004  as the rest
    if sign.value is None:
        if isinstance(found.type, FEW) and not alone:
            raise ValueError(f"{sign.path} says nothing by being there: say {sign.path}=VALUE")
    elif isinstance(found.type, zeep.xsd.ComplexType) or (
            found.type.is_global and not wsdl.takes(etree.QName(found.type.qname), sign.value)):
        raise ValueError(f"{sign.path} can't be {sign.value}")
