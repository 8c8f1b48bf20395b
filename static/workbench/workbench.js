// Small helps for the workbench's pages; every page works without them.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  // A second click on a form that is being sent does nothing; its token would make it one batch anyway.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      window.setTimeout(() => {
        for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
      });
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      for (const form of document.querySelectorAll("form[data-once]")) {
        delete form.dataset.sent;
        for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = false;
      }
    }
  });

  for (const picker of document.querySelectorAll("[data-picker]")) {
    const labels = [...picker.querySelectorAll("label[data-words]")];
    const boxes = labels.map((label) => label.querySelector("input"));
    const find = picker.querySelector("[data-find]");
    const count = picker.querySelector("[data-count]");
    const show = () => {
      count.textContent = `${boxes.filter((box) => box.checked).length} / ${boxes.length}`;
    };
    const tick = (on) => {
      for (const [index, label] of labels.entries()) {
        if (!label.hidden || !on) boxes[index].checked = on;
      }
      show();
    };
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const label of labels) {
        label.hidden = !label.dataset.words.toLowerCase().split(" ").some((word) => word.includes(wanted));
      }
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    picker.querySelector("[data-all]")?.addEventListener("click", () => tick(true));
    picker.querySelector("[data-none]")?.addEventListener("click", () => tick(false));
    picker.addEventListener("change", show);
    show();
  }
});
