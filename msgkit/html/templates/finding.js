// Filters, text search and the list of issues.
const OF_MESSAGES = { role: "Role", channel: "Channel", part: "Part type", code: "Issue code", severity: "Severity" };
const OF_ROWS = { media: "Media", format: "Format", verdict: "Verdict" };
const TITLES = { severity: 1, code: 1, media: 1, role: 1, channel: 1, part: 1, format: 1, verdict: 1, ...OF_ROWS, ...OF_MESSAGES };
const GROUPS = Object.keys(TITLES);
const COUNTS = ["messages", "media", "calls", "errors", "warnings", "tokens"];
const CHIPS = 100; // values of a group that can be chosen, the most frequent
const STEP = 200; // issues listed at a time
const SLICE = 10; // milliseconds of searching between two frames
const chosen = Object.fromEntries(GROUPS.map((group) => [group, new Set()]));

const plain = (html) => html.replace(/<[^>]*>/g, " ")
  .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&#34;|&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, "&");
const textOf = (row) => row.pieces.map((piece) => plain(piece.data.textContent)).join(" ").toLowerCase();

// A combination is [role, channel, [part types], [codes], [severities]]; a row has one for itself and one for each message.
const values = (combination, group) => [combination[Object.keys(OF_MESSAGES).indexOf(group)]].flat().filter((value) => value !== null);
const has = (found, group) => !chosen[group].size || found.some((value) => chosen[group].has(value));

function countValues() {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, new Map()]));
  const add = (group, value, times = 1) => counts[group].set(value, (counts[group].get(value) ?? 0) + times);
  const uses = new Map();
  for (const row of view.rows) {
    for (const k of row.combinations) uses.set(k, (uses.get(k) ?? 0) + 1);
    for (const group in OF_ROWS) for (const value of row.facts[group] ?? []) add(group, value);
  }
  for (const [k, times] of uses)
    for (const group in OF_MESSAGES)
      for (const value of new Set(values(view.index.combinations[k], group))) add(group, value, times);
  return counts;
}

function buildFilters() {
  const counts = countValues();
  for (const group of GROUPS) {
    if (!counts[group].size) continue;
    const set = make("fieldset");
    const chips = make("div");
    set.append(make("legend", TITLES[group]), chips);
    for (const [value, times] of [...counts[group]].sort((a, b) => b[1] - a[1]).slice(0, CHIPS)) {
      const label = make("label");
      label.append(make("input", "", { type: "checkbox", name: group, value }));
      label.append(make("bdi", value || "none"), make("span", number(times)));
      chips.append(label);
    }
    if (counts[group].size > CHIPS) chips.append(make("span", `and ${number(counts[group].size - CHIPS)} more`));
    $("#filters").append(set);
  }
}

// How many a row has to have at least.
function buildLeast() {
  const set = make("fieldset");
  const fields = make("div");
  set.append(make("legend", "At least"), fields);
  for (const name of COUNTS) {
    if (!view.rows.some((row) => row[name])) continue;
    const label = make("label", `${name} `);
    label.append(make("input", "", { type: "number", min: "0", name: `least-${name}` }));
    fields.append(label);
  }
  $("#filters").append(set);
}

const least = () => [...$$('#filters input[type="number"]')].filter((input) => input.value).map((input) => [input.name.slice(6), Number(input.value)]);

function filtered() {
  for (const group of GROUPS) chosen[group] = new Set([...$$(`input[name="${group}"]:checked`)].map((input) => input.value));
  const ofMessages = Object.keys(OF_MESSAGES).filter((group) => chosen[group].size);
  const good = view.index.combinations.map((combination) => ofMessages.every((group) => has(values(combination, group), group)));
  const bounds = least();
  return view.rows.filter((row) => {
    if (bounds.some(([name, bound]) => (row[name] ?? 0) < bound)) return false;
    const [own, ...messages] = row.combinations;
    row.shown = ofMessages.length ? messages.map((k) => good[k]) : null;
    return Object.keys(OF_ROWS).every((group) => has(row.facts[group] ?? [], group)) && (!row.shown || good[own] || row.shown.includes(true));
  });
}

const pause = () => new Promise((done) => { globalThis.scheduler?.yield ? scheduler.yield().then(done) : setTimeout(done); });

let searching = 0; // a newer search ends an older one
async function apply() {
  const mine = ++searching;
  const query = view.query.toLowerCase();
  let rows = filtered();
  if (query) {
    const found = [];
    let until = performance.now() + SLICE;
    for (const row of rows) {
      if (textOf(row).includes(query)) found.push(row);
      if (performance.now() < until) continue;
      await pause();
      if (mine !== searching) return;
      until = performance.now() + SLICE;
    }
    rows = found;
  }
  setOrder(rows);
  say();
  mark();
}

function say() {
  const chips = GROUPS.reduce((sum, group) => sum + chosen[group].size, least().length);
  const [count, all] = [view.order.length, view.rows.length];
  $("#status").textContent = chips || view.query ? `${number(count)} of ${counted(all, "row")}` : counted(all, "row");
  $("#none").hidden = count > 0;
  if (!all) $("#none").textContent = "There are no rows.";
  $("#show-filters").textContent = chips ? `Filter (${chips})` : "Filter";
}

// Hide the messages of a row that do not match; one that stands around a match stays.
function dress(block) {
  for (const element of $$(".row", block.element)) {
    const { shown } = view.byNumber.get(Number(element.dataset.row));
    for (const message of [...$$(".message", element)].reverse()) {
      const fits = !shown || shown[Number(message.id.split("m")[1])];
      message.hidden = !fits && !$(".message:not([hidden])", message);
    }
  }
  const query = view.query.toLowerCase();
  if (query) for (const folded of $$("details:not(.payload)", block.element)) if (folded.textContent.toLowerCase().includes(query)) folded.open = true;
}

function mark() {
  if (!("highlights" in CSS)) return;
  const query = view.query.toLowerCase();
  const ranges = [];
  for (const block of query ? view.blocks : []) {
    if (!block.drawn) continue;
    const walker = document.createTreeWalker(block.element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + query.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

view.clear = () => {
  $("#query").value = view.query = "";
  $("#filters").reset();
  searching += 1;
  setOrder(filtered());
  say();
  mark();
};

function finding() {
  buildFilters();
  buildLeast();
  view.whenDrawn.push(dress, () => { if (view.query) mark(); });
  let waiting;
  $("#query").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { view.query = event.target.value; apply(); }, 120);
  });
  $("#query").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    step(event.shiftKey ? -1 : 1);
    $("#query").focus({ preventScroll: true });
  });
  $("#filters").addEventListener("change", apply);
  $("#filters").addEventListener("submit", (event) => event.preventDefault());
  $("#clear").addEventListener("click", view.clear);
}

function buildIssues() {
  const { issues, codes } = view.index;
  const errors = issues.filter((issue) => codes[issue[2]][1] === "error").length;
  const title = issues.length ? `${counted(errors, "error")}, ${counted(issues.length - errors, "warning")}` : "No issues";
  $("#issues").append(make("h2", title));
  const groups = codes.map(([code, severity], c) => [code, severity, issues.filter((issue) => issue[2] === c)]);
  for (const [code, severity, mine] of groups.sort((a, b) => a[1].localeCompare(b[1]) || b[2].length - a[2].length)) {
    const group = make("details");
    const summary = make("summary", `${code} `);
    summary.append(make("span", number(mine.length), { className: `badge ${severity}`, title: severity }));
    const list = make("ol");
    group.append(summary, list);
    group.addEventListener("toggle", () => { if (group.open && !list.childElementCount) listIssues(list, mine, 0); });
    $("#issues").append(group);
  }
}

function listIssues(list, issues, start) {
  for (const [row, k, , path] of issues.slice(start, start + STEP)) {
    const link = make("a", "", { href: `#row=${row}&issue=${k}` });
    link.append(make("b", `row ${number(row)}`), make("span", path || "(row)"));
    list.append(make("li"));
    list.lastChild.append(link);
  }
  const left = issues.length - start - STEP;
  if (left <= 0) return;
  const button = make("button", `Show ${Math.min(STEP, left)} more`, { type: "button", className: "plain" });
  button.addEventListener("click", () => { button.parentElement.remove(); listIssues(list, issues, start + STEP); });
  list.append(make("li"));
  list.lastChild.append(button);
}
