// The list of rows at the side: only the entries in sight are in the page.
const HIGH = 76; // pixels of an entry, as in the style
const COLUMNS = ["number", "id", "words", "thumbnail", "messages", "media", "calls", "errors", "warnings", "tokens", "size", "facts", "combinations"];
const SORTS = { number: "row", id: "id", messages: "messages", media: "media", calls: "calls", errors: "errors", warnings: "warnings", tokens: "tokens", size: "length" };
const sorted = { by: "number", down: false };
const entries = new Map(); // position -> entry in the page
let here = null; // the row that the reader is at

function readIndex() {
  view.index = JSON.parse($("#index").textContent);
  view.index.rows.forEach((values, k) => COLUMNS.forEach((name, c) => { view.rows[k][name] = values[c]; }));
  const has = (name) => view.rows.some((row) => row[name] !== null && row[name] !== "" && row[name] !== 0);
  for (const [name, word] of Object.entries(SORTS)) if (name === "number" || has(name)) $("#sort").append(make("option", word, { value: name }));
}

function sort(rows) {
  const { by, down } = sorted;
  const order = by === "id"
    ? (a, b) => (a.id ?? "").localeCompare(b.id ?? "", "en", { numeric: true })
    : (a, b) => (a[by] ?? -1) - (b[by] ?? -1);
  return rows.sort((a, b) => (down ? -order(a, b) : order(a, b)) || a.at - b.at);
}

// Put these rows in the list and in the stream.
function setOrder(rows, windows = 1) {
  view.order = sort(rows);
  for (const row of view.rows) row.place = -1;
  view.order.forEach((row, place) => { row.place = place; });
  $("#entries").style.height = `${HIGH * view.order.length}px`;
  $("#list").scrollTop = 0;
  for (const entry of entries.values()) entry.remove();
  entries.clear();
  layOut();
  drawFirst(windows);
  scrollTo(0, 0);
  here = view.order[0] ?? null;
  drawList();
}

function drawList() {
  const box = $("#list");
  const first = Math.max(0, Math.floor(box.scrollTop / HIGH) - 4);
  const last = Math.min(view.order.length, Math.ceil((box.scrollTop + box.clientHeight) / HIGH) + 4);
  for (const [place, entry] of entries) {
    if (place >= first && place < last) continue;
    if (entry.contains(document.activeElement)) continue;
    entry.remove();
    entries.delete(place);
  }
  for (let place = first; place < last; place += 1) {
    if (entries.has(place)) continue;
    const entry = newEntry(view.order[place], place);
    entries.set(place, entry);
    const next = [...entries.keys()].filter((other) => other > place).sort((a, b) => a - b)[0];
    $("#entries").insertBefore(entry, entries.get(next) ?? null);
  }
  clearTimeout(waitingForRest);
  waitingForRest = setTimeout(fillThumbnails, 80); // when the list rests, so that it scrolls without a halt
}

function newEntry(row, place) {
  const entry = make("li");
  entry.style.top = `${place * HIGH}px`;
  entry.ariaPosInSet = String(place + 1);
  entry.ariaSetSize = String(view.order.length);
  const link = make("a", "", { href: `#row=${row.number}` });
  if (row === here) link.ariaCurrent = "true";
  const head = make("span", "", { className: "head" });
  head.append(make("b", number(row.number)));
  if (row.id) head.append(" ", make("bdi", row.id));
  for (const severity of ["error", "warning"]) {
    const count = row[`${severity}s`];
    if (count) head.append(make("span", number(count), { className: `badge ${severity}`, title: counted(count, severity), ariaLabel: counted(count, severity) }));
  }
  const counts = [counted(row.messages, "message")];
  if (row.media) counts.push(counted(row.media, "medium", "media"));
  if (row.calls) counts.push(counted(row.calls, "call"));
  if (row.tokens !== null) counts.push(counted(row.tokens, "token"));
  const text = make("span", "", { className: "about" });
  text.append(head, make("span", row.words || "no text", { className: "words", dir: "auto" }), make("span", counts.join(" · "), { className: "counts" }));
  link.append(text);
  if (row.thumbnail) link.append(make("img", "", { alt: "", className: "thumb" }));
  entry.append(link);
  entry.row = row;
  return entry;
}

let waitingForRest;
function fillThumbnails() {
  for (const image of $$("#entries img:not([src])")) image.src = media(image.closest("li").row.thumbnail);
}

// Mark the row that the reader is at, and keep it in sight.
function moved(row) {
  if (!row || row === here) return;
  here = row;
  for (const entry of entries.values()) $("a", entry).ariaCurrent = entry.row === row ? "true" : null;
  const box = $("#list");
  const top = row.place * HIGH;
  if (top < box.scrollTop || top + HIGH > box.scrollTop + box.clientHeight) box.scrollTop = top - (box.clientHeight - HIGH) / 2;
}

function listing() {
  $("#list").addEventListener("scroll", () => requestAnimationFrame(drawList), { passive: true });
  new ResizeObserver(drawList).observe($("#list"));
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; moved(current()); });
  }, { passive: true });
  view.whenMoved.push(moved);
  atEnd.observe($("#more"));
  $("#earlier").addEventListener("click", () => {
    const row = view.order[view.first];
    layOut(Math.max(0, view.first - RUN), 2 * RUN);
    go(row);
  });
  $("#sort").addEventListener("change", (event) => {
    sorted.by = event.target.value;
    turn(!["number", "id"].includes(sorted.by));
  });
  $("#turn").addEventListener("click", () => turn(!sorted.down));
}

function turn(down) {
  sorted.down = down;
  $("#turn").textContent = down ? "↓" : "↑";
  $("#turn").ariaLabel = down ? "Largest first" : "Smallest first";
  setOrder([...view.order]);
}
