// Keys, links, copies, enlarged images, payloads, and how the page looks.
function step(by) {
  const at = (here ?? current())?.place ?? 0;
  const next = view.order[Math.min(Math.max(at + by, 0), view.order.length - 1)];
  if (next) go(next);
}

let lastIssue = null;
function stepIssue(by) {
  const place = ([row]) => view.byNumber.get(row).place;
  const issues = view.index.issues.filter((issue) => place(issue) >= 0).sort((a, b) => place(a) - place(b));
  if (!issues.length) return;
  const at = issues.indexOf(lastIssue);
  lastIssue = issues[at < 0 ? (by > 0 ? 0 : issues.length - 1) : (at + by + issues.length) % issues.length];
  const [row, k] = lastIssue;
  go(view.byNumber.get(row), `r${row}i${k}`);
}

function keys() {
  const acts = {
    "/": () => $("#query").focus(),
    "?": () => $("#help").showModal(),
    j: () => step(1),
    k: () => step(-1),
    n: () => stepIssue(1),
    p: () => stepIssue(-1),
    f: () => toggle("filters", $("#filters").hidden),
    r: () => press($("#fold")),
    t: () => press($("#raw")),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, audio, video");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !$("#keys").checked || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
}

function toggle(name, shown) {
  const panel = $(`#${name}`);
  panel.hidden = !shown;
  $(`#show-${name}`).ariaExpanded = String(shown);
  if (shown) (panel.querySelector("input, summary") ?? panel).focus();
}

function sides(name) {
  for (const one of ["rows-side", "issues"]) $(`#${one}`).hidden = one !== name;
  $("#show-list").ariaPressed = String(name === "rows-side");
  $("#show-issues").ariaPressed = String(name === "issues");
  drawList();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  $("#said").textContent = `Copied: ${text}`;
  clearTimeout(copy.waiting);
  copy.waiting = setTimeout(() => { $("#said").textContent = ""; }, 2_500);
}

// Buttons that every row, message, issue and source of media has.
function addTools(block) {
  const button = (text, data, of, name = "") => {
    const one = make("button", text, { type: "button", className: `quiet ${name}`, ariaLabel: `${text} ${of}` });
    Object.assign(one.dataset, data);
    return one;
  };
  for (const header of $$(".row > header, .message > header", block.element)) {
    const box = make("span", "", { className: "tools" });
    const place = header.parentElement;
    const [row, message] = place.id.slice(1).split("m");
    if (message && [...$$(".md", place)].some((one) => one.closest(".message") === place)) {
      box.append(button("Raw", {}, `text of message ${message}`, "raw-one"));
      box.lastChild.ariaPressed = "false";
    }
    box.append(button("Copy link", { link: `#row=${row}${message ? `&message=${message}` : ""}` }, message ? `to message ${message}` : `to row ${row}`));
    const tokens = $(".tokens", header);
    if (tokens) box.append(tokens);
    header.append(box);
  }
  for (const code of $$(".at code:not(.row-itself), .source", block.element)) code.after(" ", button("Copy path", { copy: code.textContent }, code.textContent));
}

function clicks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#row="]');
    if (link) {
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      goToHash();
    }
    const button = event.target.closest?.("button");
    if (button?.dataset.copy !== undefined) copy(button.dataset.copy);
    if (button?.dataset.link !== undefined) {
      history.replaceState(null, "", button.dataset.link);
      copy(location.href);
    }
    if (button?.matches(".raw-one")) {
      button.ariaPressed = String(button.ariaPressed !== "true");
      button.closest(".message").classList.toggle("raw-text", button.ariaPressed === "true");
    }
    if (button?.matches(".enlarge")) enlarge(button);
  });
}

function enlarge(button) {
  const dialog = $("#large");
  const image = $("img", dialog);
  image.src = $("img", button).src;
  image.alt = $("img", button).alt;
  $("span", dialog).textContent = $("figcaption", button.parentElement).dataset.facts;
  dialog.classList.remove("full");
  dialog.showModal();
  $("#close").focus();
}

function dialogs() {
  const large = $("#large");
  $("#natural").addEventListener("click", () => large.classList.toggle("full"));
  large.addEventListener("close", () => $("img", large).removeAttribute("src"));
  for (const dialog of $$("dialog")) {
    $(".close", dialog).addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  $("#show-help").addEventListener("click", () => $("#help").showModal());
}

// Payloads are packed; they are unpacked when they are asked for.
async function unpack(details) {
  const box = $(".code", details);
  if (box.textContent) return;
  const packed = Uint8Array.from(atob(document.getElementById(`payload-${details.dataset.row}`).textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  box.textContent = JSON.parse(await new Response(stream).text())[details.dataset.name];
  box.tabIndex = 0;
}

function themes() {
  const names = ["system", "light", "dark"];
  let at = 0;
  $("#theme").addEventListener("click", (event) => {
    at = (at + 1) % names.length;
    document.documentElement.dataset.theme = names[at];
    event.target.ariaLabel = event.target.title = `Theme: ${names[at]}`;
  });
}

function press(button) {
  button.ariaPressed = String(button.ariaPressed !== "true");
  button.dispatchEvent(new Event("press"));
}

function folding() {
  const isOpen = () => $("#fold").ariaPressed === "true";
  const fold = (root) => { for (const thought of $$("details.thought", root)) thought.open = isOpen(); };
  view.whenDrawn.push((block) => { if (isOpen()) fold(block.element); });
  for (const button of $$("#fold, #raw")) button.addEventListener("click", () => press(button));
  $("#fold").addEventListener("press", () => fold(document));
  $("#raw").addEventListener("press", () => document.body.classList.toggle("raw-text", $("#raw").ariaPressed === "true"));
}

function acting() {
  view.whenDrawn.push(addTools);
  keys();
  clicks();
  dialogs();
  themes();
  folding();
  $("#to-list").addEventListener("click", () => { scrollTo(0, 0); $("#list").focus({ preventScroll: true }); });
  $("#previous").addEventListener("click", () => step(-1));
  $("#next").addEventListener("click", () => step(1));
  $("#show-filters").addEventListener("click", () => toggle("filters", $("#filters").hidden));
  $("#show-list").addEventListener("click", () => sides("rows-side"));
  $("#show-issues").addEventListener("click", () => sides("issues"));
  document.addEventListener("toggle", (event) => { if (event.target.open && event.target.matches?.(".payload")) unpack(event.target); }, true);
  const bar = $(".bar");
  new ResizeObserver(() => document.body.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  addEventListener("hashchange", goToHash);
  addEventListener("beforeprint", drawAll);
}

// The first rows do not wait for the others.
view.start = () => {
  document.body.classList.add("live");
  adopt();
  view.order = [...view.rows];
  layOut();
  drawFirst();
};

view.finish = () => {
  document.body.classList.add("live");
  adopt();
  readIndex();
  finding();
  buildIssues();
  listing();
  acting();
  if (view.index.issues.length) $("#show-issues").textContent = `Issues ${number(view.index.issues.length)}`;
  $("#show-list").textContent = `Rows ${number(view.rows.length)}`;
  setOrder(filtered(), 2);
  fillThumbnails();
  say();
  goToHash();
};
