"""Paths into the vendor's messages: names with dots between, and [2] for the second of several."""
import re
from collections.abc import Mapping
from typing import Any

import zeep
from lxml.etree import _Element as Node

STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<nth>[1-9][0-9]?)\])?")
Step = tuple[str, int]


def steps(path: str) -> list[Step]:
    """ValueError: it is none."""
    found = [STEP.fullmatch(step) for step in path.split(".")]
    if None in found:
        raise ValueError("is not a path: names with dots between, and [2] for the second of several")
    return [(step["name"], int(step["nth"] or 1)) for step in found if step]


def single(holder: Any, path: str) -> Any:
    """The one value that a path leads to, as zeep knows it: an element or attribute. ValueError: it leads
    nowhere, or to what holds others."""
    for name, nth in steps(path):
        known = _inside(holder.type)
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it holds nothing"
            raise ValueError(f"{holder.name} has no {name}: {has}")
        holder = known[name]
        if nth > 1 and not holder.accepts_multiple:
            raise ValueError(f"there is one {name} at most")
    if isinstance(holder.type, zeep.xsd.ComplexType):
        raise ValueError(f"{holder.name} is no single value: it has {', '.join(_inside(holder.type))}")  # noqa: TRY004  as all that is wrong with a path
    return holder


def placed(values: Mapping[str, str]) -> dict[str, Any]:
    """The values by path as zeep takes them: one in the other, and several in a list."""
    tree: dict[Step, Any] = {}
    for path, value in values.items():
        inner, (*above, last) = tree, steps(path)
        for step in above:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return _named(tree)


def texts(message: Node, path: str) -> list[str]:
    """What stands in the element, or in each where there are several: one line each, without those that
    hold nothing."""
    found = message.findall("/".join(f"{{*}}{name}" for name, _ in steps(path)))
    return [text for text in (" ".join((node.text or "").split()) for node in found) if text]


def _inside(kind: Any) -> dict[str, Any]:
    return dict([*getattr(kind, "elements", ()), *getattr(kind, "attributes", ())])


def _named(tree: Mapping[Step, Any]) -> dict[str, Any]:
    named: dict[str, list[Any]] = {}
    for (name, _), value in sorted(tree.items(), key=lambda item: item[0][1]):
        named.setdefault(name, []).append(_named(value) if isinstance(value, dict) else value)
    return {name: found if len(found) > 1 else found[0] for name, found in named.items()}
