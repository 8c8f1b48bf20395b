// What was entered is not lost by a slip of the hand: leaving a page with a form that was filled in asks first, on every
// page. A form with [data-draft] is long: what is entered there is kept in the browser too, until it is saved.
//
//   form[data-unsaved]    shows what was sent and not saved (refused, or looked at first): it is unsaved as it stands
//   form[data-unguarded]  is left without a question: what one gives there is no work (a password, the choice of a file)
//   form[data-draft]      whose it is and what it is about; [data-draft-bar] says what came back.
//                         No name is kept, no file, and no box [data-anew]: a statement is given anew
// A script that enters sends `entered`. What only helps to fill in (a list to be read) has no name, or [data-paste-text].

(() => {
  const KEPT_DAYS = 7;
  const SAVED = "saved_form";
  const PREFIX = "draft:";

  /** The fields of a form that hold what somebody enters. */
  const fieldsOf = (form) =>
    [...form.elements].filter(
      (field) =>
        field.name &&
        field.matches("input, select, textarea") &&
        !field.matches("[type=hidden], [type=submit], [type=button], [type=password]") &&
        !field.closest("[data-paste-text], [data-paste-as]"),
    );
  const labelOf = (field) => field.getAttribute("aria-label") ?? field.labels?.[0]?.textContent.trim() ?? field.name;
  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  const read = (field) => (isBox(field) ? field.checked : field.value);
  /** What the page came with. */
  const readDefault = (field) => {
    if (isBox(field)) return field.defaultChecked;
    if (field.type === "file") return "";
    if (!field.matches("select")) return field.defaultValue;
    const options = [...field.options];
    return (options.find((option) => option.defaultSelected) ?? options.find((option) => !option.disabled))?.value ?? "";
  };
  const isChanged = (field) => read(field) !== readDefault(field);

  // The browser's own store may be full or forbidden: then there is the question before leaving, and no draft.
  const keep = (place, draft) => {
    try {
      if (draft) localStorage.setItem(place, JSON.stringify(draft));
      else localStorage.removeItem(place);
    } catch {
      return;
    }
  };
  const recall = (place) => {
    try {
      return JSON.parse(localStorage.getItem(place));
    } catch {
      return null;
    }
  };
  const places = () => {
    try {
      return Object.keys(localStorage).filter((place) => place.startsWith(PREFIX));
    } catch {
      return [];
    }
  };

  /** Let go of what the site says is saved, and of what is old. */
  const clear = () => {
    const saved = document.cookie.split("; ").find((each) => each.startsWith(`${SAVED}=`));
    const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
    for (const place of places()) {
      const draft = recall(place);
      if (!draft || draft.at < oldest || (saved && draft.token === saved.slice(SAVED.length + 1))) keep(place, null);
    }
  };

  /** Keep what is entered into a form, and put back what was entered before and not saved. */
  const useDraft = (form) => {
    const place = PREFIX + form.dataset.draft;
    const nameOf = (field) => (isBox(field) ? `${field.name}=${field.value}` : field.name);
    const fields = fieldsOf(form).filter((field) => field.type !== "file" && !field.matches("[data-anew]"));
    const stood = new Map(fields.map((field) => [nameOf(field), readDefault(field)]));
    const before = recall(place);

    if (before && form.dataset.unsaved !== undefined) {
      for (const [name, was] of before.fields) if (stood.has(name)) stood.set(name, was);
    } else if (before) {
      const byName = new Map(fields.map((field) => [nameOf(field), field]));
      let count = 0;
      const lost = [];
      for (const [name, was, is] of before.fields) {
        const field = byName.get(name);
        if (field && read(field) === is) continue;
        // A day that the form proposes is another one tomorrow; what others changed meanwhile stays theirs.
        if (field && !field.disabled && (field.type === "date" || readDefault(field) === was)) {
          if (isBox(field)) field.checked = is;
          else field.value = is;
          count += 1;
        } else lost.push(field ? labelOf(field) : "");
      }
      if (count + lost.length) {
        const bar = form.querySelector("[data-draft-bar]");
        const when = new Date(before.at);
        const two = (number) => String(number).padStart(2, "0");
        const say = (name, text) => {
          const part = bar.querySelector(name);
          part.textContent = part.dataset.text.replace(/\{(\w+)\}/g, (_all, key) => text[key]);
          part.hidden = false;
        };
        const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
        say("[data-draft-restored]", { count, when: `${day} ${two(when.getHours())}:${two(when.getMinutes())}` });
        if (lost.length) say("[data-draft-lost]", { count: lost.length, names: lost.filter(Boolean).slice(0, 10).join("、") });
        bar.hidden = false;
      } else keep(place, null);
    }

    const note = () => {
      const changed = fields.filter((field) => read(field) !== stood.get(nameOf(field)));
      const days = fields.filter((field) => field.type === "date" && !changed.includes(field));
      const token = form.elements.namedItem("token")?.value;
      const packed = [...changed, ...days].map((field) => [nameOf(field), stood.get(nameOf(field)), read(field)]);
      keep(place, changed.length ? { at: Date.now(), token, fields: packed } : null);
    };
    // What came back is saved under the token of this page.
    if (before) note();
    let waiting = 0;
    return {
      note: () => {
        window.clearTimeout(waiting);
        waiting = window.setTimeout(note, 300);
      },
      drop: () => {
        window.clearTimeout(waiting);
        keep(place, null);
      },
      wasRestored: Boolean(form.querySelector("[data-draft-bar]:not([hidden])")),
    };
  };

  const guard = (form) => {
    const draft = form.dataset.draft === undefined ? null : useDraft(form);
    const isSent = form.dataset.unsaved !== undefined;
    let touched = isSent || Boolean(draft?.wasRestored);
    let isLeft = false;
    const note = () => {
      touched = true;
      draft?.note();
    };
    for (const kind of ["input", "change", "entered"]) form.addEventListener(kind, note, { capture: true });
    form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
      isLeft = true;
      draft.drop();
      location.replace(location.href);
    });
    return {
      form,
      isUnsaved: () => !isLeft && touched && (isSent || fieldsOf(form).some(isChanged)),
    };
  };

  document.addEventListener("DOMContentLoaded", () => {
    clear();
    const forms = [...document.querySelectorAll("form[method=post]:not([data-unguarded])")].map(guard);
    let sending = null;
    // What is sent is not left; a file that comes instead of a page leaves the form where it is, and unsaved as before.
    window.addEventListener("submit", (event) => {
      sending = event.defaultPrevented ? null : event.target;
    });
    window.addEventListener("beforeunload", (event) => {
      const left = forms.filter(({ form, isUnsaved }) => form !== sending && isUnsaved());
      sending = null;
      if (left.length) event.preventDefault();
    });
    // Asked by `session_end.js` before it empties the page.
    window.addEventListener("leaving", (event) => {
      if (forms.some(({ isUnsaved }) => isUnsaved())) event.preventDefault();
    });
    for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
      form.addEventListener("submit", () => {
        for (const place of places()) keep(place, null);
      });
    }
  });
})();
