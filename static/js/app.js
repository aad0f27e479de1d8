// What pages gain where a browser runs scripts; every page works without this file.
import { initAll } from "../dist/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
tickAll();
followProgress();
goOn();
closeMenuByEscape();

// One box ticks all the boxes of its table.
function tickAll() {
  for (const all of document.querySelectorAll("[data-tick-all]")) {
    all.hidden = false;
    const boxes = document.querySelectorAll(`input[type=checkbox][name="${all.dataset.tickAll}"]`);
    const master = all.querySelector("input");
    master.addEventListener("change", () => boxes.forEach((box) => (box.checked = master.checked)));
  }
}

// Work in the background: fetch the page again and exchange only the part that shows the progress.
function followProgress() {
  const shown = document.querySelector("[data-progress]");
  if (!shown) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { headers: { "X-Progress": "1" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-progress]");
      if (!answer.ok || !fresh) return location.reload();
      shown.replaceWith(fresh);
    } catch {
      // no connection just now: the next turn tries again
    }
    followProgress();
  }, 3000);
}

// Work in handfuls: the form that asks for the next one sends itself.
function goOn() {
  const next = document.querySelector("form[data-go-on]");
  if (next) setTimeout(() => next.requestSubmit(), 300);
}

// Escape closes an open menu.
function closeMenuByEscape() {
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.saphan-bar__narrow[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
}
