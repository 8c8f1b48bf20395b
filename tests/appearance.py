"""Judging by computed styles and boxes how a page looks: what a picture would show, without keeping pictures.

A `Judge` opens an address in a browser and returns what is wrong with its looks, one line for each fault, which names
the element. Whatever could differ between two runs is held still or waited for: animations, transitions, the blinking
caret, fonts and pictures that are loading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Page, Response

STILL = """*, *::before, *::after {
    animation: none !important; transition: none !important; caret-color: transparent !important;
    scroll-behavior: auto !important; }"""


@dataclass(frozen=True)
class Look:
    """What an element of a stylesheet's must look like wherever it is shown; a colour may be written in any way."""

    selector: str
    property: str
    value: str


TOOLS = r"""
const styles = new Map();
function styleOf(element) {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
}

function describe(element) {
    if (element === null) return "nothing";
    const classes = [...element.classList].slice(0, 4).map(each => "." + each).join("");
    const says = (element.textContent || element.value || element.name || "").trim().replace(/\s+/g, " ").slice(0, 24);
    const own = element.localName + (element.id ? "#" + element.id : "") + classes;
    const within = element.parentElement?.closest("[id], [class]:not([class=''])");
    const around = within ? `${within.localName}${within.id ? "#" + within.id : "." + within.classList[0]} > ` : "";
    return `${around}${own}${says ? ` “${says}”` : ""}`;
}

// The boxes that can cut an element off or scroll it: from the inside to the outside, without the page itself.
function* holders(element) {
    let each = element;
    while (each && each !== document.body && each !== document.documentElement) {
        yield each;
        const {position} = styleOf(each);
        each = position === "fixed" ? null : position === "absolute" ? each.offsetParent : each.parentElement;
    }
}
const cuts = way => way === "hidden" || way === "clip";
const scrolls = way => way === "auto" || way === "scroll";

// For screen readers alone, on purpose: a box of one pixel or less, or one clipped away.
const hidden = new Map([[null, false]]);
function isHiddenOnPurpose(element) {
    if (!hidden.has(element)) {
        const style = styleOf(element), box = element.getBoundingClientRect();
        const tiny = cuts(style.overflowX) && style.position === "absolute" && (box.width <= 1 || box.height <= 1);
        hidden.set(element, tiny || style.clipPath === "inset(50%)" || isHiddenOnPurpose(element.parentElement));
    }
    return hidden.get(element);
}
const isShown = element =>
    element.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !isHiddenOnPurpose(element);

function padding(element) {
    const box = element.getBoundingClientRect();
    const left = box.left + element.clientLeft, top = box.top + element.clientTop;
    return {left, top, right: left + element.clientWidth, bottom: top + element.clientHeight};
}

// Whether what is around an element can cut it off at all.
const isFrame = each => styleOf(each).display !== "inline" && !each.ownerSVGElement;

// The part of a box that is seen within what holds it; null when none of it is.
function seen(box, around) {
    let {left, top, right, bottom} = box;
    for (const each of around.filter(isFrame)) {
        const style = styleOf(each), hold = padding(each);
        if (style.overflowX !== "visible") left = Math.max(left, hold.left), right = Math.min(right, hold.right);
        if (style.overflowY !== "visible") top = Math.max(top, hold.top), bottom = Math.min(bottom, hold.bottom);
    }
    const outside = right + scrollX <= 0 || bottom + scrollY <= 0;
    return right - left <= 0.5 || bottom - top <= 0.5 || outside ? null : {left, top, right, bottom};
}

const meet = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;

// Pairs of boxes that lie over each other, swept from top to bottom.
function* overlaps(boxes) {
    const sorted = boxes.toSorted((one, other) => one.top - other.top);
    for (let index = 0; index < sorted.length; index++) {
        for (let next = index + 1; next < sorted.length && sorted[next].top < sorted[index].bottom - 1; next++) {
            if (meet(sorted[index], sorted[next])) yield [sorted[index], sorted[next]];
        }
    }
}

const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
function paint(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data.join();
}
function measure(text, element) {
    canvas.font = styleOf(element).font;
    return canvas.measureText(text);
}

// Every line of every shown text, as high as its letters: a line's box also has room that is empty.
function readTexts() {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = new Range();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest("script, style, noscript, option") || !isShown(element)) continue;
        range.selectNodeContents(node);
        const style = styleOf(element), sideways = style.writingMode.startsWith("vertical");
        const ink = measure(node.data, element), scale = element.getScreenCTM?.().d ?? 1;
        for (const rect of range.getClientRects()) {
            let {left, top, right, bottom} = rect;
            if (right - left <= 0 || bottom - top <= 0) continue;
            if (sideways) {
                const room = Math.max(0, (right - left - parseFloat(style.fontSize)) / 2);
                left += room, right -= room;
            } else {
                const line = (ink.fontBoundingBoxAscent + ink.fontBoundingBoxDescent) * scale;
                const baseline = (top + bottom - line) / 2 + ink.fontBoundingBoxAscent * scale;
                top = baseline - ink.actualBoundingBoxAscent * scale;
                bottom = baseline + ink.actualBoundingBoxDescent * scale;
            }
            found.push({element, node, left, top, right, bottom});
        }
    }
    return found;
}
"""

WIDTH = r"""
// Nothing is wider than the screen; only a table may scroll within a frame of its own.
function judgeWidth() {
    const faults = [], root = document.documentElement, out = [];
    for (const each of document.body.querySelectorAll("*")) {
        const box = each.getBoundingClientRect(), style = styleOf(each);
        const scrolled = scrolls(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
        if (scrolled && !each.matches("input, textarea, select") && !each.querySelector("table") && isShown(each)) {
            faults.push(`scrolls sideways though it holds no table: ${describe(each)}`);
        }
        const away = box.right <= 0 || style.position === "fixed" && box.left >= innerWidth;
        const beyond = box.width && !away && (box.right > innerWidth + 1 || box.left < -1);
        const held = () => [...holders(each)].slice(1).some(holder => styleOf(holder).overflowX !== "visible");
        if (beyond && !each.ownerSVGElement && isShown(each) && !held()) out.push(each);
    }
    if (root.scrollWidth > innerWidth) faults.push(`is ${root.scrollWidth} pixels wide on a screen of ${innerWidth}`);
    for (const each of out.filter(each => !out.some(other => other !== each && each.contains(other)))) {
        faults.push(`sticks out of the screen: ${describe(each)}`);
    }
    return faults;
}
"""

DRAWINGS = r"""
// Colours planted on the page's root reach every drawing that no rule and no attribute colours.
const PLANTED = "rgb(1, 2, 3)";
// A path of straight strokes alone, as in a QR code: there is nothing to fill.
const STROKES = /^([Mm][^A-Za-z]+[HhVvLl][^A-Za-z]+)+$/;
function judgeDrawings() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:where(:root) { fill: ${PLANTED}; }`);
    document.adoptedStyleSheets.push(sheet);
    const faults = [], shapes = "path, rect, circle, ellipse, line, polyline, polygon, text, use";
    for (const shape of document.querySelectorAll(shapes)) {
        if (shape.closest("defs, clipPath, mask, symbol, pattern") || !isShown(shape.ownerSVGElement)) continue;
        const box = shape.getBBox(), style = getComputedStyle(shape);
        if (shape.localName === "rect" && !(box.width && box.height)) continue;
        const flat = shape.localName === "line" || !box.width || !box.height || STROKES.test(shape.getAttribute("d"));
        if (!flat && style.fill === PLANTED) {
            faults.push(`is filled black because nothing styles it: ${describe(shape)}`);
        }
        if (flat && style.stroke === "none") faults.push(`is a line that nothing colours: ${describe(shape)}`);
    }
    document.adoptedStyleSheets.pop();
    return faults;
}
"""

CUT_TEXT = r"""
// No text is cut, unless an ellipsis says so.
function judgeCutTexts(texts) {
    const faults = new Set();
    for (const text of texts) {
        let across = true, down = true;
        for (const each of [...holders(text.element)].filter(isFrame)) {
            const style = styleOf(each), hold = padding(each);
            const sideways = text.left < hold.left - 1 || text.right > hold.right + 1;
            const beyond = text.top < hold.top - 1 || text.bottom > hold.bottom + 1;
            const by = each === text.element ? "" : ` by ${describe(each)}`;
            if (across && sideways && cuts(style.overflowX) && style.textOverflow !== "ellipsis") {
                faults.add(`has its text cut at the side${by}: ${describe(text.element)}`);
                across = false;
            }
            if (down && beyond && cuts(style.overflowY)) {
                faults.add(`has its text cut above or below${by}: ${describe(text.element)}`);
                down = false;
            }
            across &&= !scrolls(style.overflowX);
            down &&= !scrolls(style.overflowY);
        }
    }
    for (const each of document.querySelectorAll("select, input")) {
        if (!isShown(each) || each.multiple || each.size > 1 && each.localName === "select") continue;
        const text = each.localName === "select" ? each.selectedOptions[0]?.text : each.value ? "" : each.placeholder;
        const {paddingLeft, paddingRight} = styleOf(each), width = text ? measure(text, each).width : 0;
        const room = each.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        if (width > room + 1) {
            const most = Math.round(room), all = Math.round(width);
            faults.add(`has room for ${most} of the ${all} pixels of “${text}”: ${describe(each)}`);
        }
    }
    return [...faults];
}
"""

OVERLAP = r"""
// Nothing that can be pressed lies over another such thing, no text over another, and nothing covers a text.
function judgeOverlaps(texts) {
    const faults = new Set(), boxes = [], shown = [];
    for (const each of document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=button]")) {
        if (!isShown(each) || each.type === "hidden") continue;
        for (const rect of each.getClientRects()) {
            const box = seen(rect, [...holders(each)].slice(1));
            if (box) boxes.push({...box, element: each});
        }
    }
    for (const [one, other] of overlaps(boxes)) {
        if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
        faults.add(`overlap: ${describe(one.element)} and ${describe(other.element)}`);
    }
    for (const text of texts) {
        const box = seen(text, [...holders(text.element)]);
        if (box) shown.push({...text, ...box});
    }
    for (const [one, other] of overlaps(shown)) {
        if (one.node !== other.node) {
            faults.add(`texts overlap: ${describe(one.element)} and ${describe(other.element)}`);
        }
    }
    for (const text of shown) {
        if (styleOf(text.element).pointerEvents === "none") continue;
        const top = document.elementFromPoint((text.left + text.right) / 2, (text.top + text.bottom) / 2);
        if (top && !top.contains(text.element) && !text.element.contains(top)) {
            faults.add(`is covered by ${describe(top)}: ${describe(text.element)}`);
        }
    }
    return [...faults];
}
"""

LOADED = r"""
// Stylesheets, fonts and pictures are there, and a few well-known elements look as the stylesheets say.
function judgeLoaded(looks, seenLooks) {
    const faults = [];
    if (!document.documentElement.lang.startsWith("zh")) faults.push("is not in Chinese");
    for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
        if (!link.sheet?.cssRules.length) faults.push(`is a stylesheet without rules: ${link.href}`);
    }
    for (const font of document.fonts) {
        if (font.status === "error") faults.push(`is a font that did not load: ${font.family}`);
    }
    for (const image of document.images) {
        if (!image.complete || !image.naturalWidth) faults.push(`is a picture that did not load: ${image.src}`);
    }
    for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
        const size = parseFloat(styleOf(icon).fontSize), range = new Range();
        range.selectNodeContents(icon);
        if (isShown(icon) && range.getBoundingClientRect().width > size * 1.5) {
            faults.push(`shows its name in place of the icon: ${describe(icon)}`);
        }
    }
    looks.forEach((look, index) => {
        for (const each of document.querySelectorAll(look.selector)) {
            if (!isShown(each)) continue;
            seenLooks.push(index);
            const value = styleOf(each).getPropertyValue(look.property);
            const right = look.property.includes("color") ? paint(value) === paint(look.value)
                : value.includes(look.value);
            if (!right) faults.push(`has ${look.property} ${value}, not ${look.value}: ${describe(each)}`);
        }
    });
    return faults;
}
"""

PROBE = f"""looks => {{
{TOOLS}{WIDTH}{DRAWINGS}{CUT_TEXT}{OVERLAP}{LOADED}
    const texts = readTexts(), seenLooks = [];
    const faults = [...judgeLoaded(looks, seenLooks), ...judgeWidth(), ...judgeDrawings(), ...judgeCutTexts(texts),
        ...judgeOverlaps(texts)];
    return {{faults, seen: [...new Set(seenLooks)]}};
}}"""
# As a sheet of the script's own: the pages take no styles that stand in them.
HOLD_STILL = """rules => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets.push(sheet);
}"""
OPEN_ALL = "document.querySelectorAll('details').forEach(part => part.open = true)"
READY = """async () => {
    await document.fonts.ready;
    for (const image of document.images) {
        image.loading = "eager";
        await image.decode().catch(() => null);
    }
}"""
HEIGHT = "Math.max(document.documentElement.scrollHeight, document.body.scrollHeight)"


class Judge:
    """Looks at one page after another, on a screen of each width; `seen` are the looks that were met.

    Scripts that lay something out anew follow the screen a little later: what is a fault stays one, looked at again.
    """

    def __init__(self, page: Page, widths: Sequence[int], looks: Sequence[Look], *, patience: int = 10) -> None:
        self._page, self._widths, self._looks, self._patience = page, widths, looks, patience
        self._missing: list[str] = []
        self.seen: set[Look] = set()
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.status >= 400:
            self._missing.append(f"asks for something that answers {response.status}: {response.url}")

    def look_at(self, address: str) -> list[str]:
        """What is wrong with the looks of the page at an address."""
        page, faults = self._page, []
        self._missing.clear()
        page.set_viewport_size({"width": self._widths[0], "height": 800})
        page.goto(address)
        page.evaluate(HOLD_STILL, STILL)
        page.evaluate(OPEN_ALL)
        for width in self._widths:
            page.set_viewport_size({"width": width, "height": 800})
            found = self._probe(width)
            for _again in range(self._patience):
                if found:
                    page.wait_for_timeout(100)
                    found = self._probe(width)
            faults += [f"at {width}: {fault}" for fault in found]
        return [*self._missing, *faults]

    def _probe(self, width: int) -> list[str]:
        # As high as the page: what stays at the screen's edge then covers nothing.
        self._page.set_viewport_size({"width": width, "height": self._page.evaluate(HEIGHT)})
        self._page.evaluate(READY)
        found = self._page.evaluate(PROBE, [vars(look) for look in self._looks])
        self.seen |= {self._looks[index] for index in found["seen"]}
        return list(dict.fromkeys(found["faults"]))
