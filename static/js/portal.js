// What the portal adds where scripts run. Every page works without it.
//   data-theme-switch   turns light and dark; the cookie `theme` is read by the server before it paints
//   data-key="n"        the key, or the two keys ("g d"), that follow this link; data-search takes "/"
//   data-money="万元"   shows the amount in words of 亿元 under the input
//   data-guard          a form that must not be left with unsaved changes
//   data-autosubmit     a form that a change of its selects submits; its button is hidden
//   data-fix, data-for  puts a value into the field with that id
//   data-toast          leaves after eight seconds, unless it is an error
//   data-visit          a form that says that its page was opened; sent by itself, as reading writes nothing
//   data-print, data-check-all, data-pick-all, data-unpick, data-refresh="300", data-focus: see below

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const TOAST_STAYS = 8000;
const CHORD_WAITS = 1200;

// Theme

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}

// Money: what people type in a field of 万元, in yuan; null when it is not an amount

const UNITS = { "亿": 1e8, "万": 1e4, "元": 1, "": 1e4 };

function yuanOf(text) {
  const found = /^([\d.]+)\s*(亿|万|元)?元?$/.exec(text.replace(/[,，\s]/g, ""));
  const amount = found && Number(found[1]);
  return Number.isFinite(amount) && found ? amount * UNITS[found[2] ?? ""] : null;
}

function inWords(yuan) {
  const write = (value) => value.toLocaleString("zh-CN", { maximumFractionDigits: 4 });
  return yuan >= 1e7 ? `= ${write(yuan / 1e8)}亿元` : `= ${write(yuan / 1e4)}万元`;
}

function convert(input) {
  const holder = input.closest(".field") ?? input.parentElement;
  let line = $(".converted", holder);
  if (!line) {
    line = document.createElement("p");
    line.className = "converted";
    line.setAttribute("aria-live", "polite");
    (input.closest(".with-unit") ?? input).after(line);
  }
  const yuan = yuanOf(input.value);
  line.textContent = yuan ? inWords(yuan) : "";
}

// Forms that must not be lost

const unsaved = new Set();

addEventListener("beforeunload", (event) => {
  if ([...unsaved].some((form) => form.isConnected)) event.preventDefault();
});

// Keys

let chord = "";
let chordTimer;
const keysAreOn = () => localStorage.getItem("single-keys") !== "off";
const isTyping = (target) => target.closest?.("input:not(.pick, .pick-all), textarea, select, [contenteditable], dialog");

function moveRow(step) {
  const links = $$("#main tbody tr").map((row) => $("th a, td a", row)).filter(Boolean);
  const at = links.indexOf(document.activeElement?.closest("tr") ? $("th a, td a", document.activeElement.closest("tr")) : null);
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

function toggleRow() {
  $("input[type=checkbox]", document.activeElement?.closest("tr") ?? document.createElement("tr"))?.click();
}

function clearOrClose() {
  const menu = $("details.menu[open]");
  const picked = $$("input.pick:checked, .pick-all:checked", $("form#list") ?? document.createElement("form"));
  if (menu) menu.open = false;
  else if (picked.length) unpick(picked[0].form);
  else $("[data-toast] [data-close]")?.click();
}

const COMMANDS = {
  "/": () => $$("[data-search]").find((field) => field.offsetParent)?.focus(),
  "?": () => $("[data-shortcuts]")?.showModal(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: toggleRow,
};

function press(keys) {
  const link = $$("[data-key]").find((item) => item.dataset.key === keys && item.offsetParent);
  const run = link ? () => link.click() : COMMANDS[keys];
  run?.();
  return Boolean(run);
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.target.closest?.("form")?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.matches?.("[data-search]")) event.target.blur();
  else if (event.key === "Escape" && !event.target.closest?.("dialog")) clearOrClose();
  if (!keysAreOn() || isTyping(event.target) || event.key.length > 1) return;
  if (press(chord ? `${chord} ${event.key}` : event.key)) event.preventDefault();
  clearTimeout(chordTimer);
  chord = chord || event.key !== "g" ? "" : "g";
  chordTimer = setTimeout(() => { chord = ""; }, CHORD_WAITS);
});

// Selecting rows: the bar above the table counts them; its own form posts them

function countPicks(form) {
  const picks = $$("tbody input.pick", form);
  const whole = $("[data-pick-all]", form);
  if (whole?.checked) picks.forEach((pick) => { pick.checked = true; });
  const chosen = picks.filter((pick) => pick.checked);
  picks.forEach((pick) => pick.closest("tr")?.classList.toggle("picked", pick.checked));
  $$("[data-picked]", form).forEach((place) => { place.textContent = whole?.checked ? whole.value : String(chosen.length); });
  sumPicks($("[data-picked-sum]", form), chosen, whole?.checked);
  $$("[data-unpick]", form).forEach((button) => { button.hidden = !chosen.length; });
  $(".bulk", form)?.classList.toggle("idle", !chosen.length);
  const all = $("[data-check-all]", form);
  if (!all) return;
  all.checked = chosen.length > 0 && chosen.length === picks.length;
  all.indeterminate = chosen.length > 0 && !all.checked;
}

function sumPicks(place, chosen, whole) {
  if (!place) return;
  const yuan = chosen.reduce((sum, pick) => sum + Number(pick.dataset.amount), 0);
  const amount = (yuan / 1e4).toLocaleString("zh-CN", { maximumFractionDigits: 4 });
  const sum = whole ? "总投资见下面合计" : `总投资合计${amount}万元`;
  place.textContent = chosen.length ? sum : "勾选项目以后可以一起办理";
  place.hidden = false;
}

function dropWhole(field) {
  const whole = $("[data-pick-all]", field.form ?? document.createElement("form"));
  if (whole && whole !== field) whole.checked = false;
}

function unpick(form) {
  $$("input.pick, .pick-all", form).forEach((pick) => { pick.checked = false; });
  countPicks(form);
}

// Toasts

function keepTime(toast) {
  let timer;
  const leave = () => { if (!toast.classList.contains("error")) timer = setTimeout(() => toast.remove(), TOAST_STAYS); };
  for (const pause of ["mouseenter", "focusin"]) toast.addEventListener(pause, () => clearTimeout(timer));
  for (const resume of ["mouseleave", "focusout"]) toast.addEventListener(resume, leave);
  leave();
}

// One listener for each kind of event, so that what htmx swaps in works too

addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  if (at("[data-theme-switch]")) switchTheme();
  if (at("[data-print]")) print();
  if (at("[data-unpick]")) unpick(at("[data-unpick]").form);
  $$("details.menu[open]").filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
  at("[data-close]")?.closest("[data-toast]").remove();
  const fix = at("[data-fix]");
  if (!fix) return;
  const field = document.getElementById(fix.dataset.for);
  field.value = fix.dataset.fix;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

addEventListener("input", (event) => {
  if (event.target.matches("[data-money]")) convert(event.target);
  const guarded = event.target.closest("form[data-guard]");
  if (guarded) unsaved.add(guarded);
});

addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-single-keys]")) localStorage.setItem("single-keys", field.checked ? "on" : "off");
  if (field.matches("form[data-autosubmit] select")) field.form.requestSubmit();
  if (field.matches("[data-check-all]")) $$("tbody input.pick", field.form).forEach((pick) => { pick.checked = field.checked; });
  if (field.matches("input.pick:not(:checked), [data-check-all]:not(:checked)")) dropWhole(field);
  if (field.matches("[data-check-all], input.pick") && field.form) countPicks(field.form);
});

addEventListener("submit", (event) => unsaved.delete(event.target));

// Makes ready what the server sent: the page, then every part that htmx swaps in

function prepare(root) {
  $$("[data-theme-switch], [data-print], [data-fix], [data-close], [data-shortcut]", root).forEach((item) => { item.hidden = false; });
  $$("form[data-autosubmit] button", root).forEach((button) => { button.hidden = true; });
  $$("[data-money]", root).forEach(convert);
  $$("[data-toast]", root).forEach(keepTime);
  $$("form", root).forEach(countPicks);
  $("[data-focus]", root)?.focus();
}

for (const form of $$("form[data-visit]")) fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
for (const panel of $$("[data-refresh]")) {
  setInterval(() => { if (!document.hidden) panel.dispatchEvent(new Event("refresh")); }, panel.dataset.refresh * 1000);
}
$$("[data-single-keys]").forEach((box) => { box.checked = keysAreOn(); });
addEventListener("htmx:afterSwap", (event) => prepare(event.detail.target));
prepare(document);
