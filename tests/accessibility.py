"""What a page shows that somebody with a screen reader, a keyboard or weak eyes cannot use (WCAG 2.2 A and AA)."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
JUDGE = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"], runOnly: {
        type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}});
    return found.violations.filter(each => ["serious", "critical"].includes(each.impact))
        .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}"""


def find_barriers(page: Page) -> list[str]:
    """The serious and critical findings of axe on the page as it is shown, each with its element; best none."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(JUDGE)
    return found
