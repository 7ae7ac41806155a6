// Keeps what is typed into form[data-draft] on the server, two seconds after the last key, so that nothing is lost when
// the page is closed or the session ends. Saving the form removes it. Leaving is warned of only while something is unsaved.

const WAITS = 2000;
const RETRIES_AFTER = 20000;
const form = document.querySelector("form[data-draft]");
const line = document.querySelector("[data-draft-line]");
const state = document.querySelector("[data-draft-state]");
let typed = 0;
let kept = 0;
let timer;
let sending = new AbortController();

function say(text) {
  line.hidden = false;
  state.textContent = text;
}

async function keep() {
  clearTimeout(timer);
  const now = typed;
  if (now === kept) return;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true, redirect: "error", signal: sending.signal });
    if (!answer.ok) throw new Error(await answer.text());
    kept = Math.max(kept, now);
    say(`已自动保存${(await answer.json()).at}`);
  } catch {
    if (sending.signal.aborted) return;
    say("没有自动保存：网络不通或登录已过期。请不要关闭本页，可另开一页登录，本页会再试。");
    timer = setTimeout(keep, RETRIES_AFTER);
  }
}

function change() {
  typed += 1;
  clearTimeout(timer);
  timer = setTimeout(keep, WAITS);
}

if (form) {
  form.addEventListener("input", change);
  if (document.querySelector(".error-summary")) change(); // what was sent back is not saved either
  addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sending.abort();
    kept = typed;
  });
  addEventListener("pageshow", () => { sending = new AbortController(); });
  addEventListener("beforeunload", (event) => { if (typed !== kept) event.preventDefault(); });
}
