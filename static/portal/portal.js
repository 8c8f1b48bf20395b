// What the pages can do without, and do better with: a link to a figure opens its reasons.

function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && (target.closest("details") ?? target.querySelector("details"));
  if (details) {
    details.open = true;
    target.scrollIntoView();
  }
}

window.addEventListener("hashchange", openTarget);
openTarget();
