// Rows are rendered when they come near the window and emptied when they are far: their data lie beside them as JSON.
"use strict";
const $ = (selector, at = document) => at.querySelector(selector);
const $$ = (selector, at = document) => at.querySelectorAll(selector);
const make = (name, text = "", props = {}) => Object.assign(document.createElement(name), { textContent: text }, props);

const view = { rows: [], byId: new Map(), index: null, query: "", whenDrawn: [] };
const HEADER = 64; // pixels of a row beside its pieces

// Two steps, so that few elements are watched: blocks of rows, and the pieces of the blocks that are near.
const nearPieces = new IntersectionObserver((entries) => {
  for (const entry of entries) (entry.isIntersecting ? draw : empty)(entry.target.piece);
}, { rootMargin: "1200px 0px" });

const nearBlocks = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    for (const box of $$(".piece", entry.target)) {
      if (entry.isIntersecting) nearPieces.observe(box);
      else {
        nearPieces.unobserve(box);
        empty(box.piece);
      }
    }
  }
}, { rootMargin: "2400px 0px" });

function adopt() {
  for (const block of $$(".block:not([data-adopted])")) {
    block.dataset.adopted = "";
    let height = 0;
    for (const element of $$("article.row", block)) height += adoptRow(element);
    block.style.containIntrinsicHeight = `auto ${height}px`;
    nearBlocks.observe(block);
  }
}

function adoptRow(element) {
  const row = { element, pieces: [], shown: null, text: null };
  let height = HEADER;
  for (const box of $$(".piece", element)) {
    const piece = { row, box, body: $(".drawn", box), data: $("script", box), drawn: false, kept: false };
    box.piece = piece;
    box.style.minHeight = `${box.dataset.height}px`;
    height += Number(box.dataset.height);
    box.addEventListener("toggle", (event) => { if (event.isTrusted) piece.kept = true; }, true);
    box.addEventListener("play", () => { piece.kept = true; }, true);
    row.pieces.push(piece);
  }
  view.rows.push(row);
  view.byId.set(element.id, row);
  return height;
}

function draw(piece) {
  if (piece.drawn) return;
  piece.drawn = true;
  piece.body.innerHTML = JSON.parse(piece.data.textContent);
  piece.box.style.minHeight = "";
  for (const element of $$("[data-media]", piece.body)) show(element);
  for (const element of $$(".code", piece.body)) if (element.scrollHeight > element.clientHeight) element.tabIndex = 0;
  for (const act of view.whenDrawn) act(piece);
}

// What the window shows at first is there at once, for captures that do not wait for an observer.
function drawFirst() {
  let left = 2 * innerHeight;
  for (const row of view.rows) {
    left -= HEADER;
    for (const piece of row.pieces) {
      if (left <= 0) return;
      left -= Number(piece.box.dataset.height);
      draw(piece);
    }
  }
}

// A print has every row, and keeps it.
function drawAll() {
  for (const row of view.rows) {
    for (const piece of row.pieces) {
      draw(piece);
      piece.kept = true;
    }
  }
}

function empty(piece) {
  if (!piece.drawn || piece.kept || piece.body.contains(document.activeElement)) return;
  piece.box.style.minHeight = `${piece.box.offsetHeight}px`;
  piece.body.textContent = "";
  piece.drawn = false;
}

function show(element) {
  element.addEventListener("error", () => refuse(element), { once: true });
  element.src = document.getElementById(`media-${element.dataset.media}`).textContent;
}

function refuse(element) {
  const box = make("div", "", { className: "why" });
  box.append(make("b", element.alt || element.getAttribute("aria-label")));
  box.append(make("span", "Not shown: this browser cannot read these data"));
  (element.closest("button") ?? element).replaceWith(box);
}

function pieceOf(row, id) {
  if (id === row.element.id) return null;
  return row.pieces.find((piece) => piece.data.textContent.includes(`id=\\"${id}\\"`)) ?? row.pieces[0];
}

function go(id) {
  const row = view.byId.get((id.match(/^r\d+/) ?? [""])[0]);
  if (!row) return;
  if (row.element.hidden) view.clear?.();
  const piece = pieceOf(row, id);
  const at = view.rows.indexOf(row);
  for (const other of view.rows.slice(Math.max(0, at - 1), at + 2)) other.pieces.slice(0, 3).forEach(draw);
  if (piece) draw(piece);
  const target = document.getElementById(id) ?? row.element;
  for (let parent = target.parentElement; parent; parent = parent.parentElement) if (parent.tagName === "DETAILS") parent.open = true;
  const block = target === row.element ? "start" : "center";
  const scroll = () => target.scrollIntoView({ block });
  scroll();
  requestAnimationFrame(() => requestAnimationFrame(scroll));
  target.focus({ preventScroll: true });
  for (const old of $$(".found")) old.classList.remove("found");
  target.classList.add("found");
}

function large() {
  const dialog = $("#large");
  const image = $("img", dialog);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".enlarge");
    if (!button) return;
    image.src = $("img", button).src;
    image.alt = $("img", button).alt;
    $("span", dialog).textContent = $("figcaption", button.parentElement).innerText.replace("\n", " · ");
    dialog.classList.remove("full");
    dialog.showModal();
    $("#close").focus();
  });
  $("#close").addEventListener("click", () => dialog.close());
  $("#natural").addEventListener("click", () => dialog.classList.toggle("full"));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => image.removeAttribute("src"));
}

function measureBar() {
  const bar = $(".bar");
  new ResizeObserver(() => document.body.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
}

function themes() {
  const names = ["system", "light", "dark"];
  let at = 0;
  $("#theme").addEventListener("click", (event) => {
    at = (at + 1) % names.length;
    document.documentElement.dataset.theme = names[at];
    event.target.textContent = `Theme: ${names[at]}`;
  });
}

function folding() {
  const button = $("#fold");
  const isFolded = () => button.getAttribute("aria-pressed") === "true";
  const fold = (root) => { for (const thought of $$("details.thought", root)) thought.open = !isFolded(); };
  view.whenDrawn.push((piece) => { if (isFolded()) fold(piece.body); });
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isFolded()));
    for (const row of view.rows) for (const piece of row.pieces) if (piece.drawn) fold(piece.body);
  });
}
