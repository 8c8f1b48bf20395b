// This month: where and who matters once something was held, and how many dues are ticked.
document.addEventListener("DOMContentLoaded", () => {
  const month = document.querySelector("[data-month]");
  if (!month) return;
  const dues = [...month.querySelectorAll("[data-dues]")];
  const statuses = [...month.querySelectorAll("[data-status]")];
  const count = month.querySelector("[data-count-dues]");
  const kinds = [...month.querySelectorAll("[data-kinds] input[type=checkbox]")];
  const ofMeeting = [...month.querySelectorAll("[data-of-meeting]")];

  const refresh = () => {
    const isHeld =
      kinds.some((box) => box.checked) ||
      statuses.some((select) => select.value !== select.dataset.usual) ||
      ofMeeting.some((part) => part.querySelector(".wb-error"));
    for (const part of ofMeeting) part.hidden = !isHeld;
    const ticked = dues.filter((box) => box.checked).length;
    if (count) count.textContent = ticked ? `+ ${ticked}` : "";
    for (const select of statuses) {
      select.classList.toggle("changed", select.value !== "attended");
    }
  };
  for (const kind of ["change", "entered"]) month.addEventListener(kind, refresh);
  refresh();
});
