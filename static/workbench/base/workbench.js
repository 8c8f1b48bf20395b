// Small helps for the workbench's pages; every page works without them.

document.addEventListener("DOMContentLoaded", () => {
  // Once all is loaded, unfold would write a chosen file's name into the form's first text field, unless the file field
  // says that it is listened to: here that would be a meeting's place. Every file field says so.
  for (const field of document.querySelectorAll("input[type=file]")) field.hasChangeListener = true;

  for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  // Ctrl+K leads to the search from everywhere, or into its field where one is there already.
  document.addEventListener("keydown", (event) => {
    const link = document.querySelector("#wb-search");
    if (!link || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    const field = document.querySelector("[role=search] input[name=q]");
    if (field) field.select();
    else window.location.assign(link.href);
  });

  // A grade is asked for only where the chosen item has grades, and only of its own: another's would be refused.
  for (const grade of document.querySelectorAll("form select[name=grade]")) {
    const item = grade.form.elements.namedItem("item"); // `elements.item` is the collection's own
    const groups = [...grade.querySelectorAll("optgroup")];
    const offer = () => {
      for (const group of groups) {
        const isOwn = [...group.children].some((each) => each.value.startsWith(`${item.value}:`));
        group.hidden = !isOwn;
        group.disabled = !isOwn;
      }
      if (grade.selectedOptions[0]?.parentElement.disabled) grade.value = "";
      grade.closest(".wb-field").hidden = groups.every((group) => group.hidden);
    };
    item.addEventListener("change", offer);
    offer();
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

  // A list of people: who is looked for by name, pinyin or party group shows, the others do not.
  for (const list of document.querySelectorAll("[data-people]")) {
    const people = [...list.querySelectorAll("[data-words]")];
    const find = list.querySelector("[data-find]");
    const group = list.querySelector("select[data-group]");
    const look = () => {
      const wanted = find.value.trim().toLowerCase();
      for (const person of people) {
        const isNamed = person.dataset.words.toLowerCase().includes(wanted);
        person.hidden = !isNamed || Boolean(group?.value && person.dataset.group !== group.value);
      }
    };
    for (const part of list.querySelectorAll("[data-needs-script]")) part.hidden = false;
    if (group?.dataset.fills !== undefined) {
      const groups = new Set(people.map((person) => person.dataset.group).filter(Boolean));
      for (const name of groups) group.add(new Option(name));
      group.closest("label").hidden = groups.size < 2;
    }
    group?.addEventListener("change", look);
    find.addEventListener("input", look);
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  for (const picker of document.querySelectorAll("[data-picker]")) {
    const labels = [...picker.querySelectorAll("label[data-words]")];
    const boxes = labels.map((label) => label.querySelector("input"));
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
    picker.querySelector("[data-all]")?.addEventListener("click", () => tick(true));
    picker.querySelector("[data-none]")?.addEventListener("click", () => tick(false));
    picker.addEventListener("change", show);
    picker.addEventListener("names-pasted", ({ detail: { ids } }) => {
      const listed = new Set(ids.map(String));
      for (const box of boxes) if (listed.has(box.value)) box.checked = true;
      show();
    });
    show();
  }
});
