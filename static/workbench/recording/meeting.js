// Helps for a meeting's forms; they work without it.
document.addEventListener("DOMContentLoaded", () => {
  // The first choice of each kind's period says which period the date lies in.
  const heldOn = document.querySelector("input[name=held_on]");
  const perYear = { month: 12, quarter: 4, half: 2, year: 1 };
  const mark = { quarter: "Q", half: "H" };
  const periodOf = (date, kind) => {
    const [year, month] = date.split("-").map(Number);
    if (kind === "year") return `${year}`;
    const number = Math.floor(((month - 1) * perYear[kind]) / 12) + 1;
    return kind === "month" ? `${year}-${String(number).padStart(2, "0")}` : `${year}${mark[kind]}${number}`;
  };
  const suggest = () => {
    for (const select of document.querySelectorAll("select[data-period-per]")) {
      const first = select.querySelector('option[value=""]');
      if (!first) continue;
      first.dataset.plain ??= first.textContent;
      const found = heldOn.value
        ? select.querySelector(`option[value="${periodOf(heldOn.value, select.dataset.periodPer)}"]`)
        : null;
      first.textContent = found ? `${first.dataset.plain}：${found.textContent}` : first.dataset.plain;
    }
  };
  if (heldOn) {
    heldOn.addEventListener("change", suggest);
    suggest();
  }
  // A period or topic chosen means that the kind was held.
  for (const row of document.querySelectorAll(".wb-kinds > div")) {
    const tick = row.querySelector("input[type=checkbox]");
    row.addEventListener("input", (event) => {
      if (event.target !== tick && event.target.value) tick.checked = true;
    });
  }

  // How many take part in which way; what was changed stands out.
  const tally = document.querySelector("[data-tally]");
  const roster = document.querySelector("[data-roster]");
  const selects = [...document.querySelectorAll("select[data-status]")];
  const count = () => {
    const counts = new Map();
    for (const select of selects) {
      const label = select.selectedOptions[0].textContent;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      const seen = select.parentElement.querySelector("input[type=hidden]");
      select.classList.toggle("wb-changed", seen !== null && seen.value !== select.value);
      select.classList.toggle("wb-not-there", ["absent", "excused", "", "?"].includes(select.value));
    }
    const order = [...selects[0].options].map((option) => option.textContent);
    const sorted = [...counts].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
    tally.textContent = sorted.map(([label, number]) => `${label} ${number}`).join("  ");
  };
  for (const kind of ["change", "entered"]) roster?.addEventListener(kind, count);
  if (selects.length) count();
});
