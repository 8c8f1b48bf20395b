// This month: tick all, filters, as last time, what a pasted list means here, and a warning before ticks are lost.
document.addEventListener("DOMContentLoaded", () => {
  const month = document.querySelector("[data-month]");
  if (!month) return;
  const form = month.closest("form");
  const rows = [...month.querySelectorAll("[data-row]")];
  const dues = [...month.querySelectorAll("[data-dues]")];
  const statuses = [...month.querySelectorAll("[data-status]")];
  const count = month.querySelector("[data-count-dues]");
  const group = month.querySelector("select[data-group]");
  const find = month.querySelector("[data-find]");
  const shown = (field) => !field.closest("[data-row]").hidden;
  let unsaved = Boolean(document.querySelector(".wb-refusal"));

  for (const part of month.querySelectorAll("[data-needs-script]")) part.hidden = false;
  for (const button of month.querySelectorAll("[data-tick-dues]")) button.hidden = false;

  const refresh = () => {
    const ticked = dues.filter((box) => box.checked).length;
    if (count) count.textContent = ticked ? `+ ${ticked}` : "";
    for (const select of statuses) {
      select.classList.toggle("changed", select.value !== "attended");
    }
  };
  const changed = () => {
    unsaved = true;
    refresh();
  };
  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    for (const row of rows) {
      const words = row.dataset.words.toLowerCase().split(" ");
      const named = words.some((word) => word.includes(wanted)) || row.dataset.words.includes(wanted);
      row.hidden = !named || Boolean(group?.value && row.dataset.group !== group.value);
    }
  };

  month.addEventListener("change", (event) => {
    if (event.target.matches("[data-group], [data-set-all], [data-paste-as]")) return;
    changed();
  });
  month.addEventListener("input", (event) => {
    if (event.target.matches("[data-find], [data-paste-text]")) return;
    unsaved = true;
  });
  group?.addEventListener("change", filter);
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });

  for (const button of month.querySelectorAll("[data-tick-dues]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const box of dues) if (shown(box)) box.checked = Boolean(button.dataset.tickDues);
      changed();
    });
  }
  month.querySelector("[data-set-all]")?.addEventListener("change", (event) => {
    if (event.target.value === "-") return;
    for (const select of statuses) if (shown(select)) select.value = event.target.value;
    event.target.value = "-";
    changed();
  });
  month.querySelector("[data-as-last]").addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of dues) if (box.dataset.last) box.checked = true;
    for (const select of statuses) if (select.dataset.last !== "-") select.value = select.dataset.last;
    changed();
  });

  month.addEventListener("names-pasted", (event) => {
    event.preventDefault();
    const { ids, as, all } = event.detail;
    const listed = new Set(ids.map(String));
    if (as === "dues") {
      for (const box of dues) if (listed.has(box.dataset.dues)) box.checked = true;
    } else {
      for (const select of statuses) {
        if (listed.has(select.dataset.status)) select.value = as;
        // Whoever a list of those present does not name was absent; one chosen by hand changes nobody else.
        else if (as === "attended" && all && listed.size && select.closest("[data-here]")) select.value = "absent";
      }
    }
    changed();
  });

  form.addEventListener("submit", () => {
    unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  refresh();
});
