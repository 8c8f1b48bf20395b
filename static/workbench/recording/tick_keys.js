// Moving in a tick sheet by keys: one stop of the tab key, moved by the arrows; row -1 is the heading, column -1 the names.
//
// ticks.js, which is loaded after this, hands in its rows, columns and cells, and what space and enter do with a cell.

window.moveInTickSheet = ({ rows, columns, cellOf, toggle }) => {
  const HEADING = { index: -1 };
  const focus = { row: HEADING, column: 0, element: null };

  function focusOn(element, really = true) {
    if (!element) return;
    if (focus.element) focus.element.tabIndex = -1;
    const cell = cellOf.get(element);
    const row = cell?.row ?? rows.find((each) => each.button === element) ?? HEADING;
    const column = cell?.column ?? columns.find((each) => each.button === element)?.index ?? -1;
    Object.assign(focus, { row, column, element });
    element.tabIndex = 0;
    if (really) element.focus();
  }

  function elementAt(row, column) {
    if (row === HEADING) return columns[Math.max(column, 0)].button;
    return column < 0 ? row.button : row.cells[column].element;
  }

  function move(down, right) {
    const shown = [HEADING, ...rows.filter((row) => !row.line.hidden)];
    const at = Math.max(shown.indexOf(focus.row), 0);
    const row = shown[Math.min(Math.max(at + down, 0), shown.length - 1)];
    const column = Math.min(Math.max(focus.column + right, -1), columns.length - 1);
    focusOn(elementAt(row, column));
  }

  function onKey(event) {
    if (event.altKey || event.metaKey) return;
    const cell = cellOf.get(event.target);
    const far = event.ctrlKey ? rows.length : 0;
    const moves = {
      ArrowUp: () => move(-1, 0),
      ArrowDown: () => move(1, 0),
      ArrowLeft: () => move(0, -1),
      ArrowRight: () => move(0, 1),
      PageUp: () => move(-10, 0),
      PageDown: () => move(10, 0),
      Home: () => move(-far, -focus.column),
      End: () => move(far, columns.length),
    };
    if (cell && event.key === " ") toggle(cell);
    else if (cell && event.key === "Enter") {
      toggle(cell);
      move(1, 0);
    } else if (moves[event.key]) moves[event.key]();
    else return;
    event.preventDefault();
  }

  return { HEADING, focus, focusOn, onKey };
};
