"""An operation of the vendor's port: what it is told, and whether the WSDL takes what that can become."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import zeep
from lxml import etree
from lxml.etree import _Element as Node
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding

from integrations.fagsystem.soap.vendor.fact import FIELDS, examples
from integrations.fagsystem.soap.vendor.paths import placed, single, steps
from integrations.fagsystem.soap.vendor.template import Template
from integrations.target import DeliveryError, FactKind
from integrations.wsdl import Wsdl

Fault = tuple[str, str]  # the setting, and what is wrong with it
BROKEN: Final = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "becomes none of the values that it can have",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "can become too long",
    "SCHEMAV_CVC_MINLENGTH_VALID": "can become too short",
    "SCHEMAV_CVC_PATTERN_VALID": "does not become what its pattern asks for",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "does not become a value of its type",
}


@dataclass(frozen=True)
class Port:
    """One port of the vendor's WSDL that speaks SOAP."""
    wsdl: Wsdl
    binding: Any

    @classmethod
    def chosen(cls, wsdl: Wsdl, name: str | None) -> "Port":
        """By name, or the only one. ValueError."""
        ports = {found: port for service in wsdl.document.services.values()
                 for found, port in service.ports.items()
                 if isinstance(port.binding, Soap11Binding | Soap12Binding)}
        if name is None and len(ports) == 1:
            name = next(iter(ports))
        if name not in ports:
            raise ValueError(f"port: one of {', '.join(ports) or 'none, for the WSDL has no port for SOAP'}")
        return cls(wsdl, ports[name].binding)

    def operation(self, name: str) -> Any:
        """As zeep knows it. ValueError."""
        known = self.binding.all()
        if name not in known:
            raise ValueError(f"operation: the port has no {name}: it has {', '.join(known)}")
        found = known[name]
        if found.style != "document" or found.input.body is None:
            raise ValueError(f"operation: {name} is not document/literal")
        if found.output is None or found.output.body is None:
            raise ValueError(f"operation: {name} gives no answer, and so no receipt")
        return found


@dataclass(frozen=True)
class Operation:
    """What it is told: a template for each path of its input."""
    name: str
    port: Port
    arguments: Mapping[str, Template]

    def values(self, fact: Mapping[str, str]) -> dict[str, Any]:
        """The arguments as zeep takes them; what the fact has nothing for is left out."""
        told = {path: template.filled(fact) for path, template in self.arguments.items()}
        return placed({path: text for path, text in told.items() if text is not None})

    def envelope(self, fact: Mapping[str, str]) -> Node:
        """What goes out, without what signs it in. DeliveryError, zeep's ValidationError."""
        made: Node = self.port.operation(self.name).create(**self.values(fact)).content
        return made

    def known(self) -> dict[str, list[str]]:
        """The numbers of bodies that the settings have codes for: no other can be tried."""
        return {field: list(place.codes) for template in self.arguments.values()
                for place in template.places() if place.codes
                for field in place.fields if FIELDS[field] == "number of a body"}

    def faults(self, kinds: Iterable[FactKind]) -> Iterator[Fault]:
        """What is wrong with the arguments: a path that leads nowhere, for zeep drops those in silence; else
        what the schema says of everything that facts of these kinds can become (of nothing: no kinds)."""
        found = list(self._astray())
        if not found:
            facts = [fact for kind in kinds for fact in examples(kind, self.known())]
            found = [fault for fact in facts or [{}] for fault in self._broken(fact)]
        first = dict[str, str]()
        for setting, told in found:
            first.setdefault(setting, told)
        yield from first.items()

    def _astray(self) -> Iterator[Fault]:
        holder = self.port.operation(self.name).input.body
        for path in self.arguments:
            try:
                single(holder, path)
            except ValueError as wrong:
                yield f"arguments.{path}", str(wrong)

    def _broken(self, fact: Mapping[str, str]) -> Iterator[Fault]:
        when = f"when kind is {fact['kind']}" if fact else "as it stands"
        try:
            (message,) = self.envelope(fact).find("{*}Body")  # type: ignore[misc]  # it has one
        except DeliveryError as wrong:
            yield "arguments", f"{wrong.message}, {when}"
        except zeep.exceptions.ValidationError as wrong:
            yield self._setting(wrong.path[1:]), f"is mandatory, and can be missing {when}"
        except (zeep.exceptions.Error, TypeError, ValueError):
            yield "arguments", f"can't be put together {when}"
        else:
            found = self.port.wsdl.faults(message)
            yield from ((self._setting(_names(node)), f"{BROKEN.get(kind, 'breaks the schema')} {when}")
                        for node, kind in found)
            yield from self._neither_true_nor_false(fact)

    def _neither_true_nor_false(self, fact: Mapping[str, str]) -> Iterator[Fault]:
        """For zeep writes `true` for any text, and the schema does not see what it was."""
        holder = self.port.operation(self.name).input.body
        for path, template in self.arguments.items():
            asked = isinstance(single(holder, path).type, zeep.xsd.Boolean)
            if asked and template.filled(fact) not in (None, "true", "false", "1", "0"):
                yield f"arguments.{path}", "does not become true or false"

    def _setting(self, names: list[str]) -> str:
        path = next((path for path in self.arguments if [name for name, _ in steps(path)] == names),
                    ".".join(names))
        return f"arguments.{path}" if path else "arguments"


def _names(node: Node) -> list[str]:
    """Of the elements down to this one, without the message itself."""
    above = [etree.QName(one).localname for one in node.iterancestors()]
    return [*reversed(above[:-3]), etree.QName(node).localname] if len(above) > 2 else []
