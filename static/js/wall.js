// The wall turns its screens and renews itself. Space pauses, ← → turn, Esc leaves.

const TURN = 30_000;
const FETCH = 60_000;
const $ = document.querySelector.bind(document);
let at = 0;
let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;

function show() {
  const screens = [...document.querySelectorAll(".screen")];
  at = (at + screens.length) % (screens.length || 1);
  screens.forEach((screen, number) => { screen.hidden = number !== at; });
  $("[data-where]").textContent = `，第${at + 1}屏，共${screens.length}屏${paused ? "，已暂停" : ""}`;
}

function tell() {
  $("[data-clock]").textContent = new Date().toLocaleTimeString("zh-CN", { timeStyle: "short", timeZone: "Asia/Shanghai" });
}

function offline(is) {
  const said = $("[data-offline]");
  said.hidden = !is;
  said.textContent = is ? `连不上服务器，显示的是${$("main").dataset.taken}取得的数据` : "";
}

async function renew() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status === 403 || answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["main", ".months", ".verdict"]) {
      $(part)?.replaceWith(fresh.querySelector(part));
    }
    show();
    offline(false);
  } catch {
    offline(true);
  }
}

const KEYS = {
  " ": () => { paused = !paused; },
  ArrowRight: () => at++,
  ArrowLeft: () => at--,
  Escape: () => { if (document.body.dataset.leave) location.assign(document.body.dataset.leave); },
};

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
  show();
});

document.body.classList.add("turning");
$("[data-keys]").hidden = false;
setInterval(() => { if (!paused) { at++; show(); } }, TURN);
setInterval(renew, FETCH);
setInterval(tell, 1000);
addEventListener("offline", () => offline(true));
show();
