// Paste a list (粘贴名单): reads the names out of a list copied from a chat, for any page with members to tick.
//
// Markup: an element with data-paste, data-url (the address that reads names, workbench:names) and
// data-branch, inside a form that holds the CSRF token. Within it:
//   [data-paste-text]    the textarea
//   [data-paste-as]      optional select: what the list says; its value is sent as "as" and handed on as `as`
//   [data-paste-read]    the button; without JavaScript it submits the form and the page comes back with ticks
//   [data-paste-result]  where the result is shown; data-take, data-line and data-failed carry its words
//
// The element dispatches `names-pasted`, bubbling, with detail {ids, names, as, all}: the members of exact names (all
// true), or one whom the person chose for a line in doubt (all false). A page that has more to do than tick listens to
// it and calls preventDefault(); otherwise the boxes `[data-paste-box="<member id>"]` of the form, or those named by
// data-boxes="<selector with {id}>", are ticked and a `change` event follows. Nothing is ever guessed here: the server
// matches exact names only, and the rest is listed with buttons for whoever the line may mean.
(() => {
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const announce = (root, ids, names, all) => {
    const as = root.querySelector("[data-paste-as]")?.value ?? "";
    const event = new CustomEvent("names-pasted", {
      bubbles: true,
      cancelable: true,
      detail: { ids, names, as, all },
    });
    if (!root.dispatchEvent(event)) return;
    const pattern = root.dataset.boxes || '[data-paste-box="{id}"]';
    for (const id of ids) {
      for (const box of root.closest("form").querySelectorAll(pattern.replace("{id}", id))) {
        if (box.disabled || box.checked) continue;
        box.checked = true;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  };

  const show = (root, place, answer) => {
    place.replaceChildren(element("p", answer.summary));
    const list = element("ul", "", "wb-lines");
    for (const row of answer.left) {
      const line = element("li");
      line.append(element("b", row.words), element("span", row.why));
      for (const one of row.candidates) {
        const button = element("button", `${place.dataset.take} ${one.name}`, "wb-button");
        button.type = "button";
        button.addEventListener("click", () => {
          announce(root, [one.id], [one.name], false);
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

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll("[data-paste]")) {
      const text = root.querySelector("[data-paste-text]");
      const place = root.querySelector("[data-paste-result]");
      const button = root.querySelector("[data-paste-read]");
      button.addEventListener("click", async (event) => {
        event.preventDefault();
        const token = root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
        const as = root.querySelector("[data-paste-as]")?.value ?? "";
        button.disabled = true;
        try {
          const response = await fetch(root.dataset.url, {
            method: "POST",
            headers: { "X-CSRFToken": token },
            body: new URLSearchParams({ branch: root.dataset.branch, text: text.value, as }),
          });
          const answer = await response.json();
          if (answer.error) {
            place.replaceChildren(element("p", answer.error, "wb-error"));
          } else {
            show(root, place, answer);
            const ids = answer.found.map((entry) => entry.id);
            announce(root, ids, answer.found.map((entry) => entry.name), true);
          }
        } catch {
          place.replaceChildren(element("p", place.dataset.failed, "wb-error"));
        }
        button.disabled = false;
      });
    }
  });
})();
