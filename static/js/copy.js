// 复制文字: a button for what one can also mark and copy by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    // navigator.clipboard exists on https only; offices often have plain http.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    document.querySelector("[data-copied]").hidden = false;
  });
}
