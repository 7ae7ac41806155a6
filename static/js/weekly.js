// A sheet of rows that is filled by keyboard: <form data-sheet>, rows [data-row], their cells in order [data-cell].
//   Alt+N        the row has not changed: takes over the grey texts ([data-was]) and goes on to the next row
//   Alt+↑ Alt+↓  the same cell of the row above or below; Ctrl+Enter saves (portal.js)
//   paste        of cells copied in Excel or WPS fills from the focused cell to the right and down
// [data-same] is the row's “无变化”, [data-sheet-status] says how far the sheet is.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const rowsOf = (sheet) => $$("[data-row]", sheet).filter((row) => $("[data-cell]", row));
const cellsOf = (row) => $$("[data-cell]", row);

function grow(area) {
  if (area.tagName !== "TEXTAREA") return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

function put(cell, text) {
  cell.value = text;
  cell.dispatchEvent(new Event("input", { bubbles: true }));
}

// “无变化”

function takeOver(row, checked) {
  for (const cell of cellsOf(row)) {
    const before = $("[data-was]", cell.closest("td"))?.textContent ?? "";
    if (checked) {
      cell.dataset.own = cell.value;
      cell.value = before;
    } else if (cell.value === before) {
      cell.value = cell.dataset.own ?? "";
    }
    grow(cell);
  }
}

function toggleSame(row) {
  const box = $("[data-same]", row);
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

// Moving

function go(sheet, from, step) {
  const rows = rowsOf(sheet);
  const row = from.closest("[data-row]");
  const target = rows[rows.indexOf(row) + step];
  if (!target) return;
  const at = Math.max(cellsOf(row).indexOf(from), 0);
  cellsOf(target)[Math.min(at, cellsOf(target).length - 1)].focus();
}

// Pasting

function parse(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    const row = rows[rows.length - 1];
    if (quoted && char === '"' && text[i + 1] === '"') { row[row.length - 1] += '"'; i += 1; }
    else if (char === '"' && (quoted || row[row.length - 1] === "")) quoted = !quoted;
    else if (char === "\t" && !quoted) row.push("");
    else if (char === "\n" && !quoted) rows.push([""]);
    else row[row.length - 1] += char;
  }
  return rows;
}

function isGrid(data, text) {
  return text.includes("\t") || (text.includes("\n") && data.getData("text/html").includes("<table"));
}

function fill(sheet, from, grid) {
  const rows = rowsOf(sheet);
  const top = rows.indexOf(from.closest("[data-row]"));
  const left = cellsOf(from.closest("[data-row]")).indexOf(from);
  let filled = 0;
  let lost = 0;
  grid.forEach((texts, down) => texts.forEach((text, right) => {
    const cell = rows[top + down] && cellsOf(rows[top + down])[left + right];
    if (cell) { put(cell, text.trim()); filled += 1; } else if (text.trim()) lost += 1;
  }));
  say(sheet, `已粘贴${filled}格${lost ? `，有${lost}格超出表格，没有粘贴` : ""}`);
}

// How far the sheet is

function say(sheet, text) {
  const place = $("[data-sheet-status]", sheet);
  if (place) place.textContent = text;
}

function count(sheet) {
  const rows = rowsOf(sheet);
  const told = rows.filter((row) => cellsOf(row).some((cell) => cell.tagName !== "SELECT" && cell.value.trim()));
  say(sheet, `已填${told.length}个，共${rows.length}个`);
}

for (const sheet of $$("[data-sheet]")) {
  $$("textarea", sheet).forEach(grow);
  count(sheet);
  sheet.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (event.target.matches("[data-cell]")) {
      grow(event.target);
      const box = $("[data-same]", row);
      if (box?.checked) box.checked = false;
    }
    count(sheet);
  });
  sheet.addEventListener("change", (event) => {
    if (!event.target.matches("[data-same]")) return;
    const row = event.target.closest("[data-row]");
    if (!$("[data-was]", row)) {
      event.target.checked = false;
      say(sheet, "这个项目以前没有填过，请写上进展");
      return;
    }
    takeOver(row, event.target.checked);
    count(sheet);
  });
  sheet.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.code === "KeyN" && $("[data-same]", row)) { toggleSame(row); go(sheet, event.target, 1); }
    else if (event.key === "ArrowDown") go(sheet, event.target, 1);
    else if (event.key === "ArrowUp") go(sheet, event.target, -1);
    else return;
    event.preventDefault();
  });
  sheet.addEventListener("paste", (event) => {
    if (!event.target.matches("[data-cell]")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!isGrid(event.clipboardData, text)) return;
    event.preventDefault();
    fill(sheet, event.target, parse(text));
  });
}
