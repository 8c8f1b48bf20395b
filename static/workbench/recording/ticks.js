// The tick sheet: ticking with mouse, finger and keys; saving what changed, of which nothing is lost or written twice.
//
// A cell's `event` is the record the server last said stands in it (its uuid, "" for none); `wanted` is what the user
// wants instead, or null. What is wanted is also kept in the browser's storage until the server has answered: only
// cells' keys, no names. A save has a token: sent again with it after a failure, the server writes it once.

const table = document.getElementById("ticks");
const config = JSON.parse(document.getElementById("tick-config").textContent);
const { words, periods } = config;
const part = (name) => document.getElementById(`tick-${name}`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const PATIENCE = 30000; // milliseconds until a save counts as unanswered
const PAUSE = 4000; // milliseconds between two tries to reach a server that is gone

// The sheet

const [rows, columns] = [[], []];
const cellOf = new Map(); // by element
const cellAt = new Map(); // by "member period"
const keyOf = (member, period) => `${member} ${period}`;

function readTable() {
  const bodyRows = table.tBodies[0].rows;
  for (const [index, [id, name, letters, group, cells]] of config.rows.entries()) {
    const line = bodyRows[index];
    const row = { id, name, letters, group, line, index, button: line.querySelector("button"), cells: [] };
    row.count = line.querySelector("small");
    for (const [column, [state, event, explanation, mark, style, meeting]] of cells.entries()) {
      const element = line.cells[column + 1];
      const cell = { element, row, column, state, event, explanation: config.explanations[explanation], mark, style, meeting, wanted: null };
      row.cells.push(cell);
      cellOf.set(cell.element, cell);
      cellAt.set(keyOf(id, periods[column][0]), cell);
    }
    rows.push(row);
  }
  for (const [index, [period, name]] of periods.entries()) {
    const head = table.tHead.rows[0].cells[index + 1];
    columns.push({ period, name, index, button: head.querySelector("button"), count: head.querySelector("small") });
  }
}

const isFree = (cell) => config.editable && (cell.state === "empty" || cell.state === "ticked");
const isTicked = (cell) => cell.wanted ?? cell.event !== "";
const isExpected = (cell) => cell.event !== "" || (cell.state !== "outside" && cell.state !== "future");
const nameOf = (cell) => `${cell.row.name} ${columns[cell.column].name}`;
const { say, tell, explain, explainAgain } = window.tellInTickSheet({ config, part, fill, nameOf });

function paint(cell) {
  const { element } = cell;
  const changed = cell.wanted === null ? "" : cell.wanted ? " changed" : " changed back";
  element.className = cell.wanted ? `ticked${changed}` : cell.style + changed;
  element.textContent = cell.wanted === null ? cell.mark : "√";
  if (isFree(cell)) element.setAttribute("aria-selected", String(isTicked(cell)));
  else element.removeAttribute("aria-selected");
}

function recount() {
  const ofColumn = columns.map(() => [0, 0]);
  for (const row of rows) {
    let ticked = 0;
    let expected = 0;
    for (const cell of row.cells) {
      if (isTicked(cell)) {
        ticked += 1;
        ofColumn[cell.column][0] += 1;
      }
      if (isExpected(cell)) {
        expected += 1;
        ofColumn[cell.column][1] += 1;
      }
    }
    write(row.count, show(ticked, expected));
  }
  for (const column of columns) write(column.count, show(...ofColumn[column.index]));
}

/** How many of how many; nothing where nothing is expected, as in a month to come. */
function show(ticked, expected) {
  return expected ? `${ticked}/${expected}` : "";
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// What is wanted

const pending = new Set();
const past = []; // what can be undone: lists of [cell, whether it was ticked]
let sending = null; // the save under way or unanswered: {token, changes}
let busy = false;

/** Want a cell ticked or not; wanting what stands is wanting nothing. */
function want(cell, ticked) {
  cell.wanted = ticked === (cell.event !== "") ? null : ticked;
  if (cell.wanted === null) pending.delete(cell);
  else pending.add(cell);
  paint(cell);
}

/** Want several cells at once; one step to undo. */
function change(cells, ticked) {
  past.push(cells.map((cell) => [cell, isTicked(cell)]));
  for (const cell of cells) want(cell, ticked);
  afterChange();
}

function afterChange() {
  if (!pending.size && !busy) sending = null;
  recount();
  keep();
  showBar();
}

function undo() {
  const step = past.pop();
  if (!step) return;
  for (const [cell, ticked] of step) if (isFree(cell)) want(cell, ticked);
  afterChange();
  say(fill(words.undone, { n: step.length }));
}

function discard() {
  const cells = [...pending];
  past.push(cells.map((cell) => [cell, isTicked(cell)]));
  for (const cell of cells) want(cell, cell.event !== "");
  sending = null;
  afterChange();
  tell("");
  say(fill(words.discarded, { n: cells.length }));
}

function toggle(cell) {
  if (isFree(cell)) change([cell], !isTicked(cell));
  explain(cell);
}

/** A column or row: tick what is free and shown; once all is ticked, take back the ticks that are not saved. */
function toggleAll(cells) {
  const free = cells.filter((cell) => isFree(cell) && !cell.row.line.hidden);
  const blank = free.filter((cell) => !isTicked(cell));
  const unsaved = free.filter((cell) => cell.wanted === true);
  if (blank.length) change(blank, true);
  else if (unsaved.length) change(unsaved, false);
  else say(free.length ? words.allTicked : words.noneFree);
}

// Keeping unsaved changes in the browser

const place = `ticks:${config.user}:${config.branch}:${config.item}:${config.year}`;
const pack = (cell) => [cell.row.id, columns[cell.column].period, cell.wanted ? 1 : 0, cell.event];

function keep() {
  try {
    if (pending.size || sending) localStorage.setItem(place, JSON.stringify({ changes: [...pending].map(pack), sending }));
    else localStorage.removeItem(place);
  } catch {
    say(words.notKept);
  }
}

/** Bring back what was kept; what others changed meanwhile, or can no longer be changed, is told and left as it is. */
function restore() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(place));
  } catch {
    return;
  }
  if (!kept) return;
  const lost = [];
  let saved = 0;
  for (const [member, period, ticked, seen] of kept.changes) {
    const cell = cellAt.get(keyOf(member, period));
    if (!cell) continue;
    if ((cell.event !== "") === Boolean(ticked)) saved += 1;
    else if (cell.event !== seen) lost.push([cell, words.changedMeanwhile]);
    else if (!isFree(cell)) lost.push([cell, cell.explanation]);
    else want(cell, Boolean(ticked));
  }
  const sent = new Set((kept.sending?.changes ?? []).map(([member, period]) => keyOf(member, period)));
  if ([...pending].some((cell) => sent.has(keyOf(cell.row.id, columns[cell.column].period)))) sending = kept.sending;
  const unsaved = pending.size + lost.length;
  if (kept.sending && !unsaved) tell(fill(words.savedAll, { n: saved }), [], { isDone: true });
  else if (kept.sending) tell(fill(words.restoredSome, { n: saved, m: unsaved }), lost);
  else if (unsaved) tell(fill(words.restored, { n: pending.size }), lost);
  afterChange();
}

// Saving

async function save() {
  if (busy || !(pending.size || sending)) return;
  sending ??= { token: window.makeToken(), changes: [...pending].map(pack) };
  busy = true;
  keep();
  showBar();
  try {
    await send();
  } finally {
    busy = false;
    afterChange();
  }
}

async function send() {
  let response;
  let answer = null;
  try {
    response = await fetch(config.saveUrl, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Content-Type": "application/json", "X-CSRFToken": window.readCookie(config.csrfCookie) },
      body: JSON.stringify({
        ...sending,
        user: config.user,
        item: config.item,
        year: config.year,
        reason: part("reason").value,
        note: part("note").value,
      }),
    });
    if (response.status >= 500) throw new Error(response.statusText);
    // An answer that says yes and breaks off is no refusal: what it began to say has been done.
    answer = response.ok ? await response.json() : await response.json().catch(() => null);
  } catch {
    return lookAgain();
  }
  if (response.ok) settle(answer);
  else {
    // Refused before anything was written: the changes stay, under a new token.
    sending = null;
    tell(answer?.error ? fill(words.refused, { why: answer.error }) : words.loggedOut);
  }
}

/** Take over the server's answer, cell by cell. */
function settle(answer) {
  const sent = new Map(sending.changes.map(([member, period, ticked]) => [keyOf(member, period), Boolean(ticked)]));
  const desired = new Map();
  for (const [member, period, state, event, explanation, mark, style, meeting] of answer.cells) {
    const cell = cellAt.get(keyOf(member, period));
    if (!cell) continue;
    desired.set(cell, isTicked(cell));
    Object.assign(cell, { state, event, explanation, mark, style, meeting });
  }
  for (const [cell, ticked] of desired) {
    const key = keyOf(cell.row.id, columns[cell.column].period);
    // What was wanted of it since the save began is still wanted; what was sent is settled, whatever came of it.
    want(cell, ticked === sent.get(key) || !isFree(cell) ? cell.event !== "" : ticked);
  }
  sending = null;
  past.length = 0;
  part("note").value = "";
  const left = answer.results.filter(([, , outcome]) => outcome === "conflict" || outcome === "refused");
  const same = answer.results.filter(([, , outcome]) => outcome === "already").length;
  const done = answer.results.length - left.length - same;
  const troubles = left.map(([member, period, , explanation]) => [cellAt.get(keyOf(member, period)), explanation]);
  const parts = [
    done ? fill(words.saved, { n: done }) : "",
    same ? fill(words.already, { n: same }) : "",
    left.length ? fill(words.notSaved, { m: left.length }) : "",
  ];
  tell(parts.join(""), troubles, { batch: done ? answer.batch : "", isDone: !left.length });
  explainAgain();
}

/** Take over what stands in the cells: which others changed, and of which of them something else was wanted. */
function takeOver(cells) {
  const [changed, lost] = [[], []];
  for (const [member, period, state, event, explanation, mark, style, meeting] of cells) {
    const cell = cellAt.get(keyOf(member, period));
    if (!cell) continue;
    const isOthers = event !== cell.event && (event !== "") !== cell.wanted;
    const ticked = cell.wanted === null || isOthers ? event !== "" : cell.wanted;
    if (isOthers) (cell.wanted === null ? changed : lost).push([cell, words.changedMeanwhile]);
    Object.assign(cell, { state, event, explanation, mark, style, meeting });
    want(cell, ticked);
  }
  explainAgain();
  return { changed, lost };
}

let looking = false;

/** Whoever comes back to the sheet sees what others ticked or voided meanwhile; what is wanted besides stays wanted. */
async function lookAfterOthers() {
  if (looking || busy || sending) return;
  looking = true;
  try {
    const response = await fetch(config.cellsUrl, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    const { cells } = response.ok ? await response.json() : { cells: [] };
    if (busy || sending) return;
    const { changed, lost } = takeOver(cells);
    if (!changed.length && !lost.length) return;
    past.length = 0;
    tell(fill(words.others, { n: changed.length + lost.length }), [...lost, ...changed]);
    afterChange();
  } catch {
    // A server that is gone is told where something is to be saved.
  } finally {
    looking = false;
  }
}

/** No answer came: ask what stands, again until the server is back, and say which changes are saved and which not. */
async function lookAgain(isRepeated = false) {
  const asked = sending;
  const changes = asked.changes.map(([member, period, ticked]) => [cellAt.get(keyOf(member, period)), Boolean(ticked)]);
  const isOver = () => sending !== asked || (isRepeated && busy);
  if (!isRepeated) tell(words.checking);
  let cells;
  try {
    const response = await fetch(config.cellsUrl, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(response.statusText);
    ({ cells } = await response.json());
  } catch {
    if (isOver()) return;
    if (!isRepeated) tell(fill(words.offline, { n: changes.length }), changes.map(([cell]) => [cell, ""]));
    window.setTimeout(() => isOver() || busy || lookAgain(true), PAUSE);
    return;
  }
  if (isOver()) return;
  const { lost } = takeOver(cells);
  const missing = changes.filter(([cell, ticked]) => (cell.event !== "") !== ticked);
  const saved = changes.length - missing.length;
  if (!missing.length) {
    sending = null;
    past.length = 0;
    tell(fill(words.savedAll, { n: saved }), lost, { isDone: !lost.length });
    afterChange();
    return;
  }
  const told = new Set(lost.map(([cell]) => cell));
  const rest = missing.filter(([cell]) => !told.has(cell)).map(([cell]) => [cell, ""]);
  tell(fill(words.savedSome, { n: saved, m: missing.length }), [...lost, ...rest]);
  afterChange();
}

// The bar

function showBar() {
  if (!config.editable) return;
  const backs = [...pending].filter((cell) => !cell.wanted).length;
  const count = part("count");
  const unsaved = pending.size || sending?.changes.length || 0;
  if (busy) write(count, fill(words.saving, { n: unsaved }));
  else if (!unsaved) write(count, words.nothing);
  else write(count, fill(backs ? words.unsavedBoth : words.unsaved, { n: unsaved, u: backs }));
  count.classList.toggle("unsaved", unsaved > 0);
  part("why").hidden = !backs;
  part("save").disabled = busy || !unsaved;
  write(part("save"), sending && !busy ? words.retry : words.save);
  part("undo").disabled = busy || !past.length;
  part("discard").disabled = busy || !unsaved;
}

// Finding

function find() {
  const text = part("find").value.trim().toLowerCase();
  const group = part("group")?.value ?? "";
  let shown = 0;
  for (const row of rows) {
    const named = !text || row.name.toLowerCase().includes(text) || row.letters.split(" ").some((each) => each.startsWith(text));
    row.line.hidden = !named || (group !== "" && row.group !== group);
    if (!row.line.hidden) shown += 1;
  }
  write(part("shown"), text || group ? fill(words.shown, { n: shown, m: rows.length }) : "");
  if (focus.row.line?.hidden) focusOn(rows.find((row) => !row.line.hidden)?.cells[focus.column]?.element, false);
}

// Keys

const { HEADING, focus, focusOn, onKey } = window.moveInTickSheet({ rows, columns, cellOf, toggle });

// Start

// A narrow screen begins at the last period that has come, not in January.
function showLastDue() {
  const due = columns.filter((_column, at) => rows.some((row) => isExpected(row.cells[at])));
  const heading = due.at(-1)?.button.closest("th");
  const sheet = part("scroll");
  if (heading) sheet.scrollLeft = heading.offsetLeft + heading.offsetWidth - sheet.clientWidth;
}

function start() {
  readTable();
  table.setAttribute("role", "grid");
  for (const { button } of [...columns, ...rows]) {
    button.tabIndex = -1;
    button.disabled = !config.editable;
  }
  for (const column of columns) column.button.setAttribute("aria-label", fill(words.column, column));
  for (const row of rows) row.button.setAttribute("aria-label", fill(words.row, row));
  part("tools").hidden = false;
  part("bar").hidden = false;
  focusOn(rows[0]?.cells[0]?.element, false);
  showLastDue();

  table.addEventListener("click", (event) => {
    const element = event.target.closest("td, button");
    const cell = cellOf.get(element);
    if (!element || !(cell || element.type === "button")) return;
    focusOn(element);
    if (cell) toggle(cell);
    else if (focus.row === HEADING) toggleAll(rows.map((row) => row.cells[focus.column]));
    else toggleAll(focus.row.cells);
  });
  table.addEventListener("keydown", onKey);
  table.addEventListener("focusin", (event) => {
    const cell = cellOf.get(event.target);
    if (!cell) return;
    if (focus.element !== event.target) focusOn(event.target, false);
    event.target.setAttribute("aria-describedby", "tick-says");
    explain(cell);
  });
  table.addEventListener("focusout", (event) => event.target.removeAttribute("aria-describedby"));
  part("find").addEventListener("input", find);
  part("find").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    focusOn(rows.find((row) => !row.line.hidden)?.cells[Math.max(focus.column, 0)].element);
  });
  part("group")?.addEventListener("change", find);
  if (!config.editable) return;
  part("save").addEventListener("click", save);
  part("undo").addEventListener("click", undo);
  part("discard").addEventListener("click", discard);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input")) return;
    event.preventDefault();
    undo();
  });
  window.addEventListener("focus", lookAfterOthers);
  window.warnBeforeLeaving(() => pending.size > 0);
  restore();
  showBar();
}

start();
