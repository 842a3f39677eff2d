# SPDX-License-Identifier: MIT
"""Checks the diagrams of the site: diagrams.py SOURCE SITE. Each diagram is in its page, without a change, and the
first page links to the diagram. A screen reader finds the title and the description. A diagram names no colour, so that
the diagram is readable in light and in dark colours. Prints a line for each fault."""

import pathlib
import sys
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def faults_of_names(root):
    names = [root.find(SVG + "title"), root.find(SVG + "desc")]
    if any(name is None or not name.text.strip() for name in names):
        yield "has no title or no description"
    elif root.get("role") != "img" or root.get("aria-labelledby") != " ".join(name.get("id") for name in names):
        yield "a screen reader does not find the title and the description"
    if len(list(root.iter(SVG + "text"))) < 10:
        yield "has hardly any text that a reader can select"


def faults_of_colours(root):
    for element in root.iter():
        for key in "fill", "stroke":
            if element.get(key, "none") not in ("none", "currentColor"):
                yield f"{key} is {element.get(key)}"
        if element.get("style") or element.tag in (SVG + "style", SVG + "script"):
            yield "has a style or a script of its own"


def faults_of_place(name, root, text, site):
    page = root.get("data-page") + ".html"
    if text[text.index("<svg"):] not in (site / page).read_text():
        yield f"is not in {page}"
    if f'<a href="{page}#{name}-diagram">{root.findtext(SVG + "title")}</a>' not in (site / "index.html").read_text():
        yield "has no link in index.html"


def faults(path, site):
    text = path.read_text()
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        yield str(error)
        return
    yield from faults_of_names(root)
    yield from faults_of_colours(root)
    yield from faults_of_place(path.stem, root, text, site)


def main():
    source, site = map(pathlib.Path, sys.argv[1:])
    diagrams = sorted(source.glob("*.svg"))
    for path in diagrams:
        for fault in faults(path, site):
            print(f"{path.name}: {fault}")
    if len(diagrams) < 4:
        print(f"found only {len(diagrams)} diagrams: this test no longer reads them")


main()
