"""Starting Chromium for the tests that use a page as people do."""

import os
import shutil

from playwright.sync_api import ConsoleMessage, FilePayload, Locator, Page

from tests.factories import PASSWORD

PAGE_PATIENCE = 60_000  # milliseconds until something that does not happen on a page fails the test
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str:
    """Return the path of the browser that CHROMIUM names, or of the first one installed.

    Raises:
        RuntimeError: there is none.
    """
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("No Chromium found: install the package `chromium`, or set CHROMIUM to a browser's path.")
    return found


def is_complaint(message: ConsoleMessage) -> bool:
    """Whether the browser says that it refused something by the rules that came with the page."""
    return message.type == "error" and any(word in message.text for word in ("Security Policy", "Permissions policy"))


class Hand:
    """Somebody at a page: each click, choice, file, text or key is one action, and counted."""

    def __init__(self) -> None:
        self.actions = 0

    def click(self, what: Locator) -> None:
        """A button, a link, a box."""
        self.actions += 1
        what.click()

    def choose(self, what: Locator, label: str) -> None:
        """One of a list."""
        self.actions += 1
        what.select_option(label=label)

    def write(self, what: Locator, text: str) -> None:
        """Type or paste a text."""
        self.actions += 1
        what.fill(text)

    def attach(self, what: Locator, file: FilePayload) -> None:
        """Choose a file."""
        self.actions += 1
        what.set_input_files([file])


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window, once it is loaded: while a page is on its way it has no element."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def log_in(page: Page, username: str, address: str = "") -> None:
    """Log in on the way to an address; without one, on the page to log in that is open."""
    if address:
        page.goto(f"/login/?next={address}")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: url.endswith(address) and "/login/" not in url)
