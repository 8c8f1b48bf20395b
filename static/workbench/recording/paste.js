// Paste a list (粘贴名单): reads the names out of a list copied from a chat, for a roster (roster.js).
//
// Markup: an element with data-paste, data-url (the address that reads names, workbench:names), data-branch and, where
// the form is about another day than today, data-day; inside a roster, or a picker (workbench.js), and a form that holds
// the CSRF token. Within it:
//   [data-paste-text]    the textarea
//   [data-paste-as]      optional select: what the list says; its value is sent as "as" and handed on as `as`
//   [data-paste-read]    the button; without JavaScript it submits the form and the page comes back with ticks
//   [data-paste-result]  where the result is shown; data-take, data-line and data-failed carry its words
//
// The element dispatches `names-pasted`, bubbling, with detail {ids, as, all}: the members of exact names (all true), or
// one whom the person chose for a line in doubt (all false). Nothing is ever guessed here: the server matches exact names
// only, the rest is listed with buttons for whoever the line may mean, and it says who is missing and who cannot be set.
(() => {
  // What a list that says this can mark: the boxes of dues, or how people took part, or the boxes of an activity.
  window.fieldsOfList = (roster, as) => {
    const wanted = as === "dues" ? "[data-dues]" : "[data-status], [data-paste-box]";
    return [...roster.querySelectorAll(wanted)].filter((field) => field.dataset.closed === undefined);
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const announce = (root, ids, as, all) =>
    root.dispatchEvent(new CustomEvent("names-pasted", { bubbles: true, detail: { ids, as, all } }));

  const show = (root, place, answer, as) => {
    place.replaceChildren(element("p", answer.summary));
    if (answer.unset) place.append(element("p", answer.unset, "wb-paste-unset"));
    if (answer.missing) {
      const missing = element("details");
      missing.open = answer.is_whole;
      missing.append(element("summary", answer.missing), element("p", answer.missing_names));
      place.append(missing);
    }
    const list = element("ul", "", "wb-lines");
    for (const row of answer.left) {
      const line = element("li");
      line.append(element("b", row.words), element("span", row.why));
      for (const one of row.candidates) {
        const button = element("button", `${place.dataset.take} ${one.name}`, "wb-button");
        button.type = "button";
        button.addEventListener("click", () => {
          announce(root, [one.id], as, false);
          line.classList.add("wb-settled");
          for (const other of line.querySelectorAll("button")) other.disabled = true;
        });
        line.append(button);
      }
      line.append(element("small", `${place.dataset.line} ${row.line}：${row.text}`));
      list.append(line);
    }
    if (answer.left.length) place.append(list);
  };

  const ask = async (root, text, as) => {
    const body = new URLSearchParams({ branch: root.dataset.branch, day: root.dataset.day ?? "", text, as });
    const roster = root.closest("[data-roster]");
    if (roster) {
      const settable = new Set(window.fieldsOfList(roster, as).map((field) => field.closest("[data-row]")));
      for (const row of roster.querySelectorAll("[data-row]")) {
        if (!settable.has(row)) body.append("closed", row.dataset.member);
      }
    } else {
      for (const box of root.closest("[data-picker]").querySelectorAll("[data-words] input")) body.append("among", box.value);
    }
    const token = root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
    const response = await fetch(root.dataset.url, { method: "POST", headers: { "X-CSRFToken": token }, body });
    return response.json();
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll("[data-paste]")) {
      const text = root.querySelector("[data-paste-text]");
      const place = root.querySelector("[data-paste-result]");
      const button = root.querySelector("[data-paste-read]");
      button.addEventListener("click", async (event) => {
        event.preventDefault();
        const as = root.querySelector("[data-paste-as]")?.value ?? "";
        button.disabled = true;
        try {
          const answer = await ask(root, text.value, as);
          if (answer.error) {
            place.replaceChildren(element("p", answer.error, "wb-error"));
          } else {
            show(root, place, answer, as);
            announce(root, answer.found.map((entry) => entry.id), as, true);
          }
        } catch {
          place.replaceChildren(element("p", place.dataset.failed, "wb-error"));
        }
        button.disabled = false;
      });
    }
  });
})();
