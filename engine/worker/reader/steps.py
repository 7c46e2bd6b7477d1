"""Markup as readers take it: elements that open and close one after another, each step with the text behind it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lxml import etree


class ReadAlone(Exception):
    """Plain Python, or the readers that there are, do not do: the document is to be read in a process of its own."""


NONE: Mapping[str, str] = MappingProxyType({})


class Step(NamedTuple):
    """An element opens or closes. `text` lies between it and the next step; what closes has no `attributes`.

    In XML the names of elements and attributes hold their namespace: "{urn:…}p".
    """

    opens: bool
    tag: str
    text: str
    attributes: Mapping[str, str] = NONE


def steps_of(root: "etree._Element") -> Iterator[Step]:
    """The steps of what lxml has parsed; a tag is "" where an element has no name."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            yield Step(True, tag, element.text or "", element.attrib)
        else:
            yield Step(False, tag, element.tail or "")
