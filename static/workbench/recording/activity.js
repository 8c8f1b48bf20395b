// An activity: ticks, and, while the form is filled in, what it would add to each member under the caps.
document.addEventListener("DOMContentLoaded", () => {
  const root = document.querySelector("[data-activity]");
  if (!root) return;
  const form = root.closest("form");
  const rows = [...root.querySelectorAll("[data-row]")];
  const box = (row, name) => row.querySelector(`input[name=${name}]`);
  const count = root.querySelector("[data-count]");
  let waiting = 0;
  let latest = 0;

  const refresh = () => {
    const took = rows.filter((row) => box(row, "members").checked).length;
    const led = rows.filter((row) => box(row, "leaders").checked).length;
    count.textContent = led ? `${took}（${led} ×2）` : `${took}`;
  };

  const show = (preview) => {
    for (const row of rows) {
      const member = preview.members[row.dataset.member];
      row.querySelector("[data-stands]").textContent = member?.stands ?? "—";
      row.querySelector("[data-adds]").textContent = member?.adds || "—";
      row.classList.toggle("nothing", Boolean(member?.nothing));
    }
    const ask = root.querySelector("[data-ask]");
    const similar = root.querySelector("[data-ask-similar]");
    const lead = root.querySelector("[data-ask-lead]");
    const list = root.querySelector("[data-similar-list]");
    list.replaceChildren(
      ...preview.similar.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
    root.querySelector("[data-similar]").hidden = preview.similar.length === 0;
    similar.hidden = preview.similar.length === 0;
    lead.hidden = !preview.asks_lead;
    ask.hidden = similar.hidden && lead.hidden;
  };

  const preview = async () => {
    latest += 1;
    const mine = latest;
    const data = new FormData(form);
    for (const name of [...data.keys()]) if (data.get(name) instanceof File) data.delete(name);
    data.set("branch", root.dataset.branch);
    try {
      const response = await fetch(root.dataset.url, { method: "POST", body: data });
      if (response.ok && mine === latest) show(await response.json());
    } catch {
      // Without the preview the form still works; the server says the same when it is sent.
    }
  };
  const changed = () => {
    refresh();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(preview, 250);
  };

  // Whoever took no part led nothing.
  root.addEventListener("entered", () => {
    for (const row of rows) if (!box(row, "members").checked) box(row, "leaders").checked = false;
    changed();
  });
  root.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("[data-group], [data-find], [data-paste-text]")) return;
    const row = target.closest("[data-row]");
    // Whoever led took part; whoever took no part led nothing.
    if (row && target.name === "leaders" && target.checked) box(row, "members").checked = true;
    if (row && target.name === "members" && !target.checked) box(row, "leaders").checked = false;
    changed();
  });
  // Words used before: those of the chosen item; where none is chosen yet, the words choose it.
  const item = form.elements.namedItem("item"); // `elements.item` is the collection's own
  const deed = form.elements.namedItem("deed");
  const phrases = [...root.querySelectorAll("#phrases option")];
  const offer = () => {
    for (const phrase of phrases) phrase.disabled = Boolean(item.value) && phrase.dataset.item !== item.value;
  };
  item.addEventListener("change", offer);
  deed.addEventListener("input", () => {
    const meant = new Set(phrases.filter((phrase) => phrase.value === deed.value).map((phrase) => phrase.dataset.item));
    if (item.value || meant.size !== 1) return;
    [item.value] = meant;
    item.dispatchEvent(new Event("change", { bubbles: true }));
  });
  offer();

  root.addEventListener("input", (event) => {
    if (event.target.matches("input[type=number], input[name=deed]")) changed();
  });
  refresh();
  if (rows.some((row) => box(row, "members").checked) || item.value) preview();
});
