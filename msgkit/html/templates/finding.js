// Filters, text search, the list of issues, and keys.
const GROUPS = ["role", "channel", "part", "code"];
const TITLES = { role: "Role", channel: "Channel", part: "Part type", code: "Issue code" };
const chosen = Object.fromEntries(GROUPS.map((group) => [group, new Set()]));
const STEP = 200;

const plain = (html) => html.replace(/<[^>]*>/g, " ")
  .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&#34;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, "&");

function textOf(row) {
  row.text ??= row.pieces.map((piece) => plain(JSON.parse(piece.data.textContent))).join(" ").toLowerCase();
  return row.text;
}

// A combination is [role, channel, [part types], [codes]]; a row has one for itself and one for each message.
const values = (combination, group) => [combination[GROUPS.indexOf(group)]].flat().filter((value) => value !== null);
const matches = (combination) => GROUPS.every((group) => !chosen[group].size || values(combination, group).some((value) => chosen[group].has(value)));

function buildFilters() {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, new Map()]));
  const uses = new Map();
  for (const row of view.index.rows) for (const k of row) uses.set(k, (uses.get(k) ?? 0) + 1);
  for (const [k, times] of uses)
    for (const group of GROUPS)
      for (const value of new Set(values(view.index.combinations[k], group)))
        counts[group].set(value, (counts[group].get(value) ?? 0) + times);
  for (const group of GROUPS) {
    if (!counts[group].size) continue;
    const set = make("fieldset");
    const chips = make("div");
    set.append(make("legend", TITLES[group]), chips);
    for (const [value, times] of [...counts[group]].sort((a, b) => b[1] - a[1])) {
      const label = make("label");
      label.append(make("input", "", { type: "checkbox", name: group, value }));
      label.append(make("bdi", value || "none"), make("span", times.toLocaleString("en")));
      chips.append(label);
    }
    $("#filters").append(set);
  }
}

function apply() {
  for (const group of GROUPS) chosen[group] = new Set([...$$(`input[name="${group}"]:checked`)].map((input) => input.value));
  const filtering = GROUPS.some((group) => chosen[group].size);
  const good = view.index.combinations.map(matches);
  const query = view.query.toLowerCase();
  let count = 0;
  view.rows.forEach((row, i) => {
    const [own, ...messages] = view.index.rows[i];
    row.shown = filtering ? messages.map((k) => good[k]) : null;
    row.element.hidden = (filtering && !good[own] && !row.shown.includes(true)) || (query !== "" && !textOf(row).includes(query));
    count += row.element.hidden ? 0 : 1;
    for (const piece of row.pieces) if (piece.drawn) dress(piece);
  });
  const all = view.rows.length;
  const rows = `row${all === 1 ? "" : "s"}`;
  $("#status").textContent = filtering || query ? `${count.toLocaleString("en")} of ${all.toLocaleString("en")} ${rows}` : `${all.toLocaleString("en")} ${rows}`;
  $("#none").hidden = count > 0;
  if (!all) $("#none").textContent = "There are no rows.";
  $("#show-filters").textContent = filtering ? `Filter (${GROUPS.reduce((sum, group) => sum + chosen[group].size, 0)})` : "Filter";
  mark();
}

// Hide the messages of a row that do not match; one that stands around a match stays.
function dress(piece) {
  const { shown } = piece.row;
  const all = [...$$(".message", piece.body)].reverse();
  for (const message of all) {
    const fits = !shown || shown[Number(message.dataset.index)];
    message.hidden = !fits && !$(".message:not([hidden])", message);
  }
  if (view.query) for (const rest of $$("details.rest", piece.body)) if (rest.textContent.toLowerCase().includes(view.query.toLowerCase())) rest.open = true;
}

function mark() {
  if (!("highlights" in CSS)) return;
  const query = view.query.toLowerCase();
  const ranges = [];
  for (const row of query ? view.rows : []) {
    for (const piece of row.pieces) {
      if (!piece.drawn || row.element.hidden) continue;
      const walker = document.createTreeWalker(piece.body, NodeFilter.SHOW_TEXT);
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
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

function clear() {
  $("#query").value = view.query = "";
  for (const input of $$("#filters input:checked")) input.checked = false;
  apply();
}

function buildIssues() {
  const { issues, codes } = view.index;
  const nav = $("#issues");
  const errors = issues.filter((issue) => codes[issue[1]][1] === "error").length;
  $("#show-issues").textContent = `Issues (${issues.length.toLocaleString("en")})`;
  nav.append(make("h2", issues.length ? `${errors.toLocaleString("en")} errors, ${(issues.length - errors).toLocaleString("en")} warnings` : "No issues"));
  codes.forEach(([code, severity], c) => {
    const mine = issues.filter((issue) => issue[1] === c);
    const group = make("details");
    const summary = make("summary", `${code} `);
    summary.append(make("span", mine.length.toLocaleString("en"), { className: `badge ${severity}`, title: severity }));
    const list = make("ol");
    group.append(summary, list);
    group.addEventListener("toggle", () => { if (group.open && !list.childElementCount) more(list, mine, 0); });
    nav.append(group);
  });
}

function more(list, issues, start) {
  for (const [id, , path] of issues.slice(start, start + STEP)) {
    const link = make("a", "", { href: `#${id}` });
    link.append(make("b", `row ${id.slice(1).split("i")[0]}`), make("span", path || "(row)"));
    list.append(make("li"));
    list.lastChild.append(link);
  }
  if (start + STEP >= issues.length) return;
  const button = make("button", `Show ${Math.min(STEP, issues.length - start - STEP)} more`, { type: "button", className: "plain" });
  button.addEventListener("click", () => { button.parentElement.remove(); more(list, issues, start + STEP); });
  list.append(make("li"));
  list.lastChild.append(button);
}

function toggle(button, panel) {
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) (panel.querySelector("input, summary") ?? panel).focus();
  });
}

// Where the reader is: the first row that reaches below the bar.
function current() {
  const shown = view.rows.filter((row) => !row.element.hidden);
  const low = Math.max(0, $(".bar").getBoundingClientRect().bottom) + 20;
  return [shown, shown.findIndex((row) => row.element.getBoundingClientRect().bottom > low)];
}

function step(by) {
  const [shown, at] = current();
  const next = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
  if (next) go(next.element.id);
}

let atIssue = -1;
function stepIssue(by) {
  const { issues } = view.index;
  if (!issues.length) return;
  atIssue = (atIssue + by + issues.length) % issues.length;
  go(issues[atIssue][0]);
}

function keys() {
  const acts = { "/": () => $("#query").focus(), j: () => step(1), k: () => step(-1), n: () => stepIssue(1), p: () => stepIssue(-1) };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, audio, video");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !$("#keys").checked || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
}

view.start = () => { adopt(); };
view.finish = () => {
  view.index = JSON.parse($("#index").textContent);
  adopt();
  view.clear = clear;
  view.whenDrawn.push(dress, () => { if (view.query) mark(); });
  buildFilters();
  buildIssues();
  toggle($("#show-filters"), $("#filters"));
  toggle($("#show-issues"), $("#issues"));
  large();
  measureBar();
  themes();
  folding();
  keys();
  let waiting;
  $("#query").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { view.query = event.target.value; apply(); }, 120);
  });
  $("#query").addEventListener("keydown", (event) => { if (event.key === "Enter") { step(event.shiftKey ? -1 : 1); $("#query").focus({ preventScroll: true }); } });
  $("#filters").addEventListener("change", apply);
  $("#filters").addEventListener("submit", (event) => event.preventDefault());
  $("#clear").addEventListener("click", clear);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#r"]');
    if (link) { event.preventDefault(); history.replaceState(null, "", link.hash); go(link.hash.slice(1)); }
  });
  addEventListener("hashchange", () => go(location.hash.slice(1)));
  apply();
  drawFirst();
  addEventListener("beforeprint", drawAll);
  if (/^#r\d/.test(location.hash)) go(location.hash.slice(1));
};
