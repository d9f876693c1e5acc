"use strict";
// The page works without this file: it adds the streamed answer and live activity.

const byId = (id) => document.getElementById(id);

function element(tag, text, attrs = {}) {
  const e = document.createElement(tag);
  e.textContent = text;
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  return e;
}

// docURL takes a reference path#anchor and its path, which may have a "#" too.
function docURL(path, ref) {
  const anchor = ref.slice(path.length + 1);
  return "/documents/" + path.split("/").map(encodeURIComponent).join("/") + (anchor && "#" + encodeURIComponent(anchor));
}

let stream = null;

function ask(question) {
  if (stream) stream.close();
  const text = byId("answer-text");
  byId("answer").hidden = false;
  byId("hits").hidden = true;
  byId("citations").replaceChildren();
  text.textContent = "…";
  let begun = false;
  stream = new EventSource("/api/ask?q=" + encodeURIComponent(question));
  stream.addEventListener("text", (e) => {
    if (!begun) text.textContent = "";
    begun = true;
    text.textContent += JSON.parse(e.data);
  });
  stream.addEventListener("answer", (e) => {
    stream.close();
    const answer = JSON.parse(e.data);
    for (const c of answer.citations || []) {
      const li = document.createElement("li");
      li.append(element("a", `[${c.number}] ${c.ref}`, { href: docURL(c.path, c.ref) }), " ", element("span", c.title));
      byId("citations").append(li);
    }
    byId("answer").dataset.done = "true";
  });
  stream.addEventListener("problem", (e) => {
    stream.close();
    text.textContent = JSON.parse(e.data).detail;
  });
  stream.onerror = () => {
    stream.close();
    text.textContent += " (The connection was lost. Ask again.)";
  };
}

byId("ask").addEventListener("submit", (e) => {
  e.preventDefault();
  const question = byId("q").value.trim();
  if (question === "") return;
  history.replaceState(null, "", "/?q=" + encodeURIComponent(question));
  ask(question);
});

const activity = new EventSource("/api/activity");
const seen = (line) => {
  const list = byId("activity");
  for (const none of list.querySelectorAll(".none")) none.remove();
  list.prepend(element("li", line));
  while (list.children.length > 30) list.lastChild.remove();
};
activity.addEventListener("askdocs.document.indexed", (e) => { const d = JSON.parse(e.data); seen(`read ${d.path}: ${d.chunks} parts`); });
activity.addEventListener("askdocs.document.failed", (e) => { const d = JSON.parse(e.data); seen(`refused ${d.path}: ${d.reason}`); });
activity.addEventListener("askdocs.document.deleted", (e) => { const d = JSON.parse(e.data); seen(`removed ${d.path}`); });
activity.addEventListener("askdocs.question.asked", (e) => { const q = JSON.parse(e.data); seen(`asked “${q.question}”: ${q.citations} citations`); });
window.addEventListener("pagehide", () => { activity.close(); if (stream) stream.close(); });
