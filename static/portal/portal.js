// What the pages can do without, and do better with: a link to a figure opens its reasons.

function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  // The parts around it, from the inside to the outside, and the one within.
  const parts = [target.querySelector("details")];
  for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) parts.push(part);
  for (const part of parts) if (part) part.open = true;
  target.scrollIntoView();
}

window.addEventListener("hashchange", openTarget);
openTarget();
