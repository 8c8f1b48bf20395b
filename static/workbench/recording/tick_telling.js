// Telling in a tick sheet: in a line below it what a cell means, above it what became of a save, cell by cell.
//
// ticks.js, which is loaded after this, hands in its words and how a cell is called.

window.tellInTickSheet = ({ config, part, fill, nameOf }) => {
  const { words } = config;
  const MOST_NAMED = 20;
  let explained = null; // the cell of which the line below tells

  function say(text) {
    explained = null;
    part("says").textContent = text;
  }

  /** Say above the sheet what became of a save, naming cells with what is to be known of each. */
  function tell(text, cells = [], { batch = "", isDone = false } = {}) {
    const box = part("told");
    box.hidden = !text;
    box.classList.toggle("done", isDone);
    box.replaceChildren(text);
    if (batch) {
      const link = document.createElement("a");
      link.href = batch;
      link.textContent = words.batch;
      box.append(" ", link);
    }
    if (cells.length) {
      const list = document.createElement("ul");
      for (const [cell, explanation] of cells.slice(0, MOST_NAMED)) {
        const line = document.createElement("li");
        line.textContent = [cell ? nameOf(cell) : "—", explanation].filter(Boolean).join("：");
        list.append(line);
      }
      if (cells.length > MOST_NAMED) {
        const line = document.createElement("li");
        line.textContent = fill(words.more, { n: cells.length - MOST_NAMED });
        list.append(line);
      }
      box.append(list);
    }
    if (text && cells.length) box.scrollIntoView({ block: "nearest" });
  }

  function explain(cell) {
    const first = cell.wanted === null ? "" : cell.wanted ? words.willTick : words.willUntick;
    const isPlain = cell.wanted && ![words.clearsArrears, words.isLate].includes(cell.explanation);
    say(`${nameOf(cell)}：${first}${isPlain ? "" : cell.explanation}`);
    explained = cell;
    if (!cell.meeting || !config.meetingUrl) return;
    const link = document.createElement("a");
    link.href = config.meetingUrl.replace("/0/", `/${cell.meeting}/`);
    link.textContent = words.meeting;
    part("says").append(" ", link);
  }

  /** A save, or somebody else, has changed what the line below says of its cell. */
  function explainAgain() {
    if (explained) explain(explained);
  }

  return { say, tell, explain, explainAgain };
};
