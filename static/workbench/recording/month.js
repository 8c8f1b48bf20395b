// This month: tick all, and what a pasted list means here.
document.addEventListener("DOMContentLoaded", () => {
  const month = document.querySelector("[data-month]");
  if (!month) return;
  const dues = [...month.querySelectorAll("[data-dues]")];
  const statuses = [...month.querySelectorAll("[data-status]")];
  const count = month.querySelector("[data-count-dues]");
  const shown = (field) => !field.closest("[data-row]").hidden;

  for (const button of month.querySelectorAll("[data-tick-dues]")) button.hidden = false;

  const kinds = [...month.querySelectorAll("[data-kinds] input[type=checkbox]")];
  const ofMeeting = [...month.querySelectorAll("[data-of-meeting]")];
  const refresh = () => {
    // Where and who matters once something was held, or somebody's attendance was touched.
    const isHeld =
      kinds.some((box) => box.checked) ||
      statuses.some((select) => select.value !== "attended") ||
      ofMeeting.some((part) => part.querySelector(".wb-error"));
    for (const part of ofMeeting) part.hidden = !isHeld;
    const ticked = dues.filter((box) => box.checked).length;
    if (count) count.textContent = ticked ? `+ ${ticked}` : "";
    for (const select of statuses) {
      select.classList.toggle("changed", select.value !== "attended");
    }
  };
  const changed = () => {
    refresh();
    month.dispatchEvent(new Event("entered"));
  };
  month.addEventListener("change", refresh);

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

  refresh();
});
