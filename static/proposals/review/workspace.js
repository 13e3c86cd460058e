/* The list of proposals with its map and its evidence: opening rows beside the list, keys, ticks.
   Without this script each row is a link to its own page. */
(function () {
  "use strict";
  var space = document.getElementById("workspace");
  if (!space) return;
  var panes = document.getElementById("ws-panes"), evidence = document.getElementById("evidence");
  var said = document.getElementById("ws-said");
  var wide = window.matchMedia("(min-width: 1100px)");
  var isParsed = false;
  window.addEventListener("DOMContentLoaded", function () { isParsed = true; });

  function fit() {
    // on a laptop map, list and evidence fill what the window leaves below the filters
    if (!wide.matches) { panes.style.removeProperty("height"); return; }
    var top = panes.getBoundingClientRect().top + window.scrollY;
    panes.style.setProperty("height", Math.max(420, window.innerHeight - top - 10) + "px");
    tell("resized");
  }
  fit();
  window.addEventListener("resize", fit);
  document.getElementById("ws-filters").addEventListener("toggle", fit);

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("#ws-rows tbody tr")); }
  function current() { return document.querySelector("#ws-rows tr.is-open"); }
  function rowOf(id) { return document.getElementById("row-" + id); }
  function link(row) { return row.querySelector("th a"); }
  function tell(name, detail) { document.dispatchEvent(new CustomEvent("proposals:" + name, { detail: detail })); }

  function mark(row) {
    var old = current();
    if (old) { old.classList.remove("is-open"); old.removeAttribute("aria-selected"); }
    if (!row) return;
    row.classList.add("is-open");
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
  }

  /* `last`: the row that was decided just before, whose step the page offers to undo. */
  function addressOf(id, last) {
    var query = new URLSearchParams(space.dataset.here);
    if (id) query.set("row", id);
    if (last) query.set("last", last);
    return "?" + query.toString() + location.hash;
  }

  /* What is to do on the page to which a step or a key leads: open its first or last row, or take
     the focus that the page before had. Another page does nothing with it: whoever is asked before
     the page is left may stay. */
  var THEN = "portal-review-then";
  // what the step before said, for the page to which it led
  var TOLD = "portal-review-told";
  function go(address, then, told) {
    try {
      sessionStorage.setItem(THEN, JSON.stringify({ what: then, where: placeOf(address) }));
      sessionStorage.setItem(TOLD, JSON.stringify(told || []));
    } catch (_error) { /* the page opens as any other */ }
    location.assign(address);
  }
  function placeOf(address) {
    var place = new URL(address, location.href);
    return place.pathname + place.search;
  }
  function arrive() {
    var then = null, every = rows();
    try { then = JSON.parse(sessionStorage.getItem(THEN)); sessionStorage.removeItem(THEN); } catch (_error) { return; }
    if (!then || then.where !== placeOf(location.href)) return;
    if (then.what === "focus") { focusOpen(); tellAgain(); }
    else if (every.length) open(then.what === "first" ? every[0] : every[every.length - 1]);
  }
  function tellAgain() {
    var told = [];
    try { told = JSON.parse(sessionStorage.getItem(TOLD)) || []; sessionStorage.removeItem(TOLD); } catch (_error) { /* nothing is kept */ }
    told.slice().reverse().forEach(function (text) { note(text, "check"); });
  }
  /* A sentence at the top of the panel. */
  function note(text, kind) {
    var line = document.createElement("p");
    line.className = "note " + kind;
    line.setAttribute("role", kind === "fix" ? "alert" : "status");
    line.textContent = text;
    evidence.prepend(line);
    evidence.scrollTop = 0;
    return line;
  }
  function focusOpen() {
    if (current()) link(current()).focus({ preventScroll: true }); else evidence.focus();
  }
  function toList() {
    var row = current() || rows()[0];
    if (row) link(row).focus(); else evidence.focus();
  }

  /* `isRead`: the focus goes on to the evidence, else it stays in the list. */
  function open(row, isRead) { show(row.dataset.id, link(row).href, row, isRead); }

  /* The row whose evidence was asked for last. Until it is there, and where it does not come, a key
     decides nothing: what stands beside the list is the evidence of another row. */
  var wanted = idShown();
  function idShown() {
    var proposal = evidence.querySelector(".ws-proposal");
    return proposal ? proposal.dataset.id : "";
  }

  /* The row that this tab had open last, also on the page before: others see it as open until the
     tab opens another one, whatever other tabs of this person do. */
  var HELD = "portal-review-held", held = "0";
  try { held = sessionStorage.getItem(HELD) || "0"; } catch (_error) { /* it is free after a while */ }
  function hold() {
    held = idShown() || held;
    try { sessionStorage.setItem(HELD, held); } catch (_error) { /* as above */ }
  }
  if (idShown()) hold();

  /* Questions for the panel, one after the other: the last one asked is the one that stays. Rejects
     with the status where the answer is none. */
  var line = Promise.resolve(), asking = null;
  function ask(verb, address, values, sent) {
    keepTyped(sent);
    asking = sent;
    var how = { target: "#evidence", swap: "innerHTML", values: values, headers: { "X-Left": held } };
    return window.portal.loadFragment(verb, address, how).then(hold);
  }

  /* What is typed and not sent is kept for its row, until the page is left: then the browser asks. */
  var typed = {}, isLeaving = false, writing = null;
  function isTyped(field) {
    return field.value !== "";
  }
  function keepTyped(sent) {
    var id = idShown(), known = {};
    if (!id) return;
    evidence.querySelectorAll("form textarea, form.decide select").forEach(function (field) {
      if (field.id && field.form !== sent && isTyped(field)) known[field.id] = field.value;
    });
    if (Object.keys(known).length) typed[id] = known; else delete typed[id];
  }
  function restoreTyped() {
    var known = typed[idShown()] || {};
    Object.keys(known).forEach(function (name) {
      var field = document.getElementById(name), fold = field && field.closest("details");
      if (!field || !evidence.contains(field) || isTyped(field)) return;
      field.value = known[name];
      if (fold) fold.open = true;
    });
    writeOn();
  }
  /* Typing goes on while an answer is on its way: what it replaces is read once more, and whoever
     writes about the same row stays in the field. */
  evidence.addEventListener("htmx:beforeSwap", function (event) {
    var field = document.activeElement;
    if (event.target !== evidence) return;
    keepTyped(asking);
    var isWritten = field && evidence.contains(field) && field.matches("textarea, select") && field.form !== asking;
    writing = isWritten ? { row: idShown(), name: field.id, from: field.selectionStart, to: field.selectionEnd } : null;
  });
  function writeOn() {
    var field = writing && writing.row === idShown() && document.getElementById(writing.name);
    if (!field || !evidence.contains(field)) { writing = null; return; }
    if (field.closest("details")) field.closest("details").open = true;
    field.focus();
    if (field.tagName === "TEXTAREA") field.setSelectionRange(writing.from, writing.to);
  }
  window.addEventListener("beforeunload", function (event) {
    keepTyped(null);
    if (!isLeaving && Object.keys(typed).length) event.preventDefault();
    isLeaving = false;
  });

  /* The evidence of a row did not come: nothing else stands in its place. */
  function unshown(id, address, row) {
    evidence.textContent = "";
    var line = note(evidence.dataset.wordUnshown + " ", "fix"), again = document.createElement("button");
    again.type = "button";
    again.className = "act quiet";
    again.textContent = evidence.dataset.wordAgain;
    again.onclick = function () { show(id, address, row, true); };
    line.append(again);
    tell("closed");
  }
  /* A step was not answered: what was typed stays, and may be sent again. */
  function unsent(status) {
    evidence.querySelectorAll("[data-unsent], [data-said], [data-undecided]").forEach(function (old) { old.remove(); });
    var isCut = !Number(status);
    note(isCut ? evidence.dataset.wordCut : evidence.dataset.wordUnsent, "fix").dataset.unsent = "";
  }

  /* Evidence beside the list; a row that the page of the list does not have is told by the map. */
  function show(id, address, row, isRead) {
    var own = wanted = String(id);
    mark(row);
    history.replaceState(history.state, "", addressOf(id));
    space.classList.add("has-evidence");
    fit();
    line = line.then(function () {
      return wanted === own ? ask("GET", address) : null; // else another row was chosen meanwhile
    }).then(function () {
      if (!wanted) evidence.textContent = ""; // closed meanwhile
      if (!wanted || idShown() !== wanted) return;
      shown();
      said.textContent = titleShown();
      if (writing) return;
      if (isRead) evidence.focus(); else focusOpen();
    }).catch(function () { if (wanted === own) unshown(id, address, row); });
  }

  /* The row is free for others at once; where this does not arrive, after a while. */
  function free() {
    if (!navigator.sendBeacon || held === "0") return;
    var sent = new FormData();
    sent.append("csrfmiddlewaretoken", window.portal.csrfToken());
    navigator.sendBeacon(space.dataset.leave.replace("/0/", "/" + held + "/"), sent);
    held = "0";
    try { sessionStorage.setItem(HELD, held); } catch (_error) { /* as above */ }
  }

  function shut() {
    free();
    keepTyped(null);
    wanted = "";
    evidence.textContent = "";
    space.classList.remove("has-evidence");
    history.replaceState(history.state, "", addressOf(""));
    var row = current();
    mark(null);
    if (row) link(row).focus();
    tell("closed");
    fit();
  }

  /* The row in the panel, in words for a screen reader. */
  function titleShown() {
    var proposal = evidence.querySelector(".ws-proposal");
    return proposal ? proposal.dataset.title : "";
  }

  /* What to do once evidence is in the panel: its buttons, what was typed, the map. */
  function shown() {
    var close = evidence.querySelector("[data-close]");
    if (close) { close.hidden = false; close.onclick = shut; }
    restoreTyped();
    evidence.scrollTop = 0;
    var wrong = evidence.querySelector("[data-focus]");
    if (wrong) wrong.focus();
    tellOpened();
  }
  function tellOpened() {
    var proposal = evidence.querySelector(".ws-proposal");
    if (!proposal) return;
    var outlines = document.getElementById("evidence-outlines");
    tell("opened", {
      id: proposal.dataset.id, at: numbers(proposal.dataset.at), missed: numbers(proposal.dataset.missed),
      metres: proposal.dataset.metres, village: proposal.dataset.village,
      outlines: outlines ? JSON.parse(outlines.textContent) : null,
    });
  }

  function numbers(text) { return text ? text.split(",").map(Number) : null; }

  /* A step, an undo or a number sent from the panel; the answer is the next evidence. Until it is
     there a key takes no further step. */
  var isSending = false;
  evidence.addEventListener("submit", function (event) {
    var form = event.target;
    if (!wide.matches || form.method !== "post" || "wholePage" in form.dataset) { isLeaving = true; return; }
    event.preventDefault();
    if (isSending) return;
    var values = {}, data = new FormData(form, event.submitter), address = form.getAttribute("action"), before = wanted;
    data.forEach(function (value, name) { values[name] = value; });
    isSending = true;
    line = line.then(function () { return ask("POST", address, values, form); })
      .then(function () { isSending = false; decided(wanted === before); }, function (failed) {
        isSending = false;
        if (wanted === before) unsent(failed && failed.message); else said.textContent = evidence.dataset.wordUnsent;
      });
  });

  /* `isHere`: no other row was chosen while the step was sent, whose evidence then follows. */
  function decided(isHere) {
    var answer = evidence.querySelector("[data-said]");
    if (answer) {
      var told = Array.prototype.map.call(evidence.querySelectorAll("[data-undecided]"), words);
      said.textContent = [words(answer)].concat(told, titleShown()).join(" ");
      var status = document.getElementById("decided-status");
      keysOf(answer).concat(answer.dataset.decided).map(rowOf).filter(Boolean).forEach(function (row) {
        row.classList.add("is-decided");
        var chip = row.querySelector(".chip[class*='status-']");
        if (chip && status) chip.replaceWith(status.content.firstElementChild.cloneNode(true));
      });
      delete typed[answer.dataset.decided];
      var next = answer.dataset.next;
      tell("decided", { id: answer.dataset.decided });
      if (!isHere) return;
      if (next && !rowOf(next)) {
        // whoever is asked before the page is left, and stays, has the next row beside the old list
        wanted = idShown();
        mark(null);
        shown();
        go(addressOf(next, answer.dataset.decided), "focus", told);
        return;
      }
      mark(next ? rowOf(next) : null);
      history.replaceState(history.state, "", addressOf(next));
    }
    var proposal = evidence.querySelector(".ws-proposal");
    if (!answer && proposal) {
      var done = evidence.querySelector("[data-also]"), others = done ? keysOf(done) : [];
      others.concat(proposal.dataset.id).forEach(function (id) { undone(rowOf(id), proposal); });
      if (done) said.textContent = words(done);
    }
    if (!isHere) return;
    wanted = idShown();
    if (!answer && proposal) {
      mark(rowOf(proposal.dataset.id));
      history.replaceState(history.state, "", addressOf(proposal.dataset.id));
    }
    shown();
    if (!evidence.querySelector("[data-focus]") && !writing) focusOpen();
  }

  function words(element) { return element.textContent.trim(); }
  /* The rows of a family that were decided, or undone, together. */
  function keysOf(element) { return element.dataset.also ? element.dataset.also.split(",") : []; }

  /* The row of an evidence whose status is another one than its list says: its step was undone. */
  function undone(row, proposal) {
    var chip = row && row.querySelector(".chip[class*='status-']");
    var now = proposal.querySelector(".chip[class*='status-']");
    if (!chip || !now || chip.className === now.className) return;
    chip.replaceWith(now.cloneNode(true));
    row.classList.remove("is-decided");
    tell("decided", { id: proposal.dataset.id });
  }

  // another row of the same person or family, or at the same point, opens in the panel, too
  evidence.addEventListener("click", function (event) {
    var found = event.target.closest && event.target.closest("a[data-id]");
    if (!found || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(found.dataset.id, found.href, rowOf(found.dataset.id), true);
  });
  document.getElementById("ws-panes").addEventListener("click", function (event) {
    var row = event.target.closest && event.target.closest("#ws-rows tbody tr");
    if (!row || event.target.closest("input, label, button, details") || !wide.matches) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(row);
  });

  // --- list and map point at each other ---

  function point(event) {
    var row = event.target.closest && event.target.closest("#ws-rows tbody tr");
    tell("pointed", row ? { id: row.dataset.id, at: numbers(row.dataset.at) } : { id: "", at: null });
  }
  panes.addEventListener("mouseover", point);
  panes.addEventListener("focusin", point);
  document.addEventListener("proposals:hovered", function (event) {
    rows().forEach(function (row) {
      var isPointed = row.dataset.id === String(event.detail.id);
      row.classList.toggle("is-pointed", isPointed);
      if (isPointed) row.scrollIntoView({ block: "nearest" });
    });
  });
  document.addEventListener("proposals:picked", function (event) {
    var id = event.detail.id, row = rowOf(id), address = event.detail.address;
    if (!wide.matches) { if (address) location.assign(address); return; }
    show(id, row ? link(row).href : space.dataset.evidence.replace("/0/", "/" + id + "/") + "?" + space.dataset.here, row);
  });
  document.addEventListener("proposals:left", toList);
  document.addEventListener("proposals:replaced", function () {
    document.getElementById("ws-replaced").hidden = false;
    fit();
  });

  // --- ticks: kept over the pages of one filter, until a step is taken with them ---

  var TICKS = "portal-review-ticks";
  var all = document.getElementById("tick-all"), ticked = document.getElementById("ws-ticked");
  var chosen = new Set(keptTicks());
  function boxes() { return Array.prototype.slice.call(document.querySelectorAll("#ws-rows input[name=rows]")); }
  function keptTicks() {
    try {
      var kept = JSON.parse(sessionStorage.getItem(TICKS));
      return kept && kept.filter === space.dataset.filter ? kept.rows : [];
    } catch (_error) { return []; }
  }
  function keepTicks() {
    try {
      sessionStorage.setItem(TICKS, JSON.stringify({ filter: space.dataset.filter, rows: Array.from(chosen) }));
    } catch (_error) { /* without storage the ticks are those of this page */ }
  }
  function tick(box, isOn) {
    var most = Number(ticked.dataset.most);
    if (isOn && !chosen.has(box.value) && chosen.size >= most) said.textContent = ticked.dataset.wordMost;
    else if (isOn) chosen.add(box.value);
    else chosen.delete(box.value);
    box.checked = chosen.has(box.value);
  }
  var exported = document.getElementById("export-rows");
  /* The file is of the ticked rows while there are any, unless all are chosen. */
  function countExported() {
    if (!exported) return;
    var which = exported.querySelectorAll("input[name=which]");
    if (exported.hidden === Boolean(chosen.size)) which[chosen.size ? 0 : 1].checked = true;
    exported.hidden = !chosen.size;
    exported.querySelector("input[name=rows]").value = Array.from(chosen).join(",");
    document.getElementById("export-ticked").textContent = chosen.size;
  }
  function count() {
    var on = boxes().filter(function (box) { return box.checked; }).length, elsewhere = chosen.size - on;
    var others = document.getElementById("tick-elsewhere");
    document.getElementById("tick-count").textContent = chosen.size;
    others.textContent = elsewhere ? " " + ticked.dataset.wordElsewhere.replace("{n}", elsewhere) : "";
    ticked.hidden = !chosen.size;
    countExported();
    all.checked = on > 0 && on === boxes().length;
    all.indeterminate = on > 0 && !all.checked;
    keepTicks();
  }
  if (all && ticked) {
    all.hidden = false;
    boxes().forEach(function (box) { if (box.checked) chosen.add(box.value); box.checked = chosen.has(box.value); });
    all.addEventListener("change", function () {
      var isOn = all.checked;
      boxes().forEach(function (box) { tick(box, isOn); });
      count();
    });
    document.getElementById("ws-rows").addEventListener("change", function (event) {
      if (event.target.name === "rows") tick(event.target, event.target.checked);
      count();
    });
    document.getElementById("tick-none").addEventListener("click", function () {
      boxes().forEach(function (box) { tick(box, false); });
      chosen.clear();
      count();
    });
    document.getElementById("tick-export").addEventListener("click", function () {
      var menu = document.getElementById("ws-export");
      menu.open = true;
      menu.querySelector("summary").focus();
    });
    var found = document.getElementById("tick-found");
    if (found) {
      found.hidden = false;
      found.addEventListener("click", function () {
        found.dataset.rows.split(",").forEach(function (key) { if (chosen.size < Number(ticked.dataset.most)) chosen.add(key); });
        boxes().forEach(function (box) { box.checked = chosen.has(box.value); });
        count();
      });
    }
    document.getElementById("ws-ticks").addEventListener("submit", function (event) {
      // Enter on a tick presses the first button although it is hidden
      if (!chosen.size) { event.preventDefault(); return; }
      // those of all pages as one value: the address stays short
      var sent = document.createElement("input");
      sent.type = "hidden";
      sent.name = "rows";
      sent.value = Array.from(chosen).join(",");
      event.target.appendChild(sent);
      boxes().forEach(function (box) { box.disabled = true; });
      chosen.clear();
      keepTicks();
    });
    // back from the page of the step: the ticks are gone with it
    window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
    count();
  }

  // --- keys ---

  var dialog = document.getElementById("ws-keys");
  function typing(target) {
    return Boolean(target.closest("input, select, textarea, [contenteditable]"));
  }
  function step(key) {
    var button = evidence.querySelector('[data-key="' + key + '"]');
    if (!button || isSending || idShown() !== wanted) return;
    if (button.tagName === "SUMMARY") {
      button.parentElement.open = true;
      var first = button.parentElement.querySelector("select, textarea");
      if (first) first.focus();
    } else button.click();
  }
  /* To the evidence of the row in the list that has the focus, or of the open one. */
  function read(target) {
    var row = target.closest("#ws-rows tbody tr") || current();
    if (row && (row !== current() || idShown() !== row.dataset.id)) open(row, true);
    else if (idShown()) evidence.focus();
  }
  function move(by) {
    var every = rows(), at = every.indexOf(current()), next = every[at + by];
    // the walk begins at a row that nobody else has open
    if (at < 0) next = every.filter(function (row) { return !row.dataset.taken; })[0] || every[0];
    if (next) { open(next); return; }
    var page = document.querySelector(".ws-list .pages a[rel=" + (by > 0 ? "next" : "prev") + "]");
    if (page) go(page.href, by > 0 ? "first" : "last");
  }
  var KEYS = {
    j: function () { move(1); }, ArrowDown: function () { move(1); },
    k: function () { move(-1); }, ArrowUp: function () { move(-1); },
    l: function () { move(1); },
    v: function () { step("v"); }, b: function () { step("b"); },
    t: function () { step("t"); }, r: function () { step("t"); }, u: function () { step("u"); },
    x: function () {
      var box = current() && current().querySelector("input[name=rows]");
      if (box) { tick(box, !box.checked); count(); }
    },
    m: function () { var map = document.getElementById(space.dataset.map); if (map) map.focus(); },
    z: function () { tell("zoom"); },
    p: function () { tell("photo"); },
    "/": function () { document.getElementById("ws-words").focus(); },
    "?": function () { dialog.showModal(); },
    Enter: read,
    Escape: toList,
  };
  /* Enter presses what has the focus, but for the name of a row; Escape leads back from the evidence
     and from what is written there. */
  function isOwn(key, target) {
    if (key === "Enter") return wide.matches && (target === document.body || target === evidence || Boolean(target.closest("#ws-rows th a")));
    if (key === "Escape") return evidence.contains(target) && !target.matches("select, input");
    return !typing(target);
  }
  // keys that walk may be held down; a held key decides once
  var WALKS = ["j", "k", "l", "ArrowDown", "ArrowUp"];
  // to the evidence and back also where the letters are switched off
  var ALWAYS = ["Enter", "Escape"], isOff = space.dataset.keys === "off";
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    var target = event.target;
    if (dialog.open) return;
    if (!target.closest(".ws-list, .ws-evidence") && target !== document.body) return;
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key, act = KEYS[key];
    if (!act || (isOff && ALWAYS.indexOf(key) < 0) || !isOwn(key, target)) return;
    event.preventDefault();
    if (!event.repeat || WALKS.indexOf(key) >= 0) act(target);
  });

  /* The map's scripts, in their order, once there is room for the map. */
  function loadMap() {
    var holder = document.getElementById("ws-map-scripts");
    if (!holder || !(wide.matches || space.classList.contains("shows-map"))) return;
    holder.remove();
    Array.prototype.slice.call(holder.content.querySelectorAll("script")).reduce(function (before, known) {
      return before.then(function () { return loadOne(known); });
    }, Promise.resolve()).then(function () {
      // the loader of the map waits for the end of the page's text, which may be over
      var begin = window["loadmap" + space.dataset.map];
      if (begin && isParsed) begin();
    }).catch(unloaded);
  }
  function loadOne(known) {
    return new Promise(function (done, failed) {
      var script = document.createElement("script");
      if (known.type) script.type = known.type; // data for a script that follows
      if (known.id) script.id = known.id;
      script.nonce = known.nonce || known.getAttribute("nonce") || "";
      if (known.src) { script.src = known.src; script.onload = done; script.onerror = failed; }
      else script.textContent = known.textContent;
      document.body.appendChild(script);
      if (!known.src) done();
    });
  }
  /* Without a script of the map the list and the panel have everything. */
  function unloaded() {
    var place = document.getElementById(space.dataset.map);
    if (!place) return;
    var told = document.createElement("p"), again = document.createElement("button");
    told.className = "note check";
    told.setAttribute("role", "status");
    told.textContent = place.dataset.wordUnloaded + " ";
    again.type = "button";
    again.className = "act quiet";
    again.textContent = evidence.dataset.wordAgain;
    again.onclick = function () { location.reload(); };
    told.append(again);
    place.replaceChildren(told);
  }
  loadMap();
  wide.addEventListener("change", function () { loadMap(); fit(); });

  // the counts of the opened filter did not come: this is said, and asked again
  var filters = document.getElementById("ws-filters");
  filters.addEventListener("htmx:afterRequest", function (event) {
    var again = document.createElement("button"), uncounted = document.getElementById("ws-uncounted");
    if (event.target !== filters) return;
    filters.toggleAttribute("data-uncounted", !event.detail.successful);
    if (event.detail.successful) {
      if (uncounted.querySelector("button")) uncounted.textContent = "";
      return;
    }
    uncounted.textContent = filters.dataset.wordUncounted + " ";
    again.type = "button";
    again.className = "act quiet";
    again.textContent = evidence.dataset.wordAgain;
    again.onclick = function () { window.htmx.trigger(filters, "again"); };
    uncounted.append(again);
  });
  filters.addEventListener("toggle", function () {
    if (filters.open && filters.hasAttribute("data-uncounted")) window.htmx.trigger(filters, "again");
  });

  if (evidence.querySelector(".ws-proposal")) {
    shown();
    document.addEventListener("proposals:ready", tellOpened);
    if (current()) current().scrollIntoView({ block: "nearest" });
  }
  // htmx is a deferred script
  if (window.htmx) arrive(); else document.addEventListener("DOMContentLoaded", arrive);
})();
