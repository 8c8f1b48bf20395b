// As last time: who was there and what repeats; whoever was anything else is to be chosen anew.
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-as-last]");
  const said = document.querySelector("[data-last-said]");
  if (!button || !said) return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    for (const name of ["place", "host"]) {
      const input = button.form.elements[name];
      if (input && !input.value) input.value = said.dataset[name] ?? "";
    }
    for (const select of button.form.querySelectorAll("select[data-last]")) {
      if (!select.dataset.last) continue;
      select.value = select.dataset.last;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    said.hidden = false;
  });
});
