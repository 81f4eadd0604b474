"""The two services of GeoIntegrasjon 1.1 that the hub calls, SakArkivOppdatering and ArkivInnsyn, as a WSDL
has them: the hub's own, or one that the municipality was given."""
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import zeep

from integrations.archive.geointegrasjon.mapping import TYPE
from integrations.wsdl import Unreadable, Wsdl

FOLDER = Path(__file__).with_name("wsdl")
STANDARD = "http://rep.geointegrasjon.no/{}/2012.01.31"
TYPES = {name: STANDARD.format(f"{space}/xml.schema") for space, names in {
    "Felles/Kontakt": ("Person", "Organisasjon"), "Arkiv/Dokument": ("Filinnhold",),
    "Arkiv/Kjerne": ("SakEksternNoekkel", "SakSystemId", "JournpostEksternNoekkel", "JournpostSystemID"),
}.items() for name in names}
BINDINGS = {"oppdatering": "SakArkivOppdateringSoap", "innsyn": "ArkivInnsynSoap"}


class Contract:
    """One service. ValueError: a file that can't be read, or that lacks something that the hub uses."""

    def __init__(self, service: str, wsdl: Path) -> None:
        self.namespace = STANDARD.format(f"Arkiv/{service.title()}/xml.wsdl")
        self.binding = f"{{{self.namespace}}}{BINDINGS[service]}"
        try:
            read = Wsdl(wsdl)
        except Unreadable as fault:
            raise ValueError(f"{service}_wsdl: {fault}") from None
        self.document, self.breach = read.document, read.breach
        if self.binding not in self.document.bindings:
            raise ValueError(f"{service}_wsdl: has no {BINDINGS[service]} of GeoIntegrasjon 1.1")

    def parts(self) -> Iterator[str]:
        """Every element by its name, after that of the type or message that it stands in."""
        types = self.document.types
        messages = ((one.name, one.type) for one in types.elements if isinstance(one, zeep.xsd.Element))
        for holder, kind in (*((kind.name, kind) for kind in types.types), *messages):
            yield from (f"{holder}.{name}" for name, _ in getattr(kind, "elements", ()))

    def built(self, value: Any) -> Any:
        """Values, with what names a type of its own made into that type."""
        match value:
            case dict():
                fields = {name: self.built(inner) for name, inner in value.items() if name != TYPE}
                return self._type(value[TYPE])(**fields) if TYPE in value else fields
            case list():
                return [self.built(inner) for inner in value]
            case _:
                return value

    def _type(self, name: str) -> Any:
        return self.document.types.get_type(f"{{{TYPES[name]}}}{name}")


@cache
def own(service: str) -> Contract:
    """The hub's own contract: the operations it calls, and of their types what it sends and reads."""
    return Contract(service, FOLDER / f"{service}.wsdl")


def given(service: str, wsdl: Path) -> Contract:
    """The municipality's. ValueError where it lacks something that the hub's own has: zeep drops what a
    contract does not know, and a plan would lie in the archive unshielded."""
    theirs = Contract(service, wsdl)
    lacking = sorted(set(own(service).parts()) - set(theirs.parts()))
    if lacking:
        raise ValueError(f"{service}_wsdl: has no {lacking[0]}")
    return theirs
