"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const boxes = all(".box"), lines = all(".line"), rows = all("tbody tr"), buttons = all(".legend button");
  const search = document.getElementById("search"), found = document.getElementById("found");
  const text = [], cluster = [], needs = boxes.map(() => []), neededBy = boxes.map(() => []);
  for (const row of rows) {
    const cells = [...row.cells].slice(0, 4).map((cell) => cell.textContent);
    text[row.dataset.row] = cells.join(" ").toLowerCase();
    cluster[row.dataset.row] = row.dataset.cluster;
  }
  for (const line of lines) {
    needs[line.dataset.from].push(+line.dataset.to);
    neededBy[line.dataset.to].push(+line.dataset.from);
  }
  let chosen = -1, module = null;

  function reach(start, next) {
    const seen = new Set([start]);
    for (const at of seen) for (const to of next[at]) seen.add(to);
    return seen;
  }

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const match = (i) => (module === null || cluster[i] === module) && words.every((word) => text[i].includes(word));
    const filtered = words.length > 0 || module !== null;
    const down = chosen < 0 ? null : reach(chosen, needs), up = chosen < 0 ? null : reach(chosen, neededBy);
    const lit = (i) => match(i) && (chosen < 0 || down.has(i) || up.has(i));
    boxes.forEach((box, i) => {
      box.classList.toggle("dim", !lit(i));
      box.classList.toggle("chosen", i === chosen);
      box.setAttribute("aria-pressed", i === chosen);
    });
    for (const line of lines) {
      const from = +line.dataset.from, to = +line.dataset.to;
      const isDown = chosen >= 0 && down.has(from), isUp = chosen >= 0 && up.has(to);
      line.classList.toggle("down", isDown);
      line.classList.toggle("up", isUp);
      line.classList.toggle("dim", chosen >= 0 ? !isDown && !isUp : filtered && !match(from) && !match(to));
    }
    let n = 0;
    for (const row of rows) {
      row.hidden = !lit(+row.dataset.row);
      if (!row.hidden) n++;
    }
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.cluster === module);
    found.textContent = filtered || chosen >= 0 ? n + " found" : "";
  }

  function choose(i) {
    chosen = chosen === i ? -1 : i;
    show();
  }

  boxes.forEach((box, i) => {
    box.addEventListener("click", () => choose(i));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(i);
    });
  });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      module = module === button.dataset.cluster ? null : button.dataset.cluster;
      show();
    });
  }
  const fit = document.getElementById("fit");
  fit.addEventListener("click", () => {
    const on = document.querySelector("svg").classList.toggle("fit");
    fit.setAttribute("aria-pressed", on);
  });
  for (const link of all("td a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const i = +link.hash.slice(2);
      search.value = "";
      module = null;
      if (chosen !== i) choose(i);
      boxes[i].scrollIntoView({ block: "center", inline: "center" });
    });
  }
  search.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      chosen = -1;
      module = null;
      search.value = "";
      show();
    } else if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  show();
})();
