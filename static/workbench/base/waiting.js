// How much waits behind each entry of the menu, as the home counts it: asked for once the page is shown, so that no page
// waits for it. An answer that does not come leaves the menu as it is.
//
//   [data-waiting]  the menu, and where the counts are asked for
//   [data-count]    in an entry: where its count stands, hidden while there is none

window.addEventListener("pageshow", async () => {
  const menu = document.querySelector("[data-waiting]");
  if (!menu) return;
  let counts;
  try {
    const answer = await fetch(menu.dataset.waiting, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) return;
    counts = await answer.json();
  } catch {
    return;
  }
  for (const link of menu.querySelectorAll("a[href]")) {
    const place = link.querySelector("[data-count]");
    const count = counts[link.getAttribute("href")] ?? 0;
    place.hidden = count === 0;
    place.firstElementChild.textContent = String(count);
  }
});
