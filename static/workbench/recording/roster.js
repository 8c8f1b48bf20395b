// A roster: finding people, setting many at once, undoing that, moving by keys. For every form with a branch's members.
//
// Markup: [data-roster] around tools (roster/tools.html) and rows (roster/row_data.html). Of a row:
//   data-own                      an answer of their own (signed in); so is what was chosen by hand on this page
//   select[data-status]           how they took part; data-usual is what stands before anybody answers
//   [data-dues], [data-paste-box] boxes that a list of payers, or of those who took part, ticks
//   data-closed, of such a field  nothing is expected there: what sets many at once leaves it alone
// Whatever sets many at once says whom it set and whom not, can be undone, and sends `entered` to the roster.
document.addEventListener("DOMContentLoaded", () => {
  const UNDECIDED = "?";
  const UNTIL_CHOSEN = "-";

  const useRoster = (roster) => {
    const rows = [...roster.querySelectorAll("[data-row]")];
    const rowOf = (field) => field.closest("[data-row]");
    const isClosed = (field) => field.dataset.closed !== undefined;
    const isShown = (field) => !rowOf(field).hidden;
    const statuses = [...roster.querySelectorAll("select[data-status]")];
    const open = statuses.filter((select) => !isClosed(select));
    const boxes = [...roster.querySelectorAll("[data-row] input[type=checkbox]")];
    const answered = new Set(
      statuses.filter((select) => rowOf(select).dataset.own !== undefined || select.value !== select.dataset.usual),
    );
    for (const select of statuses) if (select.value === UNDECIDED) answered.delete(select);

    // What was done at once, in words, and how it is undone.
    const said = roster.querySelector("[data-roster-said]");
    const undo = said.querySelector("[data-undo]");
    const say = (sentences, canBeUndone) => {
      said.querySelector("[data-said]").textContent = sentences.join("");
      undo.hidden = !canBeUndone;
      said.hidden = sentences.length === 0;
    };
    const word = (name, count, status = "") =>
      said.dataset[name].replace("{count}", count).replace("{status}", status);
    let before = [];

    const read = (field) => (field.type === "checkbox" ? field.checked : field.value);
    const write = (field, value) => {
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
    };
    const place = (name) => roster.closest("form").elements[name];
    const enter = () => roster.dispatchEvent(new Event("entered"));
    const act = (change) => {
      const fields = [...statuses, ...boxes, place("place"), place("host")].filter(Boolean);
      const stood = fields.map((field) => [field, read(field), answered.has(field)]);
      const sentences = change();
      enter();
      before = stood
        .filter(([field, value, was]) => read(field) !== value || answered.has(field) !== was)
        .map(([field, value, was]) => [field, value, was, read(field)]);
      say(sentences, before.length > 0);
    };
    undo.addEventListener("click", () => {
      let count = 0;
      for (const [field, value, was, made] of before) {
        // What was put otherwise since by hand is not undone.
        if (read(field) !== made) continue;
        if (rowOf(field) && read(field) !== value) count += 1;
        write(field, value);
        if (was) answered.add(field);
        else answered.delete(field);
      }
      before = [];
      enter();
      say([word("undone", count)], false);
    });
    roster.addEventListener("change", ({ target }) => {
      if (!target.matches("select[data-status]")) return;
      if (target.value === UNDECIDED) answered.delete(target);
      else answered.add(target);
    });

    const setMany = (isRest, value, label) => {
      const shown = open.filter(isShown);
      const chosen = isRest ? shown.filter((select) => !answered.has(select)) : shown;
      const hidden = open.length - shown.length;
      for (const select of chosen) {
        select.value = value;
        // Whoever was filtered out is set next: these are settled then. Without a filter it can be chosen anew.
        if (!isRest || hidden) answered.add(select);
      }
      const closed = rows.filter((row) => !row.hidden).length - shown.length;
      const sentences = [word(isRest ? "rest" : "all", chosen.length, label)];
      if (shown.length > chosen.length) sentences.push(word("own", shown.length - chosen.length));
      if (closed) sentences.push(word("closed", closed));
      if (hidden) sentences.push(word("hidden", hidden));
      return sentences;
    };
    for (const choice of roster.querySelectorAll("[data-set]")) {
      choice.addEventListener("change", () => {
        const { value } = choice;
        if (value === UNTIL_CHOSEN) return;
        const label = choice.selectedOptions[0].textContent;
        act(() => setMany(choice.dataset.set === "rest", value, label));
        choice.value = UNTIL_CHOSEN;
      });
    }

    for (const button of roster.querySelectorAll("[data-tick]")) {
      button.hidden = false;
      button.addEventListener("click", (event) => {
        event.preventDefault();
        const on = Boolean(button.dataset.tick);
        const chosen = boxes.filter((box) => box.matches(button.dataset.boxes) && isShown(box) && !isClosed(box) && box.checked !== on);
        act(() => {
          for (const box of chosen) box.checked = on;
          return [word(on ? "ticked" : "unticked", chosen.length)];
        });
      });
    }

    roster.querySelector("[data-as-last]")?.addEventListener("click", (event) => {
      event.preventDefault();
      const last = roster.querySelector("[data-last-said]");
      act(() => {
        for (const name of ["place", "host"]) {
          const input = place(name);
          if (input && !input.value) input.value = last.dataset[name] ?? "";
        }
        const copied = statuses.filter((select) => select.dataset.last);
        for (const select of copied) {
          select.value = select.dataset.last;
          if (select.value === UNDECIDED) answered.delete(select);
          else answered.add(select);
        }
        return [word("last", copied.filter((select) => select.value !== UNDECIDED).length)];
      });
      last.hidden = false;
    });

    roster.addEventListener("names-pasted", ({ detail: { ids, as, all } }) => {
      const listed = new Set(ids.map(String));
      const isListed = (field) => listed.has(rowOf(field).dataset.member);
      act(() => {
        const taken = window.fieldsOfList(roster, as).filter(isListed);
        for (const field of taken) {
          if (field.type === "checkbox") field.checked = true;
          else {
            field.value = as;
            answered.add(field);
          }
        }
        const sentences = [word("listed", taken.length)];
        // A list of those present leaves whoever gave no answer of their own absent; a name chosen by hand nobody else.
        const others = open.filter((select) => !isListed(select) && !answered.has(select));
        if (as === "attended" && all && listed.size && others.length) {
          for (const select of others) select.value = "absent";
          sentences.push(word("unlisted", others.length, others[0].selectedOptions[0].textContent));
        }
        return sentences;
      });
    });

    const focusOn = (row, name) => {
      const found = row?.querySelector(name ? `[name^="${name}"]` : "select[data-status], input[type=checkbox]");
      found?.focus();
      return Boolean(found);
    };
    const nextTo = (row, step, name) => {
      const shown = rows.filter((each) => !each.hidden || each === row);
      for (let at = shown.indexOf(row) + step; shown[at]; at += step) if (focusOn(shown[at], name)) return;
    };
    const choose = (select, value) => {
      if (value === undefined || value === select.value) return;
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const walk = (select, step) => {
      const offered = [...select.options].filter((option) => !option.hidden).map((option) => option.value);
      choose(select, offered[Math.min(Math.max(offered.indexOf(select.value) + step, 0), offered.length - 1)]);
    };
    roster.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (target.matches("[data-find]") && (key === "Enter" || key === "ArrowDown")) {
        focusOn(rows.find((row) => !row.hidden && row.querySelector("select[data-status], input[type=checkbox]")));
        event.preventDefault();
        return;
      }
      if (!rowOf(target) || !(target.matches("select[data-status]") || target.type === "checkbox")) return;
      const name = target.name.replace(/\d+$/, "");
      const isSelect = target.matches("select");
      const moves = {
        ArrowDown: () => nextTo(rowOf(target), 1, name),
        ArrowUp: () => nextTo(rowOf(target), -1, name),
        Enter: () => nextTo(rowOf(target), 1, name),
        ...(isSelect && {
          ArrowRight: () => walk(target, 1),
          ArrowLeft: () => walk(target, -1),
          " ": () => choose(target, target.value === "attended" ? "absent" : "attended"),
        }),
      };
      if (!moves[key]) return;
      moves[key]();
      event.preventDefault();
    });
  };

  for (const roster of document.querySelectorAll("[data-roster]")) useRoster(roster);
});
