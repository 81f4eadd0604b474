"""The table of a fagsystem by its vendor's own WSDL: read whole, and every fault of it told at once."""
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import zeep
from pydantic import Field

from integrations.fagsystem.soap.mapping import OPERATIONS
from integrations.fagsystem.soap.settings import Called
from integrations.fagsystem.soap.vendor.answer import FAULTCODE
from integrations.fagsystem.soap.vendor.operation import Fault, Port
from integrations.fagsystem.soap.vendor.paths import single
from integrations.fagsystem.soap.vendor.tables import Asked, Find, Said, Telling, within, written
from integrations.fagsystem.soap.vendor.target import VendorsFagsystem
from integrations.fagsystem.soap.vendor.template import Codes
from integrations.target import FactKind, Target
from integrations.wsdl import Unreadable, Wsdl

Made = TypeVar("Made")


class VendorsWsdl(Called):
    kind: Literal["fagsystem/wsdl"]
    url: str  # told of with the faults of the mapping
    wsdl: Path
    port: str | None = None  # where the WSDL has several
    calls: dict[str, Telling]
    codes: dict[str, dict[str, str | bool | int]] = Field(default_factory=dict)
    faults: Said = Said()
    check: Asked | None = None  # something harmless to ask

    def target(self, name: str) -> Target:
        """ValueError: everything that is wrong, a line each: setting, colon, fault."""
        wrong = list[str]()
        endpoint, port = _tried(self.endpoint, wrong), _tried(self._port, wrong)
        codes = {table: {said: written(code) for said, code in entries.items()}
                 for table, entries in self.codes.items()}
        if port:
            wrong += [f"{setting}: {fault}" for setting, fault in self._wrong(port, codes)]
        if wrong or endpoint is None or port is None:
            raise ValueError("\n".join(wrong))
        fault = self.faults.meaning()
        calls = {FactKind(kind): told.call(port, codes, fault)
                 for told in self.calls.values() for kind in told.kinds}
        return VendorsFagsystem(name, endpoint, port, calls,
                                self.check.call(port, codes, fault) if self.check else None)

    def _port(self) -> Port:
        try:
            return Port.chosen(Wsdl(self.wsdl), self.port)
        except Unreadable as wrong:
            raise ValueError(f"wsdl: {wrong}") from None

    def _wrong(self, port: Port, codes: Codes) -> Iterator[Fault]:
        for name, told in self.calls.items():
            yield from within(f"calls.{name}", told.faults(port, codes, list(map(FactKind, told.kinds))))
            if not told.answer.confirmed:
                yield f"calls.{name}.answer", "nothing in it would count as a receipt: say confirmed"
        if self.check:
            yield from within("check", self.check.faults(port, codes, []))
        yield from within("faults", self.faults.faults(port.wsdl, self._fault(port)))
        kinds = [FactKind(kind) for told in self.calls.values() for kind in told.kinds]
        for kind in OPERATIONS:
            if kinds.count(kind) != 1:
                yield "calls", f"{kind} is told by {kinds.count(kind)} of them, not by one"

    def _fault(self, port: Port) -> Find:
        """What a path leads to in the typed faults that the operations declare, or the code of any."""
        known = {part.element.name: part.element for told in self.calls.values()
                 if told.operation in port.binding.all()
                 for fault in port.binding.all()[told.operation].faults.values()
                 for part in fault.abstract.parts.values() if part.element is not None}

        def find(path: str) -> Any:
            name, _, rest = path.partition(".")
            if path == FAULTCODE:
                return zeep.xsd.Element(FAULTCODE, zeep.xsd.QName())  # type: ignore[no-untyped-call]
            if name not in known:
                raise ValueError(f"no operation has the fault {name}: they have {', '.join(known) or 'none'}")
            return single(known[name], rest) if rest else known[name]
        return find


def _tried(make: Callable[[], Made], wrong: list[str]) -> Made | None:
    """What is made; None where something is wrong with it, which is then among the rest."""
    try:
        return make()
    except ValueError as fault:
        wrong.append(str(fault))
        return None
