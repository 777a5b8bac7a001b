// The rows as they are read: a run of them is laid out, and those near the window are drawn.
"use strict";
const $ = (selector, at = document) => at.querySelector(selector);
const $$ = (selector, at = document) => at.querySelectorAll(selector);
const make = (name, text = "", props = {}) => Object.assign(document.createElement(name), { textContent: text }, props);
const number = (value) => value.toLocaleString("en");
const counted = (count, word, many = `${word}s`) => `${number(count)} ${count === 1 ? word : many}`;

const RUN = 100; // rows that are laid out at a time
const BLOCK = 1_000; // pixels that are drawn together, about
const view = { rows: [], byNumber: new Map(), order: [], blocks: [], first: 0, last: 0, query: "", index: null, whenDrawn: [], whenMoved: [] };

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    if (isIntersecting) draw(target.block);
    else empty(target.block, boundingClientRect.height);
  }
}, { rootMargin: "1500px 0px" });
const atEnd = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) extend(); }, { rootMargin: "2500px 0px" });

// Each row stands in the page as inert text, in pieces when it is long.
function adopt() {
  for (const data of $$("#rows > noscript:not([data-adopted])")) {
    data.dataset.adopted = "";
    const key = Number(data.dataset.row);
    let row = view.byNumber.get(key);
    if (!row) {
      row = { number: key, at: view.rows.length, pieces: [], shown: null };
      view.rows.push(row);
      view.byNumber.set(key, row);
    }
    row.pieces.push({ row, data, height: Number(data.dataset.height), block: null });
  }
}

function layOut(first = 0, rows = RUN) {
  near.disconnect();
  view.blocks = [];
  view.first = view.last = first;
  $("#stream").textContent = "";
  extend(rows);
  $("#earlier").hidden = first === 0;
}

function extend(rows = RUN) {
  const last = Math.min(view.order.length, view.last + rows);
  let block = null;
  for (; view.last < last; view.last += 1) {
    for (const piece of view.order[view.last].pieces) {
      if (!block || block.height + piece.height > BLOCK) block = newBlock();
      block.pieces.push(piece);
      block.height += piece.height;
      block.element.style.minHeight = `${block.height}px`;
      piece.block = block;
    }
  }
}

function newBlock() {
  const block = { element: make("div", "", { className: "block" }), pieces: [], height: 0, drawn: false, kept: false };
  block.element.block = block;
  block.element.addEventListener("toggle", (event) => { if (event.isTrusted) block.kept = true; }, true);
  block.element.addEventListener("play", () => { block.kept = true; }, true);
  $("#stream").append(block.element);
  view.blocks.push(block);
  near.observe(block.element);
  return block;
}

function draw(block) {
  if (block.drawn) return;
  block.drawn = true;
  block.element.innerHTML = block.pieces.map((piece) => piece.data.textContent).join("");
  block.element.style.minHeight = "";
  for (const element of $$("[data-media]", block.element)) show(element);
  requestAnimationFrame(() => { // when all is laid out that one frame draws
    for (const element of $$(".code", block.element)) if (element.scrollHeight > element.clientHeight) element.tabIndex = 0;
  });
  for (const act of view.whenDrawn) act(block);
}

function empty(block, height) {
  if (!block.drawn || block.kept || block.element.contains(document.activeElement)) return;
  block.element.style.minHeight = `${height}px`;
  block.element.textContent = "";
  block.drawn = false;
}

// What the window shows at first is there at once, for captures that do not wait for an observer.
function drawFirst(windows = 2) {
  let left = windows * innerHeight;
  for (const block of view.blocks) {
    if (left <= 0) return;
    left -= block.height;
    draw(block);
  }
}

// A print has every row, and keeps it.
function drawAll() {
  extend(view.order.length);
  if (view.first > 0) layOut(0, view.order.length);
  for (const block of view.blocks) {
    draw(block);
    block.kept = true;
  }
}

const media = (key) => document.getElementById(`media-${key}`).textContent;

function show(element) {
  element.addEventListener("error", () => refuse(element), { once: true });
  element.src = media(element.dataset.media);
}

function refuse(element) {
  const box = make("div", "", { className: "why" });
  box.append(make("b", element.alt || element.getAttribute("aria-label")));
  box.append(make("span", "Not shown: this browser cannot read these data"));
  (element.closest("button") ?? element).replaceWith(box);
}

// Where the reader is: the first row that reaches below the bar.
function current() {
  const low = Math.max(0, $(".bar").getBoundingClientRect().bottom) + 20;
  const found = $(".found"); // where a jump went, while it is in sight
  const top = found?.getBoundingClientRect().top;
  if (found && top > low - 40 && top < innerHeight * 0.7) return view.byNumber.get(Number(found.closest(".row").dataset.row));
  const below = (element) => element.getBoundingClientRect().bottom > low;
  const block = view.blocks.find((one) => below(one.element)) ?? view.blocks.at(-1);
  if (!block) return null;
  const element = [...block.element.children].find(below);
  return element ? view.byNumber.get(Number(element.dataset.row)) : block.pieces[0].row;
}

// Go to a row, or to a message or an issue in it by its id.
function go(row, id = `r${row.number}`) {
  let at = view.order.indexOf(row);
  if (at < 0) {
    view.clear();
    at = view.order.indexOf(row);
  }
  if (at < view.first || at >= view.last) layOut(Math.max(0, at - 3));
  const piece = row.pieces.find((one) => one.data.textContent.includes(` id="${id}"`)) ?? row.pieces[0];
  const k = view.blocks.indexOf(piece.block);
  for (const block of view.blocks.slice(Math.max(0, k - 1), k + 3)) draw(block);
  const target = document.getElementById(id) ?? document.getElementById(`r${row.number}`);
  for (let parent = target.parentElement; parent; parent = parent.parentElement) if (parent.tagName === "DETAILS") parent.open = true;
  const block = target.classList.contains("row") ? "start" : "center";
  const scroll = () => target.scrollIntoView({ block });
  scroll();
  requestAnimationFrame(() => requestAnimationFrame(scroll));
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  for (const old of $$(".found")) old.classList.remove("found");
  target.classList.add("found");
  for (const act of view.whenMoved) act(row);
}

// #row=12, #row=12&message=3, #row=12&issue=2
function goToHash() {
  const [, key, kind, item] = /^#row=(\d+)(?:&(message|issue)=(\d+))?$/.exec(location.hash) ?? [];
  const row = view.byNumber.get(Number(key));
  if (row) go(row, kind ? `r${key}${kind[0]}${item}` : `r${key}`);
}
